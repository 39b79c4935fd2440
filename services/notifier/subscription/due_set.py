"""Sets of subscriptions by when something is due for them. Any number of processes share the work."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus import scripts
from shared.bus.outage_log import OutageLog
from shared.errors import TransientError


class DueSet:
    """Claim what is due. A process that dies loses its claim when the lease ends."""

    def __init__(self, redis: Redis, key: str, lease: float, longest: float) -> None:
        """Use the sorted set at `key`, members by Unix seconds; a claim lasts `lease` seconds.

        A member that is due in more than `longest` seconds is due now: the clock was put right meanwhile.
        """
        self._claim = scripts.register(redis, __package__, "claim_due")
        self._key = key
        self._lease = lease
        self._longest = longest

    async def claim(self, now: float, most: int) -> list[str]:
        """Claim at most `most` members that are due at `now`; return them, the longest due first."""
        arguments = [now, most, now + self._lease, self._longest]
        return [member.decode() for member in await self._claim(keys=[self._key], args=arguments)]


async def take_turns(part: str, turn: Callable[[], Awaitable[int]], poll: float) -> None:
    """Take turns until cancelled: while one found something due, and again after `poll` seconds.

    An outage ends the turns until then; it is logged once, as that of `part`.
    """
    outages = OutageLog()
    while True:
        with outages.logged(part, poll, TransientError, RedisError, OSError):
            while await turn():
                pass
        await asyncio.sleep(poll)
