"""The bodies of the stream entries: events, named in the past tense.

A change of these models is additive (an optional field with a default) or a new major version in a new
stream; `tests/contract` compares them with the committed JSON Schemas.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.papers.names import check_id
from shared.papers.paper import Appearance, Change, CodeLink, Model, Paper, Reading, Signals, SourceMoment, Tldr, Trend


class Item(Model):
    """A paper as one source describes it, before cleaning and merging."""

    source: str
    id: Annotated[str, AfterValidator(check_id)]
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: SourceMoment | None = None
    announced_on: SourceMoment | None = Field(
        default=None, description="the day of its announcement, from a source that does not say when it was published"
    )
    updated: SourceMoment | None = None
    version: int | None = None
    url: str | None = None
    pdf: str | None = None
    project: str | None = None
    thumbnail: str | None = Field(default=None, description="the address of a picture that the source offers")
    code: tuple[CodeLink, ...] = ()
    identifiers: dict[str, str] = Field(default_factory=dict)
    signals: Signals = Signals()
    venue: str | None = Field(default=None, description="where it was published, as the source names it")
    appeared: Appearance | None = None
    orcids: dict[str, str] = Field(
        default_factory=dict, description="ORCID iDs of authors by their names, as in `authors`"
    )
    announced: str | None = Field(default=None, description="new, cross, replace, replace-cross, absonly …")
    withdrawn: bool = False
    tldr: Tldr | None = Field(default=None, description="a summary that a provider gave, as an export has it")
    trust: int = Field(
        default=0, ge=0, description="trust in its title and abstract: 0 (any feed) to 3 (the archive itself)"
    )


class PaperFetched(Model):
    """A source showed an item."""

    item: Item
    fetched_at: datetime


class PaperEnriched(Model):
    """An item was merged into its work, and the work changed."""

    paper: Paper
    changes: tuple[Change, ...]
    aliases: tuple[str, ...] = Field(description="every id the work is known by, normalized, its own first")
    fingerprint: str = Field(description="hash of title and abstract, so that the same text is embedded once")
    revision: int = Field(
        default=1, description="counts the changes of the work: an older revision never replaces a newer one"
    )
    merged: tuple[str, ...] = Field(
        default=(), description="works that were joined with this one: their points are deleted"
    )
    trend: Trend | None = Field(default=None, description="the parts of its trending score")
    removed: bool = Field(default=False, description="the work left: its point is deleted, and nobody is alerted")
    readings: tuple[Reading, ...] = Field(default=(), description="its signals over time, oldest first, thinned")
    enriched_at: datetime


class PapersRequested(Model):
    """The index lacks works, or has points of them that it should not have: they are to be published again."""

    works: tuple[str, ...] = Field(max_length=1_000, description="ids of works, present or past")


class PaperIndexed(Model):
    """A work can be found. Carries all that matching needs, so that no further request is necessary."""

    paper: Paper
    changes: tuple[Change, ...]
    vector: str = Field(description="the dense vector: base64 of little-endian float32")
    model: str = Field(description="the embedding model of the vector")
    indexed_at: datetime
