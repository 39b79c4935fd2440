"""The query parameters and bodies of requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema, create_model, model_validator
from pydantic_core import CoreSchema, core_schema

from services.search.query import dates
from services.search.query.cursor import MAX_LENGTH
from services.search.query.dates import Span
from services.search.query.filters import MAX_VALUES, OPERATORS, PARAMETERS, Filters
from services.search.query.parser import Query, check_dates, parse
from services.search.query.values import PLAIN, Name, Text
from services.search.ranking.engine import FLOOR, Mode
from services.search.ranking.paper_index import Sort
from services.search.similar.abstract_facets import Facet
from shared.export.paper_files import FormatId
from shared.http.api import Body
from shared.http.api import Query as Parameters

MAX_LIMIT: Final = 200
"""Results of one page."""
MAX_EXPORTED: Final = 10_000
"""Papers of one export."""
MAX_NAMED: Final = 50
"""Papers that an address names."""
Cursor = Annotated[str, Field(max_length=MAX_LENGTH), *PLAIN]

if TYPE_CHECKING:

    class _FilterFields(Parameters):
        """One field for each HTTP parameter of the table of filters."""

else:
    _FilterFields = create_model(
        "_FilterFields",
        __base__=Parameters,
        **{name: (parameter.type, parameter.default) for name, (_, parameter) in PARAMETERS.items()},
    )


class FilterParameters(_FilterFields):
    """The filters that every result must pass."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        filters = self.filters()
        if filters.since and filters.until and filters.since > filters.until:
            raise ValueError("from is after to")
        return self

    def filters(self) -> Filters:
        """Return the parameters as filters."""
        given: dict[str, Any] = {name: getattr(self, parameter) for parameter, (name, _) in PARAMETERS.items()}
        lists: dict[str, Any] = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
        return Filters(**(given | lists))


class Paged(Parameters):
    """The page of a list."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT, description="results on a page")
    cursor: Cursor | None = Field(
        default=None,
        description=(
            "next_cursor of the previous page; pages reach 200 results in all, and no paper appears twice while papers "
            "are imported"
        ),
    )


@dataclass(frozen=True, slots=True)
class _ParsedFrom:
    """Makes a field of type `Query` out of text of a type: it is parsed once, when the request is read."""

    text: Any

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401  # a type
        return core_schema.no_info_after_validator_function(parse, handler(self.text))


def _text(example: str) -> WithJsonSchema:
    """Describe a span of days as clients write it."""
    return WithJsonSchema({"type": "string", "examples": [example]})


class Question(FilterParameters):
    """A query with its filters."""

    q: Annotated[Query, _ParsedFrom(Text)] = Field(
        default=Query(),
        json_schema_extra={"default": ""},
        description=(
            'words in any order, "exact phrases", -excluded words, or an arXiv id or DOI; operators: '
            f"{' '.join(operator.example for _, operator in OPERATORS.values())}; without a query: the newest papers"
        ),
    )
    mode: Mode = Field(default=Mode.HYBRID, description="hybrid fuses semantic (meaning) and lexical (words)")

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        check_dates(self.q.wanted, self.filters())
        return self


class SearchParameters(Question, Paged):
    """A search."""

    sort: Literal["relevance", "newest", "trending"] = Field(
        default="relevance",
        description=(
            "newest and trending reorder the papers that are relevant enough: those with at least "
            f"{FLOOR[Mode.HYBRID]} of the best score, in semantic mode {FLOOR[Mode.SEMANTIC]}, in lexical mode "
            f"{FLOOR[Mode.LEXICAL]}"
        ),
    )


class LikeAuthor(FilterParameters):
    """A list of papers that are like those of an author."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT, description="results")


class Similar(FilterParameters):
    """A list of papers similar to one."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT, description="results")
    sort: Literal["relevance", "newest"] = Field(
        default="relevance", description="newest orders the papers that are close enough"
    )
    by: Facet | None = Field(
        default=None,
        description=(
            "what the papers are compared by: the sentences of the abstract about the problem, the method or the "
            "result; without it, all of the paper"
        ),
    )


class AuthorParameters(Paged):
    """The order and the page of an author's papers."""

    sort: Sort = Sort.NEWEST


class ExportParameters(Question):
    """A search whose papers are exported."""

    format: FormatId = Field(default="bibtex", description="jsonl is what `paperwire import` reads")
    sort: Literal["relevance", "newest", "trending"] = Field(
        default="relevance", description="the order in the file; without words, relevance is newest"
    )
    limit: int = Field(default=MAX_EXPORTED, ge=1, le=MAX_EXPORTED, description="papers in the file")


class CitationParameters(Parameters):
    """The format of a citation."""

    format: FormatId = Field(default="bibtex", description="jsonl is what `paperwire import` reads")


class ListParameters(Paged):
    """The papers of a day, a week or a month; without one of them, of all time."""

    day: Annotated[Span, BeforeValidator(dates.one_day), _text("2024-01-31")] | None = Field(None, alias="date")
    week: Annotated[Span, BeforeValidator(dates.week), _text("2024-W05")] | None = None
    month: Annotated[Span, BeforeValidator(dates.month), _text("2024-01")] | None = None
    sort: Sort = Sort.TRENDING

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(span is not None for span in (self.day, self.week, self.month)) > 1:
            raise ValueError("give one of date, week and month")
        return self

    def filters(self) -> Filters:
        """Return the period as filters."""
        since, until = self.day or self.week or self.month or (None, None)
        return Filters(since=since, until=until)


class TrendingParameters(Paged):
    """The trending papers of the last days."""

    window: dates.Window = Field(default="day", description="the last day, 7 days or 30 days")
    category: list[Name] = Field(
        default=[], max_length=MAX_VALUES, description="such as cs.CL; repeat it for any of several"
    )

    def filters(self, today: date) -> Filters:
        """Return the window, which ends on a day, and the categories as filters."""
        since, until = dates.window(self.window, today)
        return Filters(categories=tuple(self.category), since=since, until=until)


class Recommendation(Body):
    """Papers to be near to and papers to be away from, each by any of its ids."""

    positive: list[Name] = Field(min_length=1, max_length=100)
    negative: list[Name] = Field(default=[], max_length=100)
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)


class ForYouParameters(Paged):
    """The papers to be near to, where they are not those of a reading list, and which papers are wanted."""

    like: list[Name] = Field(
        default=[], max_length=MAX_NAMED, description="an id of a paper to be near to; repeat it for several"
    )
    unlike: list[Name] = Field(default=[], max_length=MAX_NAMED, description="an id of a paper to be away from")
    category: list[Name] = Field(
        default=[], max_length=MAX_VALUES, description="such as cs.CL; repeat it for any of several"
    )

    @model_validator(mode="after")
    def _near(self) -> Self:
        if self.unlike and not self.like:
            raise ValueError("unlike needs like: name a paper to be near to")
        return self

    def filters(self) -> Filters:
        """Return the categories as filters."""
        return Filters(categories=tuple(self.category))


class ExplainParameters(Parameters):
    """A query, and the paper that it finds or does not."""

    paper: Annotated[str, Field(min_length=1, max_length=500), *PLAIN] = Field(description="any id of the paper")
    q: Annotated[Query, _ParsedFrom(Annotated[Text, Field(min_length=1)])] = Field(
        description="explains why a search with this query finds the paper or does not"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_question(cls, given: object) -> object:
        if isinstance(given, Mapping) and "subscription" in given:
            raise ValueError("q and subscription exclude each other: q explains a search, subscription an alert")
        return given
