"""A private Redis or Valkey server, reached through a unix socket that only its user can open."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from embedded.child_process import LONG_START_SECONDS, Child
from embedded.errors import DataDamaged, StartFailed
from embedded.lock import lock
from embedded.redis.append_only_file import check_manifest, cut_zeros, explain
from embedded.redis.binary import find_binary

log = logging.getLogger("embedded.redis")
SOCKET_PATH_BYTES = 103  # the shortest limit of the systems we run on (sun_path is 108 on Linux, 104 on macOS)


class EmbeddedRedis:
    """``async with EmbeddedRedis(directory) as redis: redis.url`` (a ``unix://`` address).

    Every acknowledged write is in the append-only file, which reaches the disk within a second. Nothing is evicted.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._child: Child | None = None
        self._at = self._directory / "redis.sock"
        self._stack = AsyncExitStack()
        self.url = ""

    @property
    def pid(self) -> int | None:
        """The process id of the server, or None when it has not been started."""
        return self._child.pid if self._child else None

    async def __aenter__(self) -> Self:
        """Start it.

        Raises:
            BinaryNotFound: no redis-server on this machine.
            DataDirInUse, DataDirError: the directory is held by another process, or cannot be used.
            StartFailed: it ended or did not answer in time.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(lock(self._directory))
            check_manifest(self._directory)
            if zeros := cut_zeros(self._directory):
                log.warning("The append-only file ended with %d zeros, as after a power cut; they were cut off", zeros)
            socket = self._socket(stack)
            self._child = Child(
                "redis-server", command(find_binary(), self._directory, socket), self._directory / "redis.log"
            )
            stack.push_async_callback(self._child.stop)
            self._at = socket
            await self.restart()
            self.url = f"unix://{quote(str(socket))}"
            self._stack = stack.pop_all()
        return self

    async def restart(self) -> None:
        """Start it again at the same address after it has ended. Raises as `__aenter__` does."""
        assert self._child is not None, "restart() belongs inside the async with block"  # noqa: S101
        try:
            await self._child.start(lambda: answers(self._at), longest_seconds=LONG_START_SECONDS)
        except StartFailed as error:
            if sentence := explain(str(error), self._directory):
                raise DataDamaged(sentence) from error
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def wait(self) -> int:
        """Wait until the server ends by itself; return its exit status."""
        assert self._child is not None, "wait() belongs inside the async with block"  # noqa: S101
        return await self._child.wait()

    def _socket(self, stack: AsyncExitStack) -> Path:
        socket = self._directory / "redis.sock"
        if len(bytes(socket)) <= SOCKET_PATH_BYTES:
            return socket
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paperwire-"))) / "redis.sock"


def command(binary: str, directory: Path, socket: Path) -> list[str]:
    """Return the command line; there is no configuration file to drift from it."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [binary, *(part for name, value in options.items() for part in (f"--{name}", value))]


async def answers(socket: Path) -> bool:
    """Return whether the server behind ``socket`` has finished loading and answers."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    try:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"  # "-LOADING …" while the append-only file is read
    except ConnectionError:
        return False
    finally:
        writer.close()
