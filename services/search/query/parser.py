"""What was asked: the words that rank, and what every result must be or must not be.

    attention -recurrent "long documents" author:"Jane Doe" cat:cs.CL title:survey after:2023-06 has:code

Hints: author, cat, title, id, source, year (2024 or 2021-2024), after (on its first day or later), before (earlier
than its first day), has:code. A minus before a word, a phrase or a hint turns it around. Several hints of one kind mean
any of them; phrases and titles must all hold. What cannot be read as more is words: anything is a query.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from services.search.query.dates import span
from shared.papers.names import author_keys, canonical_id, looks_like_id

MOST_CONDITIONS = 32
"""Hints, phrases and excluded words of one query: each costs the engine time, and nobody types more."""
_LONGEST_YEARS = 100
_QUOTES = str.maketrans("“”„", '"""')
# Marks that hide or turn the reading direction around: they are no part of any word.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# One term: a phrase in double quotes, or a word, with a hint or a minus before it; a quote never closed is dropped.
_TERM = re.compile(r'(?P<minus>-)?(?:(?P<hint>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_WORD = re.compile(r"\w")


class QueryError(ValueError):
    """The query asks for what cannot be. The text says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What every result must be. Of several values in one field any is enough; all fields must hold."""

    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # keys, as `names.author_keys` gives them
    sources: tuple[str, ...] = ()
    since: date | None = None  # days are inclusive, in UTC
    until: date | None = None
    has_code: bool | None = None
    phrases: tuple[str, ...] = ()  # all must be in the title or the abstract
    titles: tuple[str, ...] = ()  # all must be in the title
    ids: tuple[str, ...] = ()  # canonical ones
    years: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether they leave anything out."""
        return any(getattr(self, field.name) not in ((), None) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. `text` ranks; when it is empty, nothing does."""

    text: str = ""
    wanted: Filters = Filters()
    unwanted: Filters = Filters()  # no result may be any of this


def parse(text: str) -> Query:
    """Read the text of a query.

    Raises:
        QueryError: its dates contradict each other, or it has too many conditions.

    """
    text = _UNSEEN.sub("", text).strip()
    if looks_like_id(text):
        return Query(wanted=Filters(ids=(canonical_id(text),)))
    reading = _Reading()
    for term in _TERM.finditer(text.translate(_QUOTES)):
        reading.take(term)
    return reading.query()


def check_dates(*filters: Filters) -> None:
    """Raise QueryError when no day can satisfy all filters."""
    since = max((each.since for each in filters if each.since), default=None)
    until = min((each.until for each in filters if each.until), default=None)
    if since and until and since > until:
        raise QueryError(f"The dates contradict each other: nothing is both from {since} on and until {until}.")


Values = dict[str, dict[Any, None]]  # field → values, each once, in their order


class _Reading:
    """Collects the parts of one query."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._wanted: Values = defaultdict(dict)
        self._unwanted: Values = defaultdict(dict)

    def take(self, term: re.Match[str]) -> None:
        value = " ".join((term["phrase"] if term["word"] is None else term["word"]).split())
        if term["hint"]:
            if not self._hinted(term["hint"].lower(), value, minus=bool(term["minus"])):
                self._words.append(term[0].replace('"', ""))
            return
        if term["minus"] and _WORD.search(value):
            self._unwanted["phrases"][value] = None
            return
        if term["phrase"] is not None and _WORD.search(value):
            self._wanted["phrases"][value] = None
        self._words.append(("-" if term["minus"] else "") + value)

    def _hinted(self, hint: str, value: str, *, minus: bool) -> bool:
        """Note a hint; False when it is none that we know, or its value cannot be read."""
        if minus and hint in _OPPOSITE:
            hint, minus = _OPPOSITE[hint], False
        read = _HINTS.get(hint)
        found = read(value) if read else None
        if found is None:
            return False
        field, values = found
        (self._unwanted if minus else self._wanted)[field].update(dict.fromkeys(values))
        if field == "titles" and not minus:
            self._words.append(value)
        return True

    def query(self) -> Query:
        sides = (*self._wanted.items(), *self._unwanted.items())
        conditions = sum(1 if field == "years" else len(values) for field, values in sides)
        if conditions > MOST_CONDITIONS:
            raise QueryError(f"The query has {conditions} conditions; {MOST_CONDITIONS} are the most.")
        wanted = _filters(self._wanted)
        check_dates(wanted)
        return Query(" ".join(filter(None, self._words)), wanted, _filters(self._unwanted))


def _filters(values: Values) -> Filters:
    single: dict[str, Callable[[Any], Any]] = {"since": max, "until": min, "has_code": min}
    return Filters(**{field: single.get(field, tuple)(each) for field, each in values.items() if each})


Found = tuple[str, tuple[Hashable, ...]] | None  # a field of Filters and values for it; None when it cannot be read


def _said(field: str) -> Callable[[str], Found]:
    return lambda value: (field, (value,)) if _WORD.search(value) else None


def _author(value: str) -> Found:
    keys = author_keys(value)
    return ("authors", keys[:1]) if keys else None


def _years(value: str) -> Found:
    match = re.fullmatch(r"(\d{4})(?:(?:-|\.\.)(\d{4}))?", value, re.ASCII)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return ("years", tuple(range(first, last + 1))) if first <= last < first + _LONGEST_YEARS else None


def _after(value: str) -> Found:
    days = span(value)
    return ("since", (days[0],)) if days else None


def _before(value: str) -> Found:
    days = span(value)
    return ("until", (days[0] - timedelta(days=1),)) if days and days[0] > date.min else None


_HINTS: dict[str, Callable[[str], Found]] = {
    "author": _author,
    "cat": _said("categories"),
    "title": _said("titles"),
    "source": _said("sources"),
    "id": lambda value: ("ids", (canonical_id(value),)) if _WORD.search(value) else None,
    "year": _years,
    "after": _after,
    "before": _before,
    "has": lambda value: ("has_code", (True,)) if value.lower() == "code" else None,
}
_OPPOSITE = {"after": "before", "before": "after"}
