"""Addresses that refuse mail: which answers mean that, and the list of those that gave one.

Sending on to an address that does not exist is what spammers do, and costs a server its good name.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from redis.asyncio import Redis

from services.notifier.fields.mailbox import identity
from services.notifier.mailing.smtp import Reply, Step
from shared.moments import from_unix

_SUPPRESSED: Final = "mail:suppressed"
_FULL: Final = 552
"""The mailbox is full: permanent by its number, and over when its owner tidies up."""
_OURS: Final = frozenset({503, 530, 535, 538})
"""These say what the server wants of us before it takes mail, and nothing of the address."""
_POLICY: Final = re.compile(r"\b5\.7\.\d")
"""Enhanced status codes of policy (RFC 3463): we may not relay there, which is ours to set right."""


def is_bounce(reply: Reply) -> bool:
    """Tell whether an answer says that its recipient does not take mail, now and later."""
    if reply.step is not Step.RECIPIENT or reply.code is None or not 500 <= reply.code < 600:  # noqa: PLR2004  # RFC 5321
        return False
    return reply.code != _FULL and reply.code not in _OURS and not _POLICY.search(reply.text)


class Suppressed:
    """The addresses that nothing is sent to, until their owner confirms them again."""

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        """`clock` gives Unix seconds."""
        self._redis = redis
        self._clock = clock

    async def add(self, address: str, reason: str) -> None:
        """Send nothing more to an address; what is known already stays as it is."""
        day = from_unix(self._clock()).date().isoformat()
        await self._redis.hsetnx(_SUPPRESSED, identity(address), f"{day}: {reason}")

    async def reason(self, address: str) -> str | None:
        """Say why an address gets nothing, or None if it does."""
        found: Any = await self._redis.hget(_SUPPRESSED, identity(address))
        return found.decode() if found else None

    async def lift(self, address: str) -> None:
        """Send to an address again: its owner has just answered from it."""
        await self._redis.hdel(_SUPPRESSED, identity(address))
