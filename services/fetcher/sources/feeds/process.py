"""Parses feeds in processes with limits: no feed can hold up this one, whatever its markup does to the library."""

import asyncio
from collections.abc import Callable
from concurrent.futures import wait
from functools import partial
from typing import Final

import orjson
from pydantic import TypeAdapter

from services.fetcher.sources.port import MAX_ITEMS, Poll
from shared.errors import TransientError
from shared.time_limit import in_thread
from shared.worker.protocol import CallFailedError, Limits
from shared.worker.worker import Worker

LIMITS: Final = Limits(seconds=90.0, processor=30.0, memory=1024 * 1024 * 1024, calls=200)
"""The largest feed that is read takes some 8 s of the processor."""
PROCESSES: Final = 2
MAX_SENT: Final = 64 * 1024 * 1024
"""Bytes of a feed that are sent to a process; it reads entries from the first 8 MiB."""
LOOK_S: Final = 1.0
"""Seconds between two looks of a thread that waits."""
_POLL: Final = TypeAdapter(Poll)


class FeedProcess:
    """Parses feeds in processes, which start when the first feed is read."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        """`limits` are those of one feed."""
        self._worker = Worker("services.fetcher.sources.feeds.parse:parse_request", limits, processes=PROCESSES)

    async def parse(self, body: bytes, source: str, base: str = "", most: int = MAX_ITEMS) -> Poll:
        """Parse a feed as `parse_feed` does.

        Raises:
            TransientError: it is not a feed, it reports an error, or it exceeds a limit.

        """
        task = orjson.dumps({"source": source, "base": base, "most": most})
        try:
            answer = await self._worker.call(b"%s\n%s" % (task, body[:MAX_SENT]))
        except CallFailedError as error:
            message = f"the feed {error}, so it was not read"
            raise TransientError(message) from error
        if answer.startswith(b"-"):
            raise TransientError(answer[1:].decode())
        return await in_thread(_POLL.validate_json, answer)

    def from_thread(self) -> Callable[[bytes, str], Poll]:
        """Return a function for threads, which blocks until this event loop has the feed parsed."""
        return partial(self._blocking, asyncio.get_running_loop())

    def _blocking(self, loop: asyncio.AbstractEventLoop, body: bytes, source: str) -> Poll:
        call = asyncio.run_coroutine_threadsafe(self.parse(body, source), loop)
        try:
            while not wait([call], LOOK_S).done:  # between two waits this thread can be interrupted
                pass
            return call.result()
        finally:
            call.cancel()

    @property
    def process_ids(self) -> list[int]:
        """The ids of the processes that take feeds now."""
        return self._worker.process_ids

    async def close(self) -> None:
        """End the processes."""
        await self._worker.close()
