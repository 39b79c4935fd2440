"""Leases: work that only one process may do at a time, held in Redis while it is done."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus import scripts
from shared.errors import PermanentError
from shared.tasks import cancel

LEASE_S: Final = 15.0


class Lease:
    """A lease of one name for one holder. A holder that was killed loses it after `seconds`."""

    def __init__(self, redis: "Redis[bytes]", name: str, seconds: float = LEASE_S) -> None:
        """The caller closes `redis`."""
        self._key = f"lease:{name}"
        self._seconds = seconds
        self._token = secrets.token_hex(8)
        self._hold = scripts.register(redis, __package__ or "", "hold_lease")
        self._release = scripts.register(redis, __package__ or "", "release_lease")

    async def take(self) -> float:
        """Take or renew the lease; return 0 when this holder has it, else the seconds until the other's ends."""
        left = await self._hold(keys=[self._key], args=[self._token, int(self._seconds * 1000)])
        return int(left) / 1000

    async def release(self) -> bool:
        """Release the lease; return whether this holder had it."""
        return bool(await self._release(keys=[self._key], args=[self._token]))

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew a lease that was taken for the time of the block, and release it after.

        Raises:
            PermanentError: the block was cancelled, since another process has taken the lease over: Redis was away for
                longer than it lasts, or this process stood still.

        """
        lost = False
        block: asyncio.Task[None] = asyncio.current_task()  # type: ignore[assignment]  # a coroutine runs in some task

        async def renew() -> None:
            nonlocal lost
            while not lost:
                await asyncio.sleep(self._seconds / 3)
                with contextlib.suppress(RedisError, OSError):
                    lost = await self.take() > 0
            block.cancel()

        renewing = asyncio.create_task(renew())
        try:
            yield
        except asyncio.CancelledError:
            if not lost:
                raise
            block.uncancel()  # the cancellation was this function's own, and ends as an error
            message = "another process has taken over the lease"
            raise PermanentError(message) from None
        finally:
            await cancel([renewing])
            with contextlib.suppress(RedisError, OSError):  # then the lease ends by itself
                await self.release()
