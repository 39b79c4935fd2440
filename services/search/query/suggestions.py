"""Completes what a reader types, from the operators, and the titles and authors of recent papers. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from services.search.query.filters import OPERATORS
from services.search.query.parser import MAX_CONDITIONS
from services.search.query.values import MAX_TEXT
from shared.embedding.vectors import words
from shared.papers.names import is_paper_id

FEWEST: Final = 2
"""Characters that are completed."""
MOST: Final = 8
"""Suggestions of one answer."""
MOST_AUTHORS: Final = 3
"""Authors among them where there are titles too."""
MOST_OPERATORS: Final = 3
"""Operators that one word is completed to."""
_LAST_WORD: Final = re.compile(r"(?:^|\s)-?([A-Za-z]+)$", re.ASCII)
_QUOTED: Final = re.compile('["\u201c\u201d\u201e]')
"""What a phrase in a query ends with."""
_OPERATES: Final = re.compile(
    rf'(?:^|[\s"\u201c-\u201e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])-?(?:(?<=-)\S*\w|(?:{"|".join(OPERATORS)}):\S)',
    re.IGNORECASE,
)
"""A minus or an operator at the beginning of a word."""
_STARTS: Final = 12
"""Words of a title from which it is found."""
_COMPARED: Final = 60
"""Characters that are compared."""
_SCANNED: Final = 2_000
"""Entries of the index that one answer looks at."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title, an author, or an operator and what it does; `query` is the search for it."""

    kind: Literal["paper", "author", "operator"]
    text: str
    query: str


def operators(typed: str) -> list[Suggestion]:
    """Return the operators that the last word begins, by their own name or that of what they filter."""
    last = None if typed.count('"') % 2 else _LAST_WORD.search(typed)
    if last is None or len(last[1]) < FEWEST:
        return []
    before, start = typed[: last.start(1)], last[1].lower()
    found = [(id_, one) for id_, (field, one) in OPERATORS.items() if id_.startswith(start) or field.startswith(start)]
    return [
        Suggestion("operator", f"{one.example}: {one.help}", f"{before}{id_}:") for id_, one in found[:MOST_OPERATORS]
    ]


class SuggestionIndex:
    """The titles and authors of some papers, sorted by the words at which a reader may begin to type."""

    def __init__(self, papers: Iterable[Mapping[str, Any]]) -> None:
        """Index papers, the newest first, of which `title` and `authors` are read."""
        self._suggestions = list(_suggestions(papers))
        starts = ((key, number) for number, one in enumerate(self._suggestions) for key in _keys(one.text))
        self._starts = sorted(starts)

    def find(self, typed: str) -> list[Suggestion]:
        """Return the suggestions with a word at which the typed text begins, those of the newest papers first."""
        start = " ".join(words(typed))[:_COMPARED]
        if len(start) < FEWEST:
            return []
        first = bisect_left(self._starts, (start, 0))
        found = set()
        for key, number in islice(self._starts, first, first + _SCANNED):
            if not key.startswith(start):
                break
            found.add(number)
        ordered = [self._suggestions[number] for number in sorted(found)]
        papers = [one for one in ordered if one.kind == "paper"]
        authors = [one for one in ordered if one.kind == "author"]
        authors = authors[: max(MOST_AUTHORS, MOST - len(papers))]
        return [*authors, *papers][:MOST]


def search_for(title: str) -> str:
    """Return the query that finds a title: itself, or its words where a part might be read as an operator or an id."""
    start = title if len(title) <= MAX_TEXT else title[:MAX_TEXT].rpartition(" ")[0] or title[:MAX_TEXT]
    phrases = len(_QUOTED.findall(start)) // 2
    if phrases > MAX_CONDITIONS or _OPERATES.search(start) or is_paper_id(start.strip()):
        return " ".join(words(start))[:MAX_TEXT]
    return start


def _suggestions(papers: Iterable[Mapping[str, Any]]) -> Iterable[Suggestion]:
    """Return each title and each author once, in the order of their newest paper."""
    seen: set[tuple[str, str]] = set()
    for paper in papers:
        title = paper["title"]
        names = [author["name"] for author in paper.get("authors") or ()]
        rows = [Suggestion("paper", title, search_for(title))]
        rows += [Suggestion("author", name, f'author:"{name}"') for name in names if not _QUOTED.search(name)]
        for one in rows:
            if (one.kind, one.text) not in seen:
                seen.add((one.kind, one.text))
                yield one


def _keys(text: str) -> Iterable[str]:
    """Return the text from each of its first words on."""
    parts = words(text)
    return {" ".join(parts[at:])[:_COMPARED] for at in range(min(len(parts), _STARTS))}
