"""A local server that answers as Zotero's web API documents it: versions, `since`, conditions, collections and tags."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "P9NiFoyLeZu2bZNvvuQPDWsd"
LIBRARY = "users/475425"


@dataclass
class ZoteroServer:
    """A library. A change raises its version, and is known by it."""

    url: str = ""
    version: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    failure: web.Response | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, **data: Any) -> None:
        """Add an item, or change one."""
        self.version += 1
        present = self.rows.get(key, {"data": {}})["data"]
        usual = {
            "key": key,
            "itemType": "journalArticle",
            "title": "",
            "DOI": "",
            "url": "",
            "extra": "",
            "tags": [],
            "collections": [],
            "dateAdded": f"2026-03-01T08:{self.version:02d}:00Z",
        }
        data = usual | present | data | {"version": self.version}
        self.rows[key] = {
            "key": key,
            "version": self.version,
            "library": {"type": "user", "id": 475425, "name": "Z User", "links": {}},
            "links": {"self": {"href": f"{self.url}/{LIBRARY}/items/{key}", "type": "application/json"}},
            "meta": {"creatorSummary": "Doe", "parsedDate": "2026", "numChildren": 0},
            "data": data,
        }

    def delete(self, key: str) -> None:
        """Delete an item, or put it in the trash: both are missing in lists."""
        self.version += 1
        del self.rows[key]

    async def items(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        headers = {"Zotero-API-Version": "3", "Last-Modified-Version": str(self.version)} | self.headers
        if self.failure is not None:
            return web.Response(status=self.failure.status, headers=self.failure.headers)
        if request.headers.get("Zotero-API-Key") != KEY or request.match_info["library"] != "475425":
            return web.Response(status=403, text="Forbidden")
        if request.headers.get("If-Modified-Since-Version") == str(self.version):
            return web.Response(status=304, headers=headers)
        collection = request.match_info.get("collection")
        rows = [
            row
            for row in self.rows.values()
            if collection in (None, *row["data"]["collections"])
            and request.query.get("tag", None) in (None, *(tag["tag"] for tag in row["data"]["tags"]))
            and row["version"] > int(request.query.get("since", "0"))
        ]
        if request.query.get("format") == "versions":
            return web.json_response({row["key"]: row["version"] for row in rows}, headers=headers)
        rows.sort(key=lambda row: str(row["data"]["dateAdded"]), reverse=request.query["direction"] == "desc")
        start, limit = int(request.query["start"]), int(request.query["limit"])
        assert limit <= 100
        headers["Total-Results"] = str(len(rows))
        return web.json_response(rows[start : start + limit], headers=headers)


@asynccontextmanager
async def zotero_server() -> AsyncIterator[ZoteroServer]:
    server = ZoteroServer()
    app = web.Application()
    app.router.add_get("/users/{library}/items/top", server.items)
    app.router.add_get("/users/{library}/collections/{collection}/items/top", server.items)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield server
    finally:
        await runner.cleanup()
