"""How often an API key may have something sent by hand: by address, by key and by client."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.channels.email import Email
from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.mailbox import inbox
from shared.coordination.quotas import Quota, SharedBuckets
from shared.http import Problem

_HOUR: Final = 3_600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class _Limits:
    """The quotas of one kind of sending."""

    name: str
    address: Quota
    key: Quota
    client: Quota


TESTS: Final = _Limits("tests", Quota(10, 10 / _HOUR), Quota(60, 60 / _HOUR), Quota(120, 120 / _HOUR))
CONFIRMATIONS: Final = _Limits("confirmations", Quota(3, 3 / _DAY), Quota(50, 50 / _DAY), Quota(100, 100 / _DAY))
"""The quota of an address is taken where the message is made, so that nobody learns who else asked it."""


@dataclass(frozen=True, slots=True)
class SendLimits:
    """Takes from the quotas; `clients` counts the requests of each client."""

    clients: ClientQuotas

    async def test(self, request: web.Request, owner: str, channel: AnyChannel) -> None:
        """Count a sample alert; raise Problem 429 if it is one too many."""
        address = inbox(channel.address) if isinstance(channel, Email) else "\0".join(channel.endpoint())
        await self._take(f"{TESTS.name}:address:{channel.type}:{address}", TESTS.address)
        await self._take_both(request, owner, TESTS)

    async def confirmation(self, request: web.Request, owner: str) -> None:
        """Count a message that asks to confirm; raise Problem 429 if it is one too many."""
        await self._take_both(request, owner, CONFIRMATIONS)

    async def _take_both(self, request: web.Request, owner: str, limits: _Limits) -> None:
        await self._take(f"{limits.name}:key:{owner}", limits.key)
        if not await self.clients.take(request, f"{limits.name}:client", limits.client):
            raise _too_many(1 / limits.client.per_second)

    async def _take(self, bucket: str, quota: Quota) -> None:
        if wait := await SharedBuckets(self.clients.redis).take(bucket, quota):
            raise _too_many(wait)


def _too_many(wait: float) -> Problem:
    return Problem(
        429, "Too many messages were asked for. Try again later.", headers={"Retry-After": str(int(wait) + 1)}
    )
