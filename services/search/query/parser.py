"""The query language: the words that rank papers, and the filters that every result must pass.

    attention -recurrent "long documents" author:"Jane Doe" cat:cs.CL title:survey after:2023-06 has:code

The operators are those of `filters.OPERATORS`. A minus before a word, a phrase or an operator excludes papers. Several
uses of one operator mean any of them; phrases and titles must all occur. A term that cannot be read as an operator is
a word, so that any text is a query.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from services.search.query.filters import FILTERS, MAX_AUTHORS, OPERATORS, Filters
from shared.papers.names import canonical_id, is_paper_id

MAX_CONDITIONS: Final = 32
"""Operators, phrases and excluded words of one query: each costs the engine time, and nobody types more."""
MAX_SHOWN: Final = 60
"""Characters of a term that a note repeats."""
_QUOTES = str.maketrans("“”„", '"""')
# Characters without a width, or that change the reading direction: they are part of no word.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# One term: a phrase in double quotes, or a word, after an optional minus and operator. A quote never closed is dropped.
_TERM = re.compile(r'(?P<minus>-)?(?:(?P<operator>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_WORD = re.compile(r"\w")
Values = dict[str, dict[Any, None]]  # field of Filters → values, each once, in their order


class QueryError(ValueError):
    """The query contradicts itself or is too long. The text says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `text` ranks the results; when it is empty, they are not ranked."""

    text: str = ""
    wanted: Filters = field(default_factory=Filters)
    unwanted: Filters = field(default_factory=Filters)
    """No result may match any of these."""
    typed: str = field(default="", compare=False, repr=False)
    """The query as the client sent it."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """A sentence for each term that looks like an operator and was read as words."""


def parse(text: str) -> Query:
    """Parse the text of a query.

    Raises:
        QueryError: its dates contradict each other, or it has too many conditions.

    """
    visible = _INVISIBLE.sub("", text).strip()
    if is_paper_id(visible):
        return Query(wanted=Filters(ids=(canonical_id(visible),)), typed=text)
    terms = _Terms()
    for term in _TERM.finditer(visible.translate(_QUOTES)):
        terms.add(term)
    return terms.query(text)


def check_dates(*filters: Filters) -> None:
    """Raise QueryError when no day can satisfy all filters."""
    since = max((each.since for each in filters if each.since), default=None)
    until = min((each.until for each in filters if each.until), default=None)
    if since and until and since > until:
        raise QueryError(f"The dates contradict each other: no paper is both from {since} on and until {until}.")


class _Terms:
    """Collects the terms of one query."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._wanted: Values = defaultdict(dict)
        self._unwanted: Values = defaultdict(dict)
        self._notes: dict[str, None] = {}

    def add(self, term: re.Match[str]) -> None:
        value = " ".join((term["phrase"] if term["word"] is None else term["word"]).split())
        if term["operator"]:
            if not self._operator(term["operator"].lower(), value, minus=bool(term["minus"])):
                self._words.append(term[0].replace('"', ""))
            return
        if term["minus"] and _WORD.search(value):
            self._unwanted["phrases"][value] = None
            return
        if term["phrase"] is not None and _WORD.search(value):
            self._wanted["phrases"][value] = None
        self._words.append(("-" if term["minus"] else "") + value)

    def _operator(self, id_: str, value: str, *, minus: bool) -> bool:
        """Add the values of an operator; return False when there is no such operator or it cannot read the value."""
        if id_ not in OPERATORS:
            return False
        name, operator = OPERATORS[id_]
        if minus and operator.opposite:
            name, operator = OPERATORS[operator.opposite]
            minus = False
        values = operator.read(value)
        if values is None:
            given = f"{id_}:{value[:MAX_SHOWN]}"
            self._notes[f"“{given}” was searched as words. The operator is written as in {operator.example}."] = None
            return False
        (self._unwanted if minus else self._wanted)[name].update(dict.fromkeys(values))
        if operator.ranks and not minus:
            self._words.append(value)
        return True

    def query(self, typed: str) -> Query:
        sides = (*self._wanted.items(), *self._unwanted.items())
        conditions = sum(1 if FILTERS[name].counts_once else len(values) for name, values in sides)
        if conditions > MAX_CONDITIONS:
            raise QueryError(f"The query has {conditions} conditions; at most {MAX_CONDITIONS} are allowed.")
        authors = len(self._wanted["authors"]) + len(self._unwanted["authors"])
        if authors > MAX_AUTHORS:
            raise QueryError(f"The query names {authors} authors; at most {MAX_AUTHORS} are allowed.")
        wanted = _combined(self._wanted)
        check_dates(wanted)
        return Query(" ".join(filter(None, self._words)), wanted, _combined(self._unwanted), typed, tuple(self._notes))


def _combined(values: Values) -> Filters:
    return Filters(**{name: FILTERS[name].combine(each) for name, each in values.items() if each})
