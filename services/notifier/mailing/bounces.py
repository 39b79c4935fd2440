"""Bounces: which replies mean that an address refuses mail, the list of such addresses, and the bounces that may pass.

Mail to addresses that do not exist looks like spam and harms the reputation of the server.
"""

from collections.abc import Callable
from typing import Any, Final

from redis.asyncio import Redis

from services.notifier.fields.mailbox import identity
from services.notifier.mailing.failure import Kind, kind_of
from services.notifier.mailing.smtp import Reply, Step
from shared.board import MAIL, MailRow
from shared.moments import from_unix, iso

_SUPPRESSED: Final = "mail:suppressed"
MAX_SOFT: Final = 5
"""Deliveries that came back from an address for reasons that may pass, before it is suppressed."""
SOFT_SPAN: Final = 30 * 86_400
"""Seconds within which they came back: five digests of a reader who gets one a week."""


def is_bounce(reply: Reply) -> bool:
    """Return whether a reply means that the recipient permanently refuses mail."""
    if reply.step is not Step.RECIPIENT or reply.code is None or not 500 <= reply.code < 600:  # noqa: PLR2004  # RFC 5321
        return False
    return kind_of("", f"{reply.code} {reply.text}") is Kind.HARD


def refusal(reason: str) -> str:
    """Return the sentence for the owner of a subscription whose address is suppressed for a reason."""
    return f"The address refuses mail ({reason}). Confirm it again to resume."


class SuppressedAddresses:
    """The addresses that nothing is sent to until their owners confirm them again."""

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        """`clock` returns Unix seconds."""
        self._redis = redis
        self._clock = clock

    async def add(self, address: str, reason: str) -> None:
        """Stop sending to an address; the reason of an earlier call stays."""
        day = from_unix(self._clock()).date().isoformat()
        await self._redis.hsetnx(_SUPPRESSED, identity(address), f"{day}: {reason}")
        await self._report()

    async def reason(self, address: str) -> str | None:
        """Return why nothing is sent to an address, or None if it is not suppressed."""
        found: Any = await self._redis.hget(_SUPPRESSED, identity(address))
        return found.decode() if found else None

    async def lift(self, address: str) -> None:
        """Send to an address again, because its owner has just confirmed it."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(_SUPPRESSED, identity(address))
            pipe.delete(_soft_key(address))
            lifted = (await pipe.execute())[0]
        if lifted:
            await self._report()

    async def _report(self) -> None:
        """Write how many addresses are suppressed to the board."""
        count, now = int(await self._redis.hlen(_SUPPRESSED)), iso(from_unix(self._clock()))
        await MAIL.put(self._redis, {"addresses": MailRow(suppressed=count, changed=now)})

    async def count_soft(self, address: str, delivery: str) -> int:
        """Count a delivery that came back for a reason that may pass; return how many did within `SOFT_SPAN`.

        A delivery counts once.
        """
        key, now = _soft_key(address), self._clock()
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(key, {delivery: now}, nx=True)
            pipe.zremrangebyscore(key, "-inf", now - SOFT_SPAN)
            pipe.zremrangebyrank(key, 0, -MAX_SOFT - 1)
            pipe.zcard(key)
            pipe.expire(key, SOFT_SPAN)
            return int((await pipe.execute())[3])


def _soft_key(address: str) -> str:
    return f"mail:soft:{identity(address)}"
