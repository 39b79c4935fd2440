"""What clients may send: query parameters and bodies."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from services.search.query import dates
from services.search.query.cursor import LONGEST
from services.search.query.dates import Span
from services.search.query.parser import Filters, Query, check_dates, parse
from services.search.ranking.engine import Mode
from services.search.ranking.paper_index import Sort
from shared.http.api import Body
from shared.http.api import Query as Parameters
from shared.papers.names import author_keys

# Control characters but tab and line ends, and what stands for bytes that were no UTF-8: nobody types them.
_UNTYPED = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd"


def _typed(text: str) -> str:
    if re.search(f"[{_UNTYPED}]", text):
        raise ValueError("this is not text: it holds control characters, or bytes that are not UTF-8")
    return text


_PLAIN = (AfterValidator(_typed), Field(json_schema_extra={"pattern": f"^[^{_UNTYPED}]*$"}))
Text = Annotated[str, Field(max_length=1000), *_PLAIN]
Name = Annotated[str, Field(min_length=1, max_length=200), *_PLAIN]


def _author(name: str) -> str:
    keys = author_keys(name)
    if not keys:
        raise ValueError("an author's name has letters")
    return keys[0]


def _readable(text: str) -> str:
    parse(text)
    return text


def _text(example: str) -> WithJsonSchema:
    """Describe a span of days as clients write it."""
    return WithJsonSchema({"type": "string", "examples": [example]})


Cursor = Annotated[str, Field(max_length=LONGEST), *_PLAIN]
Author = Annotated[Name, AfterValidator(_author)]
Day = Annotated[date, BeforeValidator(dates.day)]


class FilterParameters(Parameters):
    """What every result must be."""

    category: list[Name] = Field(default=[], max_length=50, description="such as cs.CL; repeat it for any of several")
    author: list[Author] = Field(default=[], max_length=50, description="as Jane Doe, J. Doe or Doe; repeatable")
    source: list[Name] = Field(default=[], max_length=50, description="the name of a source; repeatable")
    since: Day | None = Field(default=None, alias="from", description="published on this day (UTC) or later")
    until: Day | None = Field(default=None, alias="to", description="published on this day (UTC) or earlier")
    has_code: bool | None = Field(default=None, description="whether a repository is known")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("from is after to")
        return self

    def filters(self) -> Filters:
        """Give them as values."""
        return Filters(
            tuple(self.category), tuple(self.author), tuple(self.source), self.since, self.until, self.has_code
        )


class Paged(Parameters):
    """How much of a list is wanted."""

    limit: int = Field(default=20, ge=1, le=200, description="results on a page")
    cursor: Cursor | None = Field(
        default=None,
        description="next_cursor of the page before; pages reach 200 results, and none comes twice during an import",
    )


class Question(FilterParameters):
    """A query with its filters."""

    q: Annotated[Text, AfterValidator(_readable)] = Field(
        default="",
        description=(
            'words in any order, "exact phrases", -without, or an arXiv id or DOI; with hints: author:"Jane Doe" '
            "cat:cs.CL title:survey source:arxiv id:2401.00001 year:2021-2024 after:2023-06 before:2024 has:code; "
            "empty: the newest"
        ),
    )
    mode: Mode = Field(default=Mode.HYBRID, description="hybrid fuses semantic (meaning) and lexical (words)")

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        check_dates(self.query().wanted, self.filters())
        return self

    def query(self) -> Query:
        """Give the query as it is read."""
        return parse(self.q)


class SearchParameters(Question, Paged):
    """A search."""

    sort: Literal["relevance", "newest", "trending"] = Field(
        default="relevance",
        description="newest and trending order anew what is relevant enough: 0.6 of the best score, by words 0.4",
    )


class Similar(FilterParameters):
    """A list of papers like another."""

    limit: int = Field(default=20, ge=1, le=200, description="results")
    sort: Literal["relevance", "newest"] = Field(default="relevance", description="newest: of those that are close")


class AuthorParameters(Paged):
    """The order and the page of an author's papers."""

    sort: Sort = Sort.NEWEST


class CitationParameters(Parameters):
    """How a citation is written."""

    format: Literal["bibtex", "ris", "csl"] = "bibtex"


class ListParameters(Paged):
    """Papers of a day, a week or a month; without one, of all time."""

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
        """Give the time as filters."""
        since, until = self.day or self.week or self.month or (None, None)
        return Filters(since=since, until=until)


class TrendingParameters(Paged):
    """What is talked about among the papers of the last days."""

    window: dates.Window = Field(default="day", description="the last day, 7 days or 30 days")
    category: list[Name] = Field(default=[], max_length=50, description="repeat it for any of several")


class Recommendation(Body):
    """Papers to be near, and papers to be away from: ids as for a paper."""

    positive: list[Name] = Field(min_length=1, max_length=100)
    negative: list[Name] = Field(default=[], max_length=100)
    limit: int = Field(default=20, ge=1, le=200)
