"""Private feeds: the address of one, and what it shows.

An address holds a token that nobody can guess and that is stored nowhere: a signature over the subscription and a
number of its own in Redis. A new number makes another address, and the old one worthless.
"""

import base64
import hashlib
import hmac
import struct
import uuid
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

from services.notifier.alerts.gathering import Gathering
from services.notifier.secrets.links import Links
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import Row, Store, feed_number
from shared.papers.feeds import Feed, Format, write

PATH: Final = "/feeds/private/"
_PURPOSE: Final = b"paperwire private feed 1\n"
_MAC: Final = 23
"""Bytes of HMAC-SHA256 in a token: 184 bits, and with the id a multiple of three, so that base64 needs no padding."""
_ID: Final = 16
"""Bytes of a subscription's id."""


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """Where a subscription can be read as a feed, by who knows the address."""

    atom: str
    json: str


class FeedTokens:
    """Makes the addresses of feeds."""

    def __init__(self, redis: Redis, links: Links) -> None:
        """`links` has the key that signs, and the address at which readers reach the instance."""
        self._redis = redis
        self._key = links.key
        self.site = links.public_url or ""

    async def addresses(self, subscription: Subscription) -> FeedAddresses:
        """Give the addresses of a subscription's feed."""
        token = await self._token(subscription)
        return FeedAddresses(*(f"{self.site}{PATH}{token}.{form}" for form in ("atom", "json")))

    async def rotate(self, subscription: Subscription) -> FeedAddresses:
        """Give new addresses; the ones before lead nowhere."""
        await self._redis.incr(feed_number(subscription.id))
        return await self.addresses(subscription)

    async def opens(self, token: str, subscription: Subscription) -> bool:
        """Tell whether a token opens the feed of a subscription, and still does."""
        return hmac.compare_digest(token, await self._token(subscription))

    async def _token(self, subscription: Subscription) -> str:
        """Sign the moment it was made too: one that is made again, with the same id, has other addresses."""
        number = await self._redis.get(feed_number(subscription.id)) or b"0"
        name, made = uuid.UUID(subscription.id).bytes, struct.pack(">d", subscription.created_at.timestamp())
        mac = hmac.digest(self._key, _PURPOSE + name + made + number, hashlib.sha256)[:_MAC]
        return base64.urlsafe_b64encode(name + mac).decode("ascii")


class PrivateFeeds:
    """Writes the feeds."""

    def __init__(self, tokens: FeedTokens, store: Store, gathering: Gathering) -> None:
        self.tokens = tokens
        self._store = store
        self._gathering = gathering

    async def find(self, token: str) -> Row | None:
        """Read the subscription of a token."""
        name = _named(token)
        row = (await self._store.several([name]))[0] if name else None
        return row if row and await self.tokens.opens(token, row.subscription) else None

    async def write(self, row: Row, token: str, form: Format) -> bytes:
        """Write the feed of a subscription: its latest matches, newest first, each paper once."""
        papers: dict[str, dict[str, Any]] = {}
        for alert in await self._gathering.latest(row.subscription.id):
            paper = alert["data"]["paper"]
            papers.setdefault(paper["id"], paper)
        site = self.tokens.site
        title = f"Paperwire: {row.subscription.name}"
        return write(Feed(title, f"{site}{PATH}{token}.{form}", f"{site}/", site, list(papers.values())), form)


def _named(token: str) -> str | None:
    """Read which subscription a token is for, if it is one; whether it opens it is another question."""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return str(uuid.UUID(bytes=raw[:_ID])) if len(raw) == _ID + _MAC else None
