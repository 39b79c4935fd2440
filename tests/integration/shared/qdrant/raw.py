"""A server of raw bytes in Qdrant's place: what it answers, and whether it closes the connection, is the test's."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
Answer = tuple[bytes, bool]
"""What is sent, and whether the connection is kept."""


@dataclass
class RawServer:
    """Its address, and the heads of the requests it got."""

    url: str = ""
    heads: list[str] = field(default_factory=list)


def answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Write an answer of HTTP."""
    lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return (head + "".join(lines) + "\r\n").encode() + body


@contextlib.asynccontextmanager
async def raw_server(answering: Callable[[int], Answer]) -> AsyncIterator[RawServer]:
    """Serve on loopback; `answering` gets the number of the request, from 1 on."""
    server = RawServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = True
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while kept:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                server.heads.append(head.decode())
                content, kept = answering(len(server.heads))
                writer.write(content)
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
