"""ORCID as a place of papers: the public works of a record (https://info.orcid.org/documentation, API v3.0)."""

from typing import Any, ClassVar, Final

from services.notifier.fields.likes_from import OrcidWorks
from services.notifier.following.place_client import PlaceClient
from services.notifier.following.port import Item, Listing, PlaceError, date_in, ids_in, newest, title_in

ID: Final = "orcid"
_KINDS: Final = {"doi": "doi:{}", "arxiv": "arXiv:{}", "uri": "{}"}
_DATE: Final = (("year", 4), ("month", 2), ("day", 2))


class OrcidRecord:
    """Reads the works of records."""

    interval: ClassVar[float | None] = None

    def __init__(self, client: PlaceClient, field: str = "likes_from") -> None:
        """Take the `field` of a subscription that names the records."""
        self._client = client
        self._field = field

    async def read(self, place: OrcidWorks, _: str, kept: Listing) -> Listing:
        """Return the newest works of a record."""
        refusals = {404: f"ORCID does not know the iD {place.id}: correct {self._field}."}
        answer = await self._client.ask(f"/{place.id}/works", {}, refusals=refusals)
        groups = answer.json.get("group") if isinstance(answer.json, dict) else None
        if not isinstance(groups, list):
            raise PlaceError("ORCID sent an answer of an unexpected shape.")
        return kept.model_copy(update={"items": newest(item for group in groups if (item := parse(group)))})


def parse(group: Any) -> Item | None:  # noqa: ANN401  # a stranger's JSON
    """Parse a work, which a record may have from several sources: the first is the preferred one."""
    summaries = _at(group, "work-summary")
    summary = summaries[0] if isinstance(summaries, list) and summaries else None
    key = _at(summary, "put-code")
    if not isinstance(key, int):
        return None
    named = _at(group, "external-ids", "external-id")
    ids = [_spelled(one) for one in named] if isinstance(named, list) else []
    return Item(
        key=str(key), ids=ids_in(ids), title=title_in(_at(summary, "title", "title", "value")), added=_date(summary)
    )


def _spelled(one: object) -> str:
    kind, value = _at(one, "external-id-type"), _at(one, "external-id-value")
    own = _at(one, "external-id-relationship") in ("self", None)
    form = _KINDS.get(kind) if isinstance(kind, str) else None
    return form.format(value.removeprefix("arXiv:")) if form and own and isinstance(value, str) else ""


def _date(summary: object) -> str:
    parts = [_at(summary, "publication-date", name, "value") for name, _ in _DATE]
    return date_in("-".join(part for part in parts if isinstance(part, str)))


def _at(value: object, *path: str) -> Any:  # noqa: ANN401  # a stranger's JSON
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
