"""Consents: which addresses an API key may send mail to, because their readers confirmed, and which readers left."""

from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis

from services.notifier.channels.email import Email
from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.mailbox import identity
from services.notifier.subscription.owners import MAIL
from shared.errors import PermanentError

_GIVEN: Final = "given"
_WITHDRAWN: Final = "withdrawn"


class Consents:
    """Read and write consents. Mail to the verified `domains` needs none, but its readers can leave as well."""

    def __init__(self, redis: Redis, domains: Sequence[str]) -> None:
        self._redis = redis
        self._domains = frozenset(domain.lower() for domain in domains)

    async def allow(self, owner: str, channel: AnyChannel) -> bool:
        """Return whether an owner may send to a channel now, or its address has to confirm first.

        Raises:
            PermanentError: the reader of the address unsubscribed from this owner.

        """
        if not isinstance(channel, Email) or owner.startswith(MAIL):
            return True
        found: Any = await self._redis.hget(consents_key(owner), identity(channel.address))
        if found == _WITHDRAWN.encode():
            message = f"The reader of {channel.address} unsubscribed: only the link in the mail to them can undo that."
            raise PermanentError(message)
        return found is not None or channel.address.lower().rpartition("@")[2] in self._domains

    async def give(self, owner: str, address: str) -> None:
        """Note that the reader of an address wants mail of an owner."""
        await self._redis.hset(consents_key(owner), identity(address), _GIVEN)

    async def withdraw(self, owner: str, address: str) -> None:
        """Note that the reader of an address wants no mail of an owner any more."""
        await self._redis.hset(consents_key(owner), identity(address), _WITHDRAWN)

    async def lapse(self, owner: str, address: str) -> None:
        """Forget that a reader wants mail of an owner, if they said so: their address is asked again."""
        if await self._redis.hget(consents_key(owner), identity(address)) == _GIVEN.encode():
            await self._redis.hdel(consents_key(owner), identity(address))


def consents_key(owner: str) -> str:
    """Return the key of the consents that readers gave to an owner."""
    return f"consents:of:{owner}"
