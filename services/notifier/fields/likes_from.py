"""The places that a subscription takes its liked papers from, or its owner's papers, as the owner enters them. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.notifier.fields.sealable import Sealable
from services.notifier.fields.secret import Secret
from services.notifier.fields.text import Line, PaperIds
from shared.papers.names import is_paper_id
from shared.papers.orcids import orcid
from shared.text.sentence_ends import shortened

_LIBRARY: Final = re.compile(
    r"(?:https?://(?:www\.)?zotero\.org/)?((?:users|groups)/\d{1,12})(?:/[^\s]*)?", re.ASCII | re.IGNORECASE
)
_COLLECTION: Final = re.compile(r"(?:https?://\S+/collections/)?([A-Z0-9]{8})(?:/\S*)?", re.ASCII)
_AUTHOR: Final = re.compile(r"(?:https?://(?:www\.)?semanticscholar\.org/author/(?:[^/\s]+/)?)?(\d{1,15})/?", re.ASCII)

_MAX_QUOTED: Final = 60
"""Characters of what is not known that a sentence repeats."""


def _library(value: str) -> str:
    found = _LIBRARY.fullmatch(value)
    if found is None:
        raise PydanticCustomError("zotero", "must be users/ or groups/ and a number, such as users/475425")
    return found[1].lower()


def _collection(value: str) -> str:
    found = _COLLECTION.fullmatch(value)
    if found is None:
        raise PydanticCustomError("zotero", "must be the key of a collection: the eight characters in its address")
    return found[1]


def _orcid(value: str) -> str:
    found = orcid(value)
    if found is None:
        raise PydanticCustomError("orcid", "must be an ORCID iD, such as 0000-0002-1825-0097")
    return found


def _author(value: str) -> str:
    found = _AUTHOR.fullmatch(value)
    if found is None:
        raise PydanticCustomError("author", "must be the number of an author, or the address of the author's page")
    return found[1]


def _public_ids(values: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := next((value for value in values if not is_paper_id(value)), None):
        quoted = {"value": shortened(unknown, _MAX_QUOTED)}
        raise PydanticCustomError("papers", "must be DOIs and arXiv ids: “{value}” is neither", quoted)
    return values


class LikesPlace(Sealable):
    """A place of papers. `type` names the adapter that reads it."""

    type: str

    def identity(self) -> str:
        """Return what tells this place from others; its key is no part of that."""
        return json.dumps(self.model_dump(exclude={"key"}), sort_keys=True)


class ZoteroItems(LikesPlace):
    """A library of Zotero, or a collection or a tag in it."""

    type: Literal["zotero"]
    library: Annotated[Line, Field(max_length=200), AfterValidator(_library)] = Field(
        description="users/ or groups/ and a number; https://www.zotero.org/settings/keys shows yours"
    )
    collection: Annotated[Line, Field(max_length=300), AfterValidator(_collection)] | None = Field(
        default=None, description="the key of a collection, or its address; its subcollections do not count"
    )
    tag: Annotated[Line, Field(max_length=200)] | None = Field(default=None, description="only items with this tag")
    key: Secret | None = Field(
        default=None, description="an API key that may read the library; a public library needs none"
    )

    def __str__(self) -> str:
        """Return the place as a noun in a sentence."""
        parts = [f"Zotero library {self.library}"]
        parts += [f"collection {self.collection}"] if self.collection else []
        parts += [f"tag “{self.tag}”"] if self.tag else []
        return ", ".join(parts)


class OrcidWorks(LikesPlace):
    """The public works of an ORCID record."""

    type: Literal["orcid"]
    id: Annotated[Line, Field(max_length=100), AfterValidator(_orcid)] = Field(description="an ORCID iD")

    def __str__(self) -> str:
        """Return the place as a noun in a sentence."""
        return f"ORCID record {self.id}"


class ScholarPapers(LikesPlace):
    """The papers on the page of an author at Semantic Scholar."""

    type: Literal["semantic-scholar"]
    author: Annotated[Line, Field(max_length=300), AfterValidator(_author)] = Field(
        description="the number of the author, or the address of the author's page"
    )

    def __str__(self) -> str:
        """Return the place as a noun in a sentence."""
        return f"Semantic Scholar author {self.author}"


class ReadingListPapers(LikesPlace):
    """The papers that the owner of the subscription saved or liked in the reading list."""

    type: Literal["reading-list"]

    def __str__(self) -> str:
        """Return the place as a noun in a sentence."""
        return "your reading list"


class OwnPapers(LikesPlace):
    """Papers by their ids."""

    type: Literal["papers"]
    ids: Annotated[PaperIds, Field(min_length=1), AfterValidator(_public_ids)] = Field(
        description="DOIs and arXiv ids, 100 at most"
    )

    def __str__(self) -> str:
        """Return the place as a noun in a sentence."""
        return self.ids[0] + (f" and {len(self.ids) - 1} more" if len(self.ids) > 1 else "")


LikesFrom = Annotated[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers, Field(discriminator="type")]
Cites = Annotated[OrcidWorks | ScholarPapers | OwnPapers, Field(discriminator="type")]


def cites_place(names: Sequence[str]) -> dict[str, Any]:
    """Return the place that some words name, as the API takes it: an author, or papers by their ids.

    Raises:
        ValueError: they name an author and something else, or nothing that is known.

    """
    authors = [place for name in names if (place := _author_place(name))]
    if authors and len(names) > 1:
        raise ValueError("takes one author, or papers: make a subscription for each author")
    if unknown := next((name for name in names if not authors and not is_paper_id(name)), None):
        named = f"“{shortened(unknown, _MAX_QUOTED)}” is none of these"
        raise ValueError(f"takes an ORCID iD, an author of Semantic Scholar, or DOIs and arXiv ids: {named}")
    return authors[0] if authors else {"type": "papers", "ids": list(names)}


def _author_place(name: str) -> dict[str, str] | None:
    if _AUTHOR.fullmatch(name):
        return {"type": "semantic-scholar", "author": name}
    return {"type": "orcid", "id": name} if orcid(name) else None


def written(place: Cites) -> str:
    """Return the words that name a place, as `cites_place` reads them."""
    if isinstance(place, OwnPapers):
        return " ".join(place.ids)
    return place.id if isinstance(place, OrcidWorks) else place.author
