"""A real server for all five providers: each answers, or fails in the way that a test sets."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import web

RESET = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
WAYS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "401": (401, {}, b"Bad credentials"),
    "429": (429, {}, b"Too Many Requests"),
    "503": (503, {"Retry-After": "90"}, b"words of a stranger"),
    "limited": (403, RESET, b""),
    "shape": (200, {}, b'{"unexpected": [1, 2, 3]}'),
    "html": (200, {"Content-Type": "text/html"}, b"<html>Just a moment</html>"),
    "huge": (200, {}, b'["' + b"x" * 3_000_000 + b'"]'),
    "broken": (200, {"Content-Encoding": "gzip"}, b"this is no gzip, and longer than its header"),
    "elsewhere": (301, {"Location": "http://localhost:1/x"}, b""),
    "nowhere": (301, {}, b""),
}


class ProviderServer:
    """What the providers know, how each behaves, and the requests that they got."""

    def __init__(self) -> None:
        self.behaviour: dict[str, str] = defaultdict(lambda: "ok")
        self.asked: Counter[str] = Counter()
        self.seen: list[web.Request] = []
        self.bodies: list[Any] = []
        self.released = asyncio.Event()
        self.url = ""
        self.scholar: dict[str, dict[str, Any]] = {}
        self.openalex: list[dict[str, Any]] = []
        self.crossref: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.github: dict[str, dict[str, Any]] = {}
        self.moved: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.huggingface: dict[str, dict[str, Any]] = {}

    def settings(self) -> dict[str, str]:
        """Return settings with the addresses of this server."""
        names = ("semantic_scholar", "openalex", "crossref", "github", "huggingface")
        return {f"{name}_url": f"{self.url}/{name.replace('_', '-')}" for name in names}

    async def misbehave(self, name: str, request: web.Request) -> web.StreamResponse | None:
        """Return the failure that a test has set for a provider, if any."""
        behaviour = self.behaviour[name]
        if behaviour == "circle":
            return web.Response(status=302, headers={"Location": str(request.rel_url)})
        if behaviour == "held":
            await self.released.wait()
        if behaviour not in WAYS:
            return None
        status, headers, body = WAYS[behaviour]
        return web.Response(status=status, headers=headers, body=body)


@asynccontextmanager
async def providers() -> AsyncIterator[ProviderServer]:
    """Serve all providers."""
    server = ProviderServer()

    @web.middleware
    async def behave(request: web.Request, handler: Any) -> web.StreamResponse:
        name = request.path.split("/")[1]
        server.asked[name] += 1
        server.seen.append(request)
        server.bodies.append(await request.json() if request.method == "POST" else None)
        answer: web.StreamResponse = await server.misbehave(name, request) or await handler(request)
        return answer

    app = web.Application(middlewares=[behave])
    app.router.add_post("/semantic-scholar/paper/batch", partial(_scholar, server))
    app.router.add_get("/openalex/works", partial(_openalex, server))
    app.router.add_get("/crossref/works", partial(_crossref, server))
    app.router.add_get("/github/repos/{owner}/{name}", partial(_github, server))
    app.router.add_get("/github/repositories/{owner}/{name}", partial(_github, server))
    app.router.add_get("/huggingface/api/papers/{id}", partial(_huggingface, server))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.released.set()
        await runner.cleanup()


async def _scholar(server: ProviderServer, request: web.Request) -> web.Response:
    ids = (await request.json())["ids"]
    return web.json_response([server.scholar.get(name) for name in ids])


async def _openalex(server: ProviderServer, request: web.Request) -> web.Response:
    wanted = request.query["filter"].removeprefix("doi:").split("|")
    rows = [row for row in server.openalex if row["doi"].removeprefix("https://doi.org/").lower() in wanted]
    return web.json_response({"meta": {"count": len(rows)}, "results": rows})


async def _crossref(server: ProviderServer, request: web.Request) -> web.Response:
    rows = []
    for each in request.query["filter"].split(","):
        rows += server.crossref[each]
    return web.json_response({"status": "ok", "message": {"items": rows}})


async def _github(server: ProviderServer, request: web.Request) -> web.Response:
    name = f"{request.match_info['owner']}/{request.match_info['name']}"
    if name in server.refused:
        return web.json_response({"message": "Repository access blocked"}, status=server.refused[name])
    if name in server.moved:
        target = f"{server.url}/github/repositories/{server.moved[name]}"
        return web.Response(status=301, headers={"Location": target})
    row = server.github.get(name)
    if row is None:
        return web.Response(status=404)
    etag = f'"{hash(json.dumps(row))}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.json_response({"full_name": name, **row}, headers={"ETag": etag})


async def _huggingface(server: ProviderServer, request: web.Request) -> web.Response:
    row = server.huggingface.get(request.match_info["id"])
    return web.json_response(row) if row else web.Response(status=404)
