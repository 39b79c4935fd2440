"""The addresses of private feeds.

An address holds a token that nobody can guess and that is stored nowhere: a signature over the subscription and a
number in Redis. When the number changes, so does the address, and the previous address stops working.
"""

import base64
import struct
import uuid
from dataclasses import dataclass
from hashlib import sha256
from secrets import compare_digest
from typing import Final

from itsdangerous import HMACAlgorithm
from redis.asyncio import Redis

from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import feed_number

FEED_PATH: Final = "/feeds/private/"
_PURPOSE: Final = b"paperwire private feed 1\n"
_MAC_SIZE: Final = 23
"""Bytes of HMAC-SHA256 in a token: 184 bits, and with the id a multiple of three, so that base64 needs no padding."""
_SIGNATURE: Final = HMACAlgorithm(sha256)
_ID_SIZE: Final = 16
"""Bytes of a subscription's id."""


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """The addresses of a subscription's feed, one for each format. Anyone who has an address can read the feed."""

    atom: str
    json: str


class FeedTokens:
    """Make and check the tokens of private feeds."""

    def __init__(self, redis: Redis, links: Links) -> None:
        """Take the signing key and the public address of the instance from `links`."""
        self._redis = redis
        self._key = links.key
        self.site = links.public_url or ""

    async def addresses(self, subscription: Subscription) -> FeedAddresses:
        """Return the addresses of a subscription's feed."""
        token = await self._token(subscription)
        return FeedAddresses(*(f"{self.site}{FEED_PATH}{token}.{form}" for form in ("atom", "json")))

    async def rotate(self, subscription: Subscription) -> FeedAddresses:
        """Return new addresses; the previous ones stop working."""
        await self._redis.incr(feed_number(subscription.id))
        return await self.addresses(subscription)

    async def opens(self, token: str, subscription: Subscription) -> bool:
        """Return whether a token is the current one of a subscription."""
        return compare_digest(token, await self._token(subscription))

    async def _token(self, subscription: Subscription) -> str:
        """Sign the id, the creation time and the number: a subscription recreated under its id has other addresses."""
        number = await self._redis.get(feed_number(subscription.id)) or b"0"
        id_, created = uuid.UUID(subscription.id).bytes, struct.pack(">d", subscription.created_at.timestamp())
        mac = _SIGNATURE.get_signature(self._key, _PURPOSE + id_ + created + number)[:_MAC_SIZE]
        return base64.urlsafe_b64encode(id_ + mac).decode("ascii")


def subscription_of(token: str) -> str | None:
    """Parse the subscription's id out of a token, unverified; None if it is no token."""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return str(uuid.UUID(bytes=raw[:_ID_SIZE])) if len(raw) == _ID_SIZE + _MAC_SIZE else None
