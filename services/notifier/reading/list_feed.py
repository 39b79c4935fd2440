"""The private feed of a reading list: the papers that its owner saved last.

Its address is signed as those of subscriptions are (`secrets/feed_tokens.py`). It exists once its owner asks for it;
with every new one the previous address stops working.
"""

import secrets
from secrets import compare_digest
from typing import Final

from redis.asyncio import Redis

from services.notifier.reading.list_tokens import owner_of, token_of
from services.notifier.reading.marked_papers import MarkedPapers
from services.notifier.secrets.feed_tokens import FEED_PATH, FeedAddresses
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.store import Store
from shared.papers.feeds import Feed, Format, write
from shared.readers.reading_store import feed_key

MOST: Final = 100
"""Papers of the feed."""
PATH: Final = f"{FEED_PATH}list/"
_NUMBER_BYTES: Final = 16


class ListFeeds:
    """Makes, checks and writes the feeds of reading lists."""

    def __init__(self, redis: Redis, links: Links, store: Store, marked: MarkedPapers) -> None:
        """Take the signing key and the public address of the instance from `links`."""
        self._redis = redis
        self._key = links.key
        self._site = links.public_url or ""
        self._store = store
        self._marked = marked

    async def addresses(self, owner: str, site: str | None = None) -> FeedAddresses | None:
        """Return the addresses of an owner's feed, or None if there is none; `site` is the instance."""
        token, site = await self._token(owner), self._site if site is None else site
        return FeedAddresses(*(f"{site}{PATH}{token}.{form}" for form in ("atom", "json"))) if token else None

    async def rotate(self, owner: str) -> FeedAddresses:
        """Return new addresses; the previous ones stop working."""
        await self._redis.set(feed_key(owner), secrets.token_hex(_NUMBER_BYTES))
        made = await self.addresses(owner)
        if made is None:  # deleted in between
            return await self.rotate(owner)
        return made

    async def find(self, token: str) -> str | None:
        """Return the owner of the list that a token opens, or None."""
        owner = owner_of(token)
        if owner is None or await self._store.is_revoked(owner):
            return None
        current = await self._token(owner)
        return owner if current and compare_digest(token, current) else None

    async def write(self, owner: str, token: str, form: Format) -> bytes:
        """Return the feed of a list: the papers saved last, as the index has them."""
        rows = await self._marked.lists.listed(owner, await self._marked.lists.ids(owner, "is:saved", most=MOST))
        found = {paper["id"]: paper async for part in self._marked.papers(rows) for _, paper in part if paper}
        site = self._site
        feed = Feed("Paperwire: saved papers", f"{site}{PATH}{token}.{form}", f"{site}/my", site, list(found.values()))
        return write(feed, form)

    async def _token(self, owner: str) -> str | None:
        number = await self._redis.get(feed_key(owner))
        return token_of(self._key, owner, number) if number else None
