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
            return Poll(cursor={**cursor, **answer.cursor}, detail="unchanged", fresh_for=answer.fresh_for)
        poll = await asyncio.to_thread(self._read, answer.body, answer.url)
        return replace(poll, cursor=answer.cursor, fresh_for=answer.fresh_for)

    def _read(self, body: bytes, base: str) -> Poll:
        if body.startswith(_GZIP):
            message = "the answer is compressed twice, or a file that is no feed"
            raise TransientError(message)
        return parse_feed(body, self.name, base, self._max_items)
