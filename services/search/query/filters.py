"""The filters of search, as one table that everything else reads.

Each field of `Filters` is a filter, and its `Row` says all there is to know about it: the operator of the query
language, the HTTP parameter, the condition in Qdrant, the facet, and what a page calls it. The parser, the OpenAPI
document, the facets, the search help and Qdrant's filter are made from the rows: a new filter is one more field.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

from pydantic import Field

from services.search.query.dates import span
from services.search.query.filter_row import (
    AnyOf,
    Bound,
    Equals,
    Facet,
    Marked,
    Operator,
    Parameter,
    Phrases,
    Row,
    Widens,
)
from services.search.query.values import Author, Day, Name
from shared.papers.names import canonical_id
from shared.papers.person_names import wanted_keys
from shared.readers.reading_list import STATES, read_tag

MAX_VALUES: Final = 50
"""Values of one HTTP parameter."""
MAX_AUTHORS: Final = 10
"""Authors of one query or parameter: each is looked up in the index."""
MAX_YEARS: Final = 100
"""Years that one `year:` may span."""
Undated = Literal["include", "exclude"]
_DATED: Final = {"stated": "year", "last": "published_until"}
"""How a date tells that it is one, and where it ends if it is a year or a month."""
_WORD = re.compile(r"\w")
_TWO_LETTERS = 2  # of a subject, which are capitals where it has two: math.AG, but physics.optics


def _several(kind: Any, description: str, most: int = MAX_VALUES) -> Any:  # noqa: ANN401  # a type
    return Annotated[list[kind], Field(max_length=most, description=description)]


def _one(kind: Any, description: str) -> Any:  # noqa: ANN401  # a type
    return Annotated[kind | None, Field(description=description)]


def _text(value: str) -> tuple[str, ...] | None:
    return (value,) if _WORD.search(value) else None


def _author(value: str) -> tuple[str, ...] | None:
    return (value,) if wanted_keys(value) else None


def _paper_id(value: str) -> tuple[str, ...] | None:
    return (canonical_id(value),) if _WORD.search(value) else None


def _years(value: str) -> tuple[int, ...] | None:
    match = re.fullmatch(r"(\d{4})(?:(?:-|\.\.)(\d{4}))?", value, re.ASCII)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return tuple(range(first, last + 1)) if first <= last < first + MAX_YEARS else None


def _first_day(value: str) -> tuple[date, ...] | None:
    days = span(value)
    return days[:1] if days else None


def _day_before(value: str) -> tuple[date, ...] | None:
    days = span(value)
    return (days[0] - timedelta(days=1),) if days and days[0] > date.min else None


def _day_after(day: date) -> str:
    return (day + timedelta(days=1)).isoformat()


def _undated(value: str) -> tuple[str, ...] | None:
    return (value.lower(),) if value.lower() in get_args(Undated) else None


def _code(value: str) -> tuple[bool, ...] | None:
    return (True,) if value.lower() == "code" else None


def _state(value: str) -> tuple[str, ...] | None:
    return (value.lower(),) if value.lower() in STATES else None


def _tag(value: str) -> tuple[str, ...] | None:
    tag = read_tag(value)
    return (tag,) if tag else None


def _as_arxiv_spells(categories: Sequence[str]) -> Sequence[str]:
    """Add to each category how arXiv would write it: cs.ds is meant to be cs.DS."""
    parts = [category.partition(".") for category in categories]
    likely = [f"{archive.lower()}.{subject.upper()}" for archive, _, subject in parts if len(subject) == _TWO_LETTERS]
    return list(dict.fromkeys([*categories, *likely]))


def _keys(authors: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys(key for author in authors for key in wanted_keys(author)))


def _days_of(year: Any) -> Mapping[str, str]:  # noqa: ANN401  # a number from the index
    return {"from": f"{int(year):04d}-01-01", "to": f"{int(year):04d}-12-31"}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of results. Any value of a field is enough, except for phrases and titles; all fields must hold.

    Days are inclusive and in UTC; authors as they were typed; ids are canonical.
    """

    categories: Annotated[
        tuple[str, ...],
        Row(
            AnyOf("paper.categories", spell=_as_arxiv_spells),
            operator=Operator("cat", _text, "cat:cs.CL", "papers of the category; several mean any of them"),
            parameter=Parameter("category", _several(Name, "such as cs.CL; repeat it for any of several"), []),
            facet=Facet("categories", "paper.categories", "Field", place=1),
        ),
    ] = ()
    authors: Annotated[
        tuple[str, ...],
        Row(
            AnyOf("author_keys", spell=_keys),
            operator=Operator(
                "author", _author, 'author:"Jane Doe"', "also matches J. Doe and Doe, and one typing error"
            ),
            parameter=Parameter(
                "author", _several(Author, "as Jane Doe, J. Doe or Doe; repeatable", MAX_AUTHORS), [], "by {}"
            ),
            # Nearly every paper has authors of whom there is no other paper.
            facet=Facet("authors", "paper.authors[].name", "Author", place=2, fewest=2),
        ),
    ] = ()
    sources: Annotated[
        tuple[str, ...],
        Row(
            AnyOf("source_names"),
            operator=Operator("source", _text, "source:arxiv", "papers seen at the source; several mean any of them"),
            parameter=Parameter("source", _several(Name, "the name of a source; repeatable"), [], "seen at {}"),
            facet=Facet("sources", "source_names", "Source", place=5),
        ),
    ] = ()
    since: Annotated[
        date | None,
        Row(
            Bound("published_at", "gte", **_DATED),
            operator=Operator("after", _first_day, "after:2023-06", "published in this time or later", "before"),
            parameter=Parameter("from", _one(Day, "published on this day (UTC) or later"), label="from {}"),
            combine=max,
        ),
    ] = None
    until: Annotated[
        date | None,
        Row(
            Bound("published_at", "lte", **_DATED),
            operator=Operator(
                "before", _day_before, "before:2024", "published before this time", "after", spell=_day_after
            ),
            parameter=Parameter("to", _one(Day, "published on this day (UTC) or earlier"), label="until {}"),
            combine=min,
        ),
    ] = None
    undated: Annotated[
        Undated | None,
        Row(
            Widens(),
            operator=Operator(
                "undated",
                _undated,
                "undated:include",
                "after: and before: also take papers without a date, by the day they were seen",
            ),
            parameter=Parameter(
                "undated",
                _one(
                    Undated,
                    "include: from and to also take papers without a date, by the day on which they were first seen",
                ),
                words={"include": "with papers without a date", "exclude": "without papers without a date"},
            ),
            combine=max,
        ),
    ] = None
    years: Annotated[
        tuple[int, ...],
        Row(
            AnyOf("year"),
            operator=Operator("year", _years, "year:2021-2024", "published in the year, or in one of the years"),
            facet=Facet("years", "year", "Year", place=3, select=_days_of),
            counts_once=True,
        ),
    ] = ()
    has_code: Annotated[
        bool | None,
        Row(
            Equals("has_code"),
            operator=Operator("has", _code, "has:code", "papers with a known code repository", spell=lambda _: "code"),
            parameter=Parameter(
                "has_code",
                _one(bool, "whether a code repository is known"),
                label="{} code",
                words={"true": "with", "false": "without"},
            ),
            facet=Facet(
                "has_code",
                "has_code",
                "Code",
                place=4,
                select=lambda value: {"has_code": "true" if value else "false"},
            ),
            combine=min,
        ),
    ] = None
    phrases: Annotated[
        tuple[str, ...],
        Row(Phrases(("words.title", "words.abstract"))),
    ] = ()
    titles: Annotated[
        tuple[str, ...],
        Row(
            Phrases(("words.title",)),
            operator=Operator("title", _text, "title:survey", "the title contains the word or phrase", ranks=True),
        ),
    ] = ()
    ids: Annotated[
        tuple[str, ...],
        Row(AnyOf("ids"), operator=Operator("id", _paper_id, "id:2401.00001", "the paper with this id")),
    ] = ()
    states: Annotated[
        tuple[str, ...],
        Row(
            Marked("is:"),
            operator=Operator(
                "is", _state, "is:unread", f"papers of your reading list, after signing in: {', '.join(STATES)}"
            ),
        ),
    ] = ()
    tags: Annotated[
        tuple[str, ...],
        Row(
            Marked("tag:"),
            operator=Operator("tag", _tag, 'tag:"to read"', "papers that you gave the tag, after signing in"),
        ),
    ] = ()

    def given(self) -> Iterator[tuple[str, Row, Any]]:
        """Return the filters that leave anything out: name, row and value."""
        values = ((name, row, getattr(self, name)) for name, row in FILTERS.items())
        return ((name, row, value) for name, row, value in values if value not in ((), None))


FILTERS: Final[Mapping[str, Row]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Filters, include_extras=True).items()
}
"""The rows by the name of their field."""
OPERATORS: Final[Mapping[str, tuple[str, Operator]]] = {
    row.operator.id: (name, row.operator) for name, row in FILTERS.items() if row.operator
}
PARAMETERS: Final[Mapping[str, tuple[str, Parameter]]] = {
    row.parameter.id: (name, row.parameter) for name, row in FILTERS.items() if row.parameter
}
FACETS: Final[Mapping[str, Facet]] = {row.facet.id: row.facet for row in FILTERS.values() if row.facet}
