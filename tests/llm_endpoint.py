"""A local server that speaks the protocol of OpenAI's chat completions, well or in one of several wrong ways."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Reply = Callable[[dict[str, Any]], str]
WRONG: dict[str, tuple[int, dict[str, str], bytes]] = {
    "429": (429, {"Retry-After": "90"}, b""),
    "500": (500, {}, b"words of a stranger"),
    "401": (401, {}, b"sk-secret is not valid"),
    "404": (404, {}, b""),
    "400": (400, {}, b""),
    "html": (200, {"Content-Type": "text/html"}, b"<html>Just a moment</html>"),
    "truncated": (200, {}, b'{"choices": [{"message": {"content": "{'),
    "error": (200, {}, b'{"error": {"message": "overloaded"}}'),
    "shape": (200, {}, b'{"choices": []}'),
    "huge": (200, {}, b'{"choices": "' + b"x" * 2_000_000 + b'"}'),
    "redirect": (307, {"Location": "/elsewhere"}, b""),
    "broken-stream": (
        200,
        {"Content-Type": "text/event-stream"},
        b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n',
    ),
}


@dataclass
class LlmEndpoint:
    """What it answers, how it misbehaves, and the requests that it got."""

    url: str = ""
    reply: Reply = lambda _: "{}"
    way: str = "ok"
    refused_options: tuple[str, ...] = ()
    tokens: int | None = 100
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def says(self, **answer: Any) -> None:
        """Answer with a JSON object from now on."""
        self.reply = lambda _: json.dumps(answer)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        payload = await request.json()
        self.requests.append(payload)
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        if self.way == "held":
            await self.released.wait()
        if self.way in WRONG:
            status, headers, body = WRONG[self.way]
            return web.Response(status=status, headers=headers, body=body)
        if set(self.refused_options) & set(payload):
            return web.json_response({"error": {"message": "unknown option"}}, status=400)
        text = self.reply(payload)
        if self.way == "stream":
            return web.Response(body=_stream(text), content_type="text/event-stream")
        usage = {} if self.tokens is None else {"usage": {"total_tokens": self.tokens}}
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], **usage})


def _stream(text: str) -> bytes:
    parts: list[dict[str, Any]] = [{"choices": [{"delta": {"content": character}}]} for character in text]
    parts += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": {"total_tokens": 42}}]
    return b"".join(b"data: " + json.dumps(part).encode() + b"\n\n" for part in parts) + b"data: [DONE]\n\n"


@asynccontextmanager
async def llm_endpoint() -> AsyncIterator[LlmEndpoint]:
    """Serve an endpoint on loopback."""
    endpoint = LlmEndpoint()
    app = web.Application()
    app.router.add_post("/{path:.*}", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield endpoint
    finally:
        endpoint.released.set()
        await runner.cleanup()
