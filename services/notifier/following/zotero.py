"""Zotero as a place of liked papers, by its web API, version 3 (https://www.zotero.org/support/dev/web_api/v3/basics).

A visit asks for the keys of all items first, if anything in the library changed since the last visit, and then only for
the items that changed. What was deleted, is in the trash, left the collection or lost the tag is not among the keys.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from services.notifier.fields.likes_from import ZoteroItems
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

ID: Final = "zotero"
PAGE: Final = 100
"""Items of one request: the most that Zotero allows."""
_NO_PAPERS: Final = frozenset({"attachment", "note", "annotation"})
_ID_FIELDS: Final = ("DOI", "archiveID", "url", "archiveLocation", "reportNumber", "publicationTitle")
_EXTRA: Final = re.compile(r"^\s*(?:DOI|arXiv(?: ID)?|Preprint|URL)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_MAX_TEXT: Final = 4_000
_UNCHANGED: Final = 304
_VERSION: Final = re.compile(r"[0-9]{1,18}")


class Zotero:
    """Reads libraries, collections and tags."""

    interval: ClassVar[float | None] = None

    def __init__(self, client: PlaceClient) -> None:
        self._client = client

    async def read(self, place: ZoteroItems, _: str, kept: Listing) -> Listing:
        """Return the newest items of a library, a collection or a tag."""
        visit = _Visit(self._client, place)
        keys, version = await visit.keys(kept.version)
        if keys is None:
            return kept
        changed = await visit.items(kept.version)
        present = {item.key: item for item in (*kept.items, *changed) if item.key in keys}
        items = newest(present.values())
        incomplete = kept.version and len(items) < min(len(keys), MAX_ITEMS)  # older ones move up
        return kept.model_copy(update={"version": "" if incomplete else version, "items": items})


class _Visit:
    """The requests of one visit."""

    def __init__(self, client: PlaceClient, place: ZoteroItems) -> None:
        collection = f"/collections/{place.collection}" if place.collection else ""
        self._client = client
        self._path = f"/{place.library}{collection}/items/top"
        self._scope = {"tag": _searched(place.tag)} if place.tag else {}
        self._headers = {"Zotero-API-Version": "3"} | ({"Zotero-API-Key": place.key.value} if place.key else {})
        where = f"the library {place.library}" + (f" or its collection {place.collection}" if collection else "")
        self._refusals = {
            403: f"Zotero refuses access to the library {place.library}: give a key that may read it.",
            404: f"Zotero does not know {where}: correct likes_from.",
        }

    async def keys(self, version: str) -> tuple[frozenset[str] | None, str]:
        """Return the keys of all items and the version of the library; no keys if it is still the version before."""
        condition = {"If-Modified-Since-Version": version} if version else {}
        answer = await self._get({"format": "versions"}, condition)
        if answer.status == _UNCHANGED:
            return None, version
        if not isinstance(answer.json, dict):
            raise PlaceError("Zotero sent an answer of an unexpected shape.")
        said = answer.headers.get("Last-Modified-Version", "")
        return frozenset(answer.json), said if _VERSION.fullmatch(said) else ""

    async def items(self, version: str) -> list[Item]:
        """Return the items that changed after a version, or all without one: the newest, at most `MAX_ITEMS`."""
        since = {"since": version} if version else {}
        found: list[Item] = []
        for start in range(0, MAX_ITEMS, PAGE):
            page = {"limit": str(PAGE), "start": str(start), "sort": "dateAdded", "direction": "desc"}
            rows = (await self._get({"format": "json", **page, **since})).json
            if not isinstance(rows, list):
                raise PlaceError("Zotero sent an answer of an unexpected shape.")
            found += [item for row in rows if (item := parse(row))]
            if len(rows) < PAGE:
                break
        return found

    async def _get(self, parameters: Mapping[str, str], condition: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  # see PlaceClient
        return await self._client.ask(
            self._path,
            {**parameters, **self._scope},
            headers={**self._headers, **(condition or {})},
            refusals=self._refusals,
            accept=(_UNCHANGED,) if condition else (),
        )


def _searched(tag: str) -> str:
    """Return the search for a tag; without a backslash, a hyphen before it would stand for all but this tag."""
    return f"\\{tag}" if tag.startswith("-") else tag


def parse(row: Any) -> Item | None:  # noqa: ANN401  # a stranger's JSON
    """Parse an item. Its ids may stand in many fields, as translators and readers of years put them."""
    data = row.get("data") if isinstance(row, dict) else None
    if not isinstance(data, dict) or not (key := key_in(row.get("key"))):
        return None
    kind = data.get("itemType")
    if isinstance(kind, str) and kind in _NO_PAPERS:
        return Item(key=key)
    extra = data.get("extra")
    more = _EXTRA.findall(extra[:_MAX_TEXT]) if isinstance(extra, str) else []
    fields = (_first(data.get(name)) for name in _ID_FIELDS)
    preprints = (f"arXiv:{one}" for one in more)
    return Item(
        key=key,
        ids=ids_in([*fields, *more, *preprints]),
        title=title_in(data.get("title")),
        added=date_in(data.get("dateAdded")),
    )


def _first(value: object) -> str:
    """Return a field; of "arXiv:1706.03762 [cs]" without the category behind it."""
    return value[:_MAX_TEXT].partition(" [")[0].strip() if isinstance(value, str) else ""
