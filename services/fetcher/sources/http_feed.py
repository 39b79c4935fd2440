"""A feed over HTTP: RSS, Atom or JSON Feed, asked for politely, and clear words for what is none."""

import asyncio
from dataclasses import replace
from typing import Final

from services.fetcher.polite import Polite
from services.fetcher.sources.feed import parse_feed
from services.fetcher.sources.port import Cursor, Poll
from shared.errors import TransientError

_GZIP: Final = b"\x1f\x8b"


class HttpFeed:
    """Any RSS, Atom or JSON Feed address."""

    def __init__(self, name: str, url: str, polite: Polite, *, max_items: int) -> None:
        """Of one answer, `max_items` are taken."""
        self.name = name
        self._url = url
        self._polite = polite
        self._max_items = max_items

    async def poll(self, cursor: Cursor) -> Poll:
        """Ask for the feed; one that has not changed since `cursor` answers with nothing. Raises as every source."""
        answer = await self._polite.get(self._url, cursor)
        if answer.unchanged:
            if not cursor:
                message = "the source answers 304 Not Modified to who has nothing yet"
                raise TransientError(message)
            fresh_for = _longer(answer.fresh_for, cursor.get("ttl"))
            return Poll(cursor={**cursor, **answer.cursor}, detail="unchanged", fresh_for=fresh_for)
        poll = await asyncio.to_thread(self._read, answer.body, answer.url)
        # What the feed itself says of its freshness holds for the 304s that follow, which have no body to say it in.
        remembered = {**answer.cursor, **({"ttl": poll.fresh_for} if poll.fresh_for else {})}
        return replace(poll, cursor=remembered, fresh_for=_longer(answer.fresh_for, poll.fresh_for))

    def _read(self, body: bytes, base: str) -> Poll:
        if body.startswith(_GZIP):
            message = "the answer is compressed twice, or a file that is no feed"
            raise TransientError(message)
        return parse_feed(body, self.name, base, self._max_items)


def _longer(*seconds: float | None) -> float | None:
    return max((each for each in seconds if each is not None), default=None)
