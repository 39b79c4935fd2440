"""Whether two names are one person's: the one comparison of `author:`, author pages, subscriptions, muting and merging.

A name is compared by keys, so that an index finds it: `known_keys` are those of an author of a paper, `wanted_keys`
those of a name that somebody typed, and they are the same person when the two have a key in common. So

- family names agree, whatever their accents, strokes, hyphens, apostrophes and particles;
- first names agree, or one is the initial of the other; middle names agree by their initials, as far as both have them;
- a family name alone stands for everybody of that name, and a group is known by its words without "the".

A key is `jane q doe`: first name, initials of the middle names, family name. In those of authors, `j.` instead of `j`
says that no more than the initial is known, and `jane/ doe` that no more given names are. Pure.
"""

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import Final

from shared.papers.name_parts import Given, Reading, clean, eastern, group, plain, readings, turned, without_ending

MAX_MIDDLE: Final = 3
"""Initials of middle names that are compared."""
MAX_KEYS: Final = 64
"""Keys of one name."""
Head = tuple[str, str]  # a first name, an initial or an unspecific initial, and the initials of what follows


@lru_cache(maxsize=65_536)
def known_keys(name: str) -> tuple[str, ...]:
    """Return the keys of an author of a paper, the plainest first; none for a name without letters."""
    if found := plain(name):  # most names: a grammar takes ten times as long
        return _plain_keys(*found)
    if words := eastern(clean(name)):
        joined = "".join(words)
        return _first((joined, joined[0]))
    if text := group(name):
        parts = [text, *filter(None, map(group, name.split(",")))]  # "Gemini Team, Google" is the Gemini Team
        return _first(key for part in parts for key in (part, without_ending(part)))
    return _first(key for reading in readings(clean(name)) for key in _known(reading))


@lru_cache(maxsize=65_536)
def wanted_keys(name: str) -> tuple[str, ...]:
    """Return the keys that find a name; one of them is enough. None for a name without letters."""
    if words := eastern(clean(name)):
        return _first(("".join(words), "".join(reversed(words))))
    if text := group(name):
        return _first((text,))
    cleaned = clean(name)
    likely = (key for reading in readings(cleaned) for key in _wanted(reading, _wanted_heads(reading.given)))
    other = (key for reading in turned(cleaned) for key in _wanted(reading, _full_heads(reading.given)))
    return _first((*likely, *other))


def person_key(name: str) -> str:
    """Return the plainest key of a name, the same for "Jane Doe" and "Doe, Jane"; empty without letters."""
    return next(iter(wanted_keys(name)), "")


def same_person(one: str, other: str) -> bool:
    """Return whether two names may be one person's: each is tried as the one that is looked for."""
    return is_among(one, known_keys(other)) or is_among(other, known_keys(one))


def is_among(name: str, keys: Container[str]) -> bool:
    """Return whether a name is that of one of the authors who have these keys."""
    return any(key in keys for key in wanted_keys(name))


def _plain_keys(first: str, middle: str, last: str) -> tuple[str, ...]:
    if not middle:
        return f"{first} {last}", f"{first}/ {last}", f"{first[0]} {last}", f"{first[0]}/ {last}", last
    heads = ((head, f"{head} {middle}", f"{head} {middle}/") for head in (first, first[0]))
    return (*(f"{given} {last}" for some in heads for given in some), last)


def _first(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, keys)))[:MAX_KEYS]


def _known(reading: Reading) -> Iterator[str]:
    families = (*reading.family.full, *reading.family.short)
    for given in _known_given(reading.given):
        yield from (f"{given} {family}" for family in families)
    if reading.alone:
        yield from families
    yield " ".join(reading.compound)  # as García Muster is typed: like a first name and a family name


def _known_given(given: tuple[Given, ...]) -> Iterator[str]:
    heads = list(_full_heads(given))
    if given:
        heads.append(_initial(given))
    if given and not given[0].words:
        first, rest = _initial(given)
        heads.append((f"{first}.", rest))
    for first, rest in heads:
        yield from (f"{first} {rest[:length]}".rstrip() for length in range(len(rest) + 1))
        yield f"{first} {rest}".rstrip() + "/"


def _wanted(reading: Reading, heads: Iterable[Head]) -> Iterator[str]:
    for first, rest in heads:
        for family in reading.family.full:
            yield " ".join(filter(None, (first, rest, family)))
            yield from (f"{f'{first} {rest[:length]}'.rstrip()}/ {family}" for length in range(len(rest)))
    if not reading.given:
        yield from reading.family.full


def _wanted_heads(given: tuple[Given, ...]) -> Iterator[Head]:
    yield from _full_heads(given)
    if given:
        first, rest = _initial(given)
        yield (f"{first}." if given[0].words else first), rest


def _full_heads(given: tuple[Given, ...]) -> Iterator[Head]:
    """Yield the first name in full, also with the second one as one word: Jean Pierre is Jean-Pierre."""
    if not given:
        return
    first, rest = given[0], given[1:]
    yield from ((word, _initials(rest)) for word in first.words)
    if rest:
        yield from ((word + more, _initials(rest[1:])) for word in first.words for more in rest[0].words)


def _initial(given: tuple[Given, ...]) -> Head:
    letters = "".join(name.initials for name in given)
    return letters[:1], letters[1 : 1 + MAX_MIDDLE]


def _initials(given: tuple[Given, ...]) -> str:
    return "".join(name.initials for name in given)[:MAX_MIDDLE]
