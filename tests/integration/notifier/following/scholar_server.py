"""A local server that answers as Semantic Scholar documents it (batches, authors, citations), and ORCID (works)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

from aiohttp import web

AUTHOR = "1741101"
ORCID = "0000-0002-1825-0097"


def paper_id(name: str) -> str:
    """Return the id of a paper: 40 hexadecimal digits."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def row(name: str, **external: str) -> dict[str, Any]:
    """Return a paper as lists have it."""
    return {
        "paperId": paper_id(name),
        "externalIds": {"CorpusId": 258841000, **external},
        "title": name,
        "year": 2026,
        "publicationDate": "2026-03-01",
    }


@dataclass
class ScholarServer:
    """Papers of one author by their names, and the papers that cite each of them, the newest first."""

    url: str = ""
    mine: dict[str, dict[str, Any]] = field(default_factory=dict)
    citing: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    batches: int = 0
    answers: dict[str, web.Response] = field(default_factory=dict)
    """Answers in place of the usual ones: to `author`, `batch`, or the citations of a paper by its name."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """A batch is answered once this is set, as it is from the start."""

    def __post_init__(self) -> None:
        self.gate.set()

    def write(self, name: str, **external: str) -> None:
        """Add a paper of the author."""
        self.mine[name] = row(name, **external)
        self.citing.setdefault(name, [])

    def cite(self, name: str, by: str, **external: str) -> None:
        """Let a paper be cited by another one."""
        self.citing[name].insert(0, row(by, **external))

    async def author(self, request: web.Request) -> web.Response:
        assert request.query["fields"]
        rows = list(self.mine.values())[: int(request.query["limit"])]
        return self._say("author", {"offset": 0, "next": len(rows), "data": rows})

    async def works(self, request: web.Request) -> web.Response:
        """Answer as ORCID, with the works of the one author who has a record."""
        if request.match_info["orcid"] != ORCID:
            return web.Response(status=404)
        groups = [
            {
                "external-ids": {"external-id": [{"external-id-type": "arxiv", "external-id-value": value}]},
                "work-summary": [{"put-code": number, "title": {"title": {"value": name}}}],
            }
            for number, (name, one) in enumerate(self.mine.items())
            if (value := one["externalIds"].get("ArXiv"))
        ]
        return web.json_response({"group": [{"work-summary": []}, *groups]})

    async def batch(self, request: web.Request) -> web.Response:
        asked = (await request.json())["ids"]
        self.batches += 1
        await self.gate.wait()
        assert len(asked) <= 500
        named: dict[str, dict[str, Any] | None] = {}
        for name, paper in self.mine.items():
            ids = (f"{kind.upper()}:{value}" for kind, value in paper["externalIds"].items())
            counted = {"paperId": paper["paperId"], "title": name, "citationCount": len(self.citing[name])}
            named |= dict.fromkeys((paper["paperId"], *ids), counted)
        found = [named.get(one) for one in asked]
        return self._say("batch", found if any(found) else None, 200 if any(found) else 400)

    async def citations(self, request: web.Request) -> web.Response:
        name = next(name for name, one in self.mine.items() if one["paperId"] == request.match_info["paper"])
        rows = [{"citingPaper": one} for one in self.citing[name][: int(request.query["limit"])]]
        return self._say(name, {"offset": 0, "next": len(rows), "data": rows})

    def _say(self, part: str, usual: Any, status: int = 200) -> web.Response:
        self.asked.append(part)
        if own := self.answers.get(part):
            return web.Response(status=own.status, body=own.body, headers=own.headers)
        return web.json_response(usual, status=status)


@asynccontextmanager
async def scholar_server() -> AsyncIterator[ScholarServer]:
    server = ScholarServer()
    app = web.Application()
    app.router.add_get("/author/{author}/papers", server.author)
    app.router.add_get("/orcid/{orcid}/works", server.works)
    app.router.add_post("/paper/batch", server.batch)
    app.router.add_get("/paper/{paper}/citations", server.citations)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield server
    finally:
        await runner.cleanup()
