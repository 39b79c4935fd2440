"""The vocabulary every service shares: a paper, its people, its links, its signals."""

from datetime import date, datetime
from enum import StrEnum
from operator import not_
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.moments import iso
from shared.papers.partial_dates import Precision, first_day, is_partial


class Model(BaseModel):
    """A frozen value. Unknown fields are ignored, so that a newer producer does not break an older consumer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def normalize_moment(value: str) -> str:
    """Return an ISO 8601 date, month or year unchanged, and a moment in UTC with a `Z`; a date stays a date.

    Raises:
        ValueError: the text is no date between the years 1 and 9999.

    """
    if is_partial(value):
        first_day(value)  # there is no year 0
        return value
    if len(value) == len("YYYY-MM-DD"):
        return date.fromisoformat(value).isoformat()
    try:
        return iso(datetime.fromisoformat(value))
    except OverflowError as error:
        raise ValueError(f"{value} is outside the years 1 to 9999") from error


_FORMAT = Field(description="ISO 8601: a date, or a moment in UTC", examples=["2024-01-02", "2024-01-02T08:00:00Z"])
_DATE_FORMAT = Field(
    description="ISO 8601: a year, a month or a date, as far as it is known, or a moment in UTC",
    examples=["2024", "2024-01", "2024-01-02", "2024-01-02T08:00:00Z"],
)
SourceMoment = Annotated[str, AfterValidator(normalize_moment), _DATE_FORMAT]
"""A moment of a source, or a part of a date: checked, and converted to our format."""
Moment = Annotated[str, _FORMAT]
"""A moment in our format, which is not checked again."""
PartialDate = Annotated[str, _DATE_FORMAT]
"""A date as far as it is known, or a moment, in our format, which is not checked again."""
SAMPLE: Final = "sample"
"""The source of the papers that a new instance starts with."""
Basis = Literal["stated", "announced"]
"""Where a date of publication is from: a source states it, or it is the day on which the work was announced."""


class ChangeKind(StrEnum):
    """The kinds of changes of a work; a subscription selects from these."""

    NEW = "new"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    PUBLISHED = "published"
    CODE_ADDED = "code_added"
    SIGNALS = "signals"
    TRENDING = "trending"


class Change(Model):
    """One change of a work. `version` makes an alert about it unique."""

    kind: ChangeKind
    version: str = ""
    fields: tuple[str, ...] = ()


class Author(Model):
    """A person as the source spells them."""

    name: str
    orcid: str | None = Field(
        default=None, exclude_if=lambda value: value is None, description="the ORCID iD, if a source gives it"
    )


class CodeLink(Model):
    """A repository with its stars, and whether its owner has archived it, where known."""

    url: str
    stars: int | None = None
    archived: bool | None = None


class Links(Model):
    """Where to read, fetch and try a paper."""

    abs: str | None = None
    pdf: str | None = None
    code: tuple[CodeLink, ...] = ()
    project: str | None = None
    thumbnail: str | None = Field(default=None, description="the address of a picture that a source offers")


class SourceRef(Model):
    """One place where the work was seen, under the id it has there."""

    source: str
    id: str
    version: int | None = None
    url: str | None = None
    seen_at: Moment | None = None


class Signals(Model):
    """Counters from other services; None means unknown, which is not zero."""

    upvotes: int | None = None
    citations: int | None = None
    stars: int | None = None
    comments: int | None = None
    influential_citations: int | None = None
    models: int | None = None
    datasets: int | None = None
    spaces: int | None = None


class LifeEvent(Model):
    """An event in the history of a work after it was first seen."""

    kind: ChangeKind
    at: Moment
    version: str = ""
    fields: tuple[str, ...] = ()


class Component(Model):
    """The contribution of one signal to a work's trend: `weight` × `score`, the robust z-score of its log-growth."""

    signal: str
    value: float
    growth: float = Field(description="growth of log(1 + value) a day")
    score: float = Field(
        description="growth against works of the same field and age: (growth × age − median) / scaled MAD, 0 to 10"
    )
    weight: float


class Trend(Model):
    """The trend of a work: `key` is the sort key, whose order does not change with time."""

    key: float
    strength: float = Field(description="the sum of the components, before decay")
    field: str = Field(description="the field that the work was compared within")
    since: Moment = Field(description="the moment that decay counts from")
    components: tuple[Component, ...] = ()


class Reading(Model):
    """The signals of a work at one moment."""

    at: Moment
    signals: Signals


MAX_TLDR: Final = 500
"""Characters of a TLDR."""


class Tldr(Model):
    """A one-sentence summary that a provider's model wrote; `gist` is the authors' own sentence."""

    text: str = Field(max_length=MAX_TLDR)
    source: str = Field(description="the provider that wrote it, such as semantic-scholar")
    model: str | None = Field(default=None, description="the language model of the operator, if that wrote it")
    language: str | None = Field(default=None, description="ISO 639-1, if the operator's model wrote it")
    translations: dict[str, str] = Field(
        default_factory=dict, description="the summary in other languages, by ISO 639-1"
    )
    of: str | None = Field(default=None, description="the fingerprint of the text that the operator's model read")


class Appearance(Model):
    """Where in its venue a work appeared, and in which year, as a source or a registry says."""

    volume: str | None = None
    number: str | None = None
    pages: str | None = Field(default=None, description="such as 4-9, or the number of the paper")
    year: int | None = None


class Paper(Model):
    """A work with everything known of it, as search answers and alerts carry it."""

    id: str
    first_id: str | None = Field(
        default=None, description="the id that the work had first, which names it in feeds for good; null if it is `id`"
    )
    title: str
    abstract: str = ""
    title_tex: str | None = Field(
        default=None,
        description="the title with its formulas in LaTeX between dollars; `\\$` is a dollar; null without formulas",
    )
    abstract_tex: str | None = Field(default=None, description="the same of the abstract")
    authors: tuple[Author, ...] = ()
    published: PartialDate | None = None
    date_precision: Precision | None = Field(
        default=None, description="how much of `published` is known; null if it is, or if the work was stored before"
    )
    date_basis: Basis | None = Field(
        default=None,
        description=(
            "`stated` if a source says when the work was submitted or published; `announced` if none does, and "
            "`published` is the day on which it was announced or first seen"
        ),
    )
    updated: PartialDate | None = None
    categories: tuple[str, ...] = ()
    status: Literal["active", "withdrawn"] = "active"
    identifiers: dict[str, str] = Field(default_factory=dict)
    sources: tuple[SourceRef, ...] = ()
    links: Links = Links()
    signals: Signals = Signals()
    trending: float | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = Field(default=None, description="ISO 639-1; null if uncertain")
    gist: str | None = Field(default=None, description="the sentence of the abstract that says most")
    tldr: Tldr | None = Field(default=None, description="a summary by a provider, to be shown with its source")
    tasks: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    venue: str | None = Field(default=None, description="where the work was published, as a provider names it")
    appeared: Appearance | None = Field(
        default=None, description="where in its venue; the name of the venue may hold it as well"
    )
    life: tuple[LifeEvent, ...] = Field(default=(), description="what happened since it was first seen, oldest first")
    sample: bool = Field(
        default=False,
        exclude_if=not_,
        description="true for a paper that a new instance starts with and that no source has shown; else left out",
    )
    oddities: tuple[str, ...] = Field(default=(), description="contradictions between sources, as sentences")
