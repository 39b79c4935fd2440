"""One at a time: work that only one process may do, held by a lease in Redis while it is done."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.errors import PermanentError
from shared.tasks import cancel

LEASE_S: Final = 15.0
"""A lease that is not renewed for so long is another's to take: its process was killed, or hangs."""
_HOLD: Final = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return math.max(redis.call('PTTL', KEYS[1]), 1) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
"""
_LEAVE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Exclusive:
    """A lease of one name. What is held is renewed until it is left; who was killed loses it by itself."""

    def __init__(self, redis: "Redis[bytes]", name: str) -> None:
        """Use a client that stays the caller's."""
        self._redis = redis
        self._key = f"lease:{name}"
        self._token = secrets.token_hex(8)
        self._hold = redis.register_script(_HOLD)
        self._leave = redis.register_script(_LEAVE)

    async def take(self) -> float:
        """Take the lease, or keep it; 0 when it is ours, else the seconds after which the other's ends."""
        left = await self._hold(keys=[self._key], args=[self._token, int(LEASE_S * 1000)])
        return int(left) / 1000

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lease for the time of the block, and leave it after.

        Raises:
            PermanentError: the block was broken off, since another has taken the lease over: Redis was away for longer
                than it lasts, or this process stood still.

        """
        lost = False
        block: asyncio.Task[None] = asyncio.current_task()  # type: ignore[assignment]  # a coroutine runs in some task

        async def renew() -> None:
            nonlocal lost
            while not lost:
                await asyncio.sleep(LEASE_S / 3)
                with contextlib.suppress(RedisError, OSError):
                    lost = await self.take() > 0
            block.cancel()

        renewing = asyncio.create_task(renew())
        try:
            yield
        except asyncio.CancelledError:
            if not lost:
                raise
            block.uncancel()  # it was ours, and ends as an error
            message = "another process has taken it over"
            raise PermanentError(message) from None
        finally:
            await cancel([renewing])
            with contextlib.suppress(RedisError, OSError):  # then it ends by itself
                await self._leave(keys=[self._key], args=[self._token])
