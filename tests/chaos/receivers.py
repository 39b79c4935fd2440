"""Receivers of webhooks that misbehave for a while, and record every attempt."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook

from tests.chaos.history import History

SLOW_S, HUNG_S = 1.5, 30.0


@dataclass
class Receivers:
    """One receiver for each subscription. In a bad mood it fails each webhook once."""

    history: History
    url: str = ""
    mood: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer an attempt by the mood, and record what was answered."""
        body, name, id_ = await request.read(), request.match_info["name"], request.headers["webhook-id"]
        record = {"subscription": name, "id": id_, "signed": self._signed(name, request, body), **_content(body)}
        if not self.mood or id_ in self.failed or self.mood == "slow":
            await asyncio.sleep(SLOW_S if self.mood == "slow" else 0)
            self.history.add("attempt", answered=204, **record)
            return web.Response(status=204)
        self.failed.add(id_)
        self.history.add("attempt", answered=None, mood=self.mood, **record)
        return await self._fail(request)

    async def _fail(self, request: web.Request) -> web.StreamResponse:
        if self.mood == "failing":
            return web.Response(status=500, text="no")
        if self.mood == "hung":
            await asyncio.sleep(HUNG_S)
        if self.mood == "lying":  # it says 200 and ends before what it promised
            response = web.StreamResponse(status=200, headers={"Content-Length": "100"})
            await response.prepare(request)
            await response.write(b'{"error": ')
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)

    def _signed(self, name: str, request: web.Request, body: bytes) -> bool:
        """Return whether the signature is right; the clock may be any."""
        moment = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        right = Webhook(self.secrets[name]).sign(request.headers["webhook-id"], moment, body.decode())
        return right in request.headers["webhook-signature"].split()


def _content(body: bytes) -> dict[str, Any]:
    """Return what an alert is about: the type, the papers, how many more, and the end of the period of a digest."""
    event = orjson.loads(body)
    data = event["data"]
    alerts = data.get("alerts", [data])
    return {
        "type": event["type"],
        "papers": [alert["paper"]["id"] for alert in alerts],
        "more": data.get("more", 0),
        "to": data.get("period", {}).get("to"),
        "body": hashlib.sha256(body).hexdigest()[:16],
    }


@contextlib.asynccontextmanager
async def receivers(history: History) -> AsyncIterator[Receivers]:
    """Serve receivers on a free loopback port, at a path for each name of a subscription."""
    own = Receivers(history)
    app = web.Application()
    app.router.add_post("/hook/{name}", own.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    own.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield own
    finally:
        await runner.cleanup()
