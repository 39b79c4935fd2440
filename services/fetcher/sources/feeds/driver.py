"""Reads a feed over HTTP: RSS, Atom or JSON Feed, and its further pages."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Final

from pydantic import Field

from services.fetcher.http.polite import Answer, Polite
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.feeds.pages import MAX_PAGES, MAX_TIME_S, Pages, page_marks
from services.fetcher.sources.fields import bare_url
from services.fetcher.sources.port import Cursor, ParseFeed, Poll
from services.fetcher.sources.source_type import DriverContext
from shared.errors import PermanentError, TransientError

_GZIP: Final = b"\x1f\x8b"
AFTER_FAILURE_S: Final = 60.0
"""Seconds until the next poll, if a later page failed and the source named no time."""


class FeedConfig(SourceConfig):
    """The table of a feed."""

    url: str = Field(pattern=r"^https?://\S+$", max_length=2_000)

    @property
    def target(self) -> str:
        """The address, which may hold a name, a password or a token."""
        return self.url

    @property
    def shown_target(self) -> str:
        """The address without what may be secret."""
        return bare_url(self.url) + "?…" * ("?" in self.url)


def make(config: FeedConfig, context: DriverContext) -> "HttpFeed":
    """Make the driver of a feed."""
    most = context.settings.max_items
    return HttpFeed(config.name, config.url, context.polite, context.feeds.parse, max_items=most)


class HttpFeed:
    """The driver of any RSS, Atom or JSON Feed, and of the pages that it links.

    The cursor holds the validators of the first page, how long it stays fresh, and marks of the items on it.
    """

    def __init__(  # its collaborators, each of them replaced in some test
        self,
        name: str,
        url: str,
        polite: Polite,
        parse: ParseFeed,
        *,
        max_items: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`max_items` are taken from one poll; `clock` returns seconds."""
        self._parse = parse
        self.name = name
        self._url = url
        self._polite = polite
        self._max_items = max_items
        self._clock = clock

    async def poll(self, cursor: Cursor) -> Poll:
        """Read the feed; if it has not changed since `cursor`, return no items. Raises like every source.

        Further pages are read until one shows an item that the first page showed at the last poll. If one fails, what
        was read is kept, and the next poll begins at the first page again.
        """
        answer = await self._polite.get(self._url, cursor)
        if answer.unchanged:
            if not cursor:
                message = "the source answers 304 Not Modified to a request without validators"
                raise TransientError(message)
            fresh_for = _longer(answer.fresh_for, cursor.get("ttl"))
            return Poll(cursor={**cursor, **answer.cursor}, detail="unchanged", fresh_for=fresh_for)
        first = await self._read(answer)
        pages = Pages(first, answer.url, set(cursor.get("shown", ())), self._max_items, begun=bool(cursor))
        failure = await self._rest(pages)
        if failure:
            again = getattr(failure, "retry_after", None) or AFTER_FAILURE_S
            before = {name: value for name, value in cursor.items() if name == "shown"}
            return replace(pages.poll(), cursor=before, state="partial", again=again)
        # The freshness in the feed also applies to later 304 answers, which have no body.
        remembered = {**answer.cursor, **({"ttl": first.fresh_for} if first.fresh_for else {})}
        if first.more:
            remembered["shown"] = page_marks(first.items)
        return replace(pages.poll(), cursor=remembered, fresh_for=_longer(answer.fresh_for, first.fresh_for))

    async def _rest(self, pages: Pages) -> TransientError | PermanentError | None:
        """Read the further pages; return the error of one that failed."""
        began = self._clock()
        while address := pages.next():
            if pages.count == MAX_PAGES or self._clock() - began > MAX_TIME_S:
                pages.cut(f"no more than {pages.count} pages are read in one poll")
                break
            try:
                answer = await self._polite.get(address)
                pages.add(await self._read(answer), address, answer.url)
            except (TransientError, PermanentError) as error:
                pages.cut(str(error))
                return error
        return None

    async def _read(self, answer: Answer) -> Poll:
        if answer.body.startswith(_GZIP):
            message = "the answer is compressed twice, or is not a feed"
            raise TransientError(message)
        return await self._parse(answer.body, self.name, answer.url, self._max_items)


def _longer(*seconds: float | None) -> float | None:
    return max((each for each in seconds if each is not None), default=None)
