"""Semantic Scholar as a place of papers: the papers of an author (https://api.semanticscholar.org/api-docs)."""

from typing import Any, ClassVar, Final

from services.notifier.fields.likes_from import ScholarPapers
from services.notifier.following.place_client import PlaceClient
from services.notifier.following.port import (
    MAX_ITEMS,
    Item,
    Listing,
    PlaceError,
    date_in,
    ids_in,
    key_in,
    newest,
    title_in,
)

ID: Final = "semantic-scholar"
FIELDS: Final = "externalIds,title,year,publicationDate"


class ScholarAuthor:
    """Reads the papers of authors."""

    interval: ClassVar[float | None] = None

    def __init__(self, client: PlaceClient, field: str = "likes_from") -> None:
        """Take the `field` of a subscription that names the authors."""
        self._client = client
        self._field = field

    async def read(self, place: ScholarPapers, _: str, kept: Listing) -> Listing:
        """Return the newest papers of an author."""
        refusals = {404: f"Semantic Scholar does not know the author {place.author}: correct {self._field}."}
        asked = {"fields": FIELDS, "limit": str(MAX_ITEMS)}
        answer = await self._client.ask(f"/author/{place.author}/papers", asked, refusals=refusals)
        rows = answer.json.get("data") if isinstance(answer.json, dict) else None
        if not isinstance(rows, list):
            raise PlaceError("Semantic Scholar sent an answer of an unexpected shape.")
        return kept.model_copy(update={"items": newest(item for row in rows if (item := parse(row)))})


def parse(row: Any) -> Item | None:  # noqa: ANN401  # a stranger's JSON
    """Parse a paper."""
    if not isinstance(row, dict) or not (key := key_in(row.get("paperId"))):
        return None
    named = row.get("externalIds")
    named = named if isinstance(named, dict) else {}
    ids = ids_in([f"arXiv:{named.get('ArXiv')}", f"doi:{named.get('DOI')}"])
    added = row.get("publicationDate") or row.get("year")
    return Item(key=key, ids=ids, title=title_in(row.get("title")), added=date_in(str(added or "")))
