"""The parts of a person's name as it is written: given names and a family name, in each way that it can be read. Pure.

The grammar reads "Jan van der Berg", "Berg, Jan van der", "J. van der Berg", "van der Berg J" and "Doe, J., Jr.". Words
that are no names by themselves (particles, suffixes, words of groups) are in `name_words.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from itertools import islice, product
from typing import Final

from shared.papers.bounds import MAX_AUTHOR
from shared.text.letters import fold_letters

MAX_WORDS: Final = 12
"""Words of a name that are read."""
MAX_SPELLINGS: Final = 9
"""Spellings of a name of several words: with many umlauts there would be thousands."""
_LISTS: Final = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(
        resources.files(__package__).joinpath("name_words.toml").read_text("utf-8")
    ).items()
}
PARTICLES: Final = _LISTS["particles"]
SUFFIXES: Final = _LISTS["suffixes"]
COMPOUNDS: Final = _LISTS["compounds"]
GROUPS: Final = _LISTS["groups"]
_SPECIAL: Final = frozenset().union(*_LISTS.values())
_PLAIN: Final = re.compile(r"([A-Z][a-z]{3,40})(?: ([A-Z])\.)? ([A-Z][a-z]{3,40})")
_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u02bb\u02bc\u02b9\u0060\u00b4\u2032\uff07]")
_ASIDE = re.compile(r"\([^()]*\)")
_HYPHENS = re.compile("[-\u2010-\u2015\u2212.]")
_BREAK = re.compile(r"[^\w\s,.\-\u2010-\u2015\u2212]|_")
_GROUP = re.compile(r"\d|&|.\b(?:[Aa]nd|[Ff]or|[Oo]f|[Tt]he|[Uu]nd)\b.|^the\b|^The [A-Z]{3,}\b")
_SYMBOLS = re.compile(r"[^\w]+")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\\s]+")
_NO_VOWEL = re.compile("(?!ng)[b-df-hj-np-tv-xz]{2,3}")
_LONGEST_PACK = 3
"""Initials without periods: JRR."""
_DIGRAPHS: Final = tuple(
    str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": ring, "Ä": "ae", "Ö": "oe", "Ü": "ue", "Ø": "oe",
                   "Å": ring})
    for ring in ("a", "aa")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A given name: its spellings, none where only initials are known, and the initials of its parts."""

    words: tuple[str, ...]
    initials: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family name: what it is called in full, and what it is called in short. A word may have several spellings."""

    full: tuple[str, ...]
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name."""

    given: tuple[Given, ...]
    family: Family
    compound: tuple[str, ...] = ()
    """The two words of a family name that has two, particles left out."""
    alone: bool = True
    """Whether the family name alone may stand for the name."""


def clean(name: str) -> str:
    """Return a name without apostrophes, asides and signs that are no part of it."""
    text = _ASIDE.sub(" ", _APOSTROPHES.sub("", name[:MAX_AUTHOR]))
    return " ".join(_BREAK.sub(" ", text).split())


def plain(name: str) -> tuple[str, str, str] | None:
    """Return first name, middle initial and family name of one such as "Jane Q. Doe"; None for what needs a grammar."""
    found = _PLAIN.fullmatch(name)
    if found is None:
        return None
    first, middle, last = found[1].lower(), (found[2] or "").lower(), found[3].lower()
    return None if first in _SPECIAL or last in _SPECIAL else (first, middle, last)


def group(name: str) -> str | None:
    """Return how the name of a group compares: its words, without "the"; None for a person."""
    text = _SYMBOLS.sub(" ", fold_letters(_APOSTROPHES.sub("", name[:MAX_AUTHOR]))).strip()
    text = text.replace("organisation", "organization")
    if GROUPS.isdisjoint(text.split()) and not _GROUP.search(name[:MAX_AUTHOR]):
        return None
    return text.removeprefix("the ") or None


def without_ending(text: str) -> str:
    """Return what a group is called in short: atlas collaboration → atlas."""
    first, _, last = text.rpartition(" ")
    return first if last in _LISTS["endings"] else text


def eastern(name: str) -> tuple[str, ...]:
    """Return the words of a name in Chinese, Japanese or Korean script, and none for another name."""
    return tuple(fold_letters(name).split()) if _EASTERN.fullmatch(name) else ()


def readings(name: str) -> list[Reading]:
    """Return the ways to read a cleaned name, the most likely first; none where it has no letters."""
    before, *after = [part for part in name.split(",") if not is_suffix(part)] or [""]
    first, rest = _words(before), [word for part in after for word in _words(part)]
    if not rest:
        return _in_one(first)
    while rest and fold_letters(rest[-1]) in PARTICLES and len(rest) > 1:  # Berg, Jan van der
        first.insert(0, rest.pop())
    return [Reading(_given(rest, first + rest), family(first), _two(first))]


def turned(name: str) -> list[Reading]:
    """Return the readings of a name in the other order, "Doe Jane", where it has no initials."""
    words = [] if "," in name else _words(name)
    if len(words) < 2 or any(_is_initials(word, []) for word in words):  # noqa: PLR2004  # one name only
        return []
    found = [Reading(_given(words[1:], []), family(words[:1]))]
    if len(words) > 2:  # noqa: PLR2004  # van der Berg Jan
        found.append(Reading(_given(words[-1:], []), family(words[:-1])))
    return found


def family(words: list[str]) -> Family:
    """Return a family name of some words, as its words together; in short without particles, or a part of it."""
    parts = [part for word in words for part in _HYPHENS.split(word) if part]
    spelled = [spellings(part) for part in parts]
    starts = [_joined(spelled[start:]) for start in range(len(parts))]
    short = [text for texts in starts[1:] for text in texts]
    names = [at for at, part in enumerate(parts) if fold_letters(part) not in PARTICLES]
    if len(names) > 1 and (len(words) == 1 or fold_letters(parts[names[0]]) in COMPOUNDS or len(words) == len(parts)):
        short += spelled[names[0]]  # García of García Muster
    return Family(starts[0] if starts else (), tuple(dict.fromkeys(short)))


def spellings(word: str) -> tuple[str, ...]:
    """Return the plain spellings of a word: müller → muller, mueller."""
    plain = fold_letters(word)
    if word.isascii():
        return (plain,)
    return tuple(dict.fromkeys((plain, *(fold_letters(word.translate(table)) for table in _DIGRAPHS))))


def _in_one(words: list[str]) -> list[Reading]:
    """Read a name without a comma."""
    if len(words) < 2:  # noqa: PLR2004  # one name only
        return [Reading((), family(words))] if words else []
    found = []
    tail = next((at for at, word in enumerate(words) if _is_initials(word, words)), len(words))
    if tail > 0 and all(_is_initials(word, words) for word in words[tail:]) and tail < len(words):  # Doe J Q
        found.append(Reading(_given(words[tail:], words), family(words[:tail]), _two(words[:tail])))
        if tail > 1 or len(words) > tail + 1 or "." in words[-1]:
            return found
    for at in _particles(words):
        found.append(Reading(_given(words[:at], words), family(words[at:]), _two(words[at:])))
        if at and fold_letters(words[at]) not in _LISTS["initials"]:
            return found
    found.append(Reading(_given(words[:-1], words), family(words[-1:]), _two(words[-1:])))
    if len(words) > 2 and not _is_initials(words[-2], words):  # noqa: PLR2004  # Gabriel García Muster
        pair = words[-2:]
        known = fold_letters(words[-2]) in COMPOUNDS
        both = family(pair)
        both = both if known else Family(both.full)
        found.append(Reading(_given(words[:-2], words), both, _two(pair) if known else (), alone=known))
    return found


def _particles(words: list[str]) -> list[int]:
    """Return where a family name with particles may begin; the first word may be a given name: Van Nguyen."""
    places = [at for at, word in enumerate(words[:-1]) if fold_letters(word) in PARTICLES]
    first = places[:1] + [at for at in places[1:2] if places[0] == 0]
    return [at - 1 if at and fold_letters(words[at]) == "y" else at for at in first]  # Ramón y Cajal


def _two(words: list[str]) -> tuple[str, ...]:
    """Return the two words of a family name that has two."""
    parts = words if len(words) > 1 else [part for word in words for part in _HYPHENS.split(word) if part]
    names = [part for part in parts if fold_letters(part) not in PARTICLES]
    return tuple(fold_letters(_HYPHENS.sub("", name)) for name in names) if len(names) == 2 else ()  # noqa: PLR2004


def _words(text: str) -> list[str]:
    words = [word for word in text.split() if any(map(str.isalpha, word))][:MAX_WORDS]
    while len(words) > 1 and is_suffix(words[-1]):
        words.pop()
    while len(words) > 2 and fold_letters(words[0]).rstrip(".") in _LISTS["titles"]:  # noqa: PLR2004  # Dr. Jane Doe
        del words[0]
    return words


def is_suffix(text: str) -> bool:
    """Return whether a text is a suffix of a name: Jr., III, PhD."""
    return fold_letters(text).replace(".", "").strip() in SUFFIXES


def _given(words: list[str], among: list[str]) -> tuple[Given, ...]:
    return tuple(_one_given(word, among) for word in words)


def _one_given(word: str, among: list[str]) -> Given:
    parts = [part for part in _HYPHENS.split(word) if part]
    if _is_initials(word, among):
        letters = "".join(parts)
        shortened = len(parts) == 1 and not letters.isupper() and len(letters) > 1 and "." in word  # Ph.
        return Given((), fold_letters(letters[:1] if shortened else letters))
    return Given(_joined([spellings(part) for part in parts]), "".join(fold_letters(part)[:1] for part in parts))


def _is_initials(word: str, among: list[str]) -> bool:
    """Return whether a word is initials: J., J.-P., JP beside a name in small letters, jp; or shortened: Ph."""
    parts = [part for part in _HYPHENS.split(word) if part]
    if all(len(part) == 1 for part in parts):
        return True
    if len(parts) > 1 or len(parts[0]) > _LONGEST_PACK:
        return False
    mixed = any(letter.islower() for other in among for letter in other)
    return word.endswith(".") or (parts[0].isupper() and mixed) or bool(_NO_VOWEL.fullmatch(parts[0]))


def _joined(spelled: list[tuple[str, ...]]) -> tuple[str, ...]:
    parts = product(*(words[:3] for words in spelled[:MAX_WORDS]))
    return tuple(dict.fromkeys("".join(each) for each in islice(parts, MAX_SPELLINGS)))
