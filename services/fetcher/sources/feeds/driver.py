"""Reads a feed over HTTP: RSS, Atom or JSON Feed, and its further pages.

Feeds are parsed in processes with limits: no feed can hold up this one, whatever its markup does to the library.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Final
from urllib.parse import urljoin, urlsplit

import orjson
from pydantic import Field, TypeAdapter

from services.fetcher.http.polite import Answer, Polite
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.fields import bare_url, http_url
from services.fetcher.sources.port import BACKFILLED, MAX_ITEMS, PARTIAL, Cursor, ParseFeed, Poll, Refusal
from services.fetcher.sources.source_type import DriverContext
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item
from shared.time_limit import in_thread
from shared.worker.protocol import CallFailedError, Limits
from shared.worker.worker import Worker

_GZIP: Final = b"\x1f\x8b"
AFTER_FAILURE_S: Final = 60.0
"""Seconds until the next poll, if a later page failed and the source named no time."""
MAX_PAGES: Final = 10
"""Pages of one poll."""
MAX_TIME_S: Final = 300.0
"""No page is requested after this time: a poll that takes too long is cancelled, and what it has read is lost."""
MAX_MARKS: Final = 200
"""Items of the first page that are remembered, to recognize them on a later page."""
LIMITS: Final = Limits(seconds=90.0, processor=30.0, memory=1024 * 1024 * 1024, calls=200)
"""The largest feed that is read takes some 8 s of the processor."""
PROCESSES: Final = 2
MAX_SENT: Final = 64 * 1024 * 1024
"""Bytes of a feed that are sent to a process; it reads entries from the first 8 MiB."""
LOOK_S: Final = 1.0
"""Seconds between two looks of a thread that waits."""
_POLL: Final = TypeAdapter(Poll)


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


def page_marks(items: Iterable[Item]) -> list[str]:
    """Return short marks of the first items of a page."""
    ids = [item.id for item in items][:MAX_MARKS]
    return [hashlib.blake2b(own.encode(), digest_size=6).hexdigest() for own in ids]


def _host(address: str) -> str | None:
    return urlsplit(address).hostname


class Pages:
    """The pages of one poll, newest first; of two items with one id the first is taken."""

    def __init__(self, first: Poll, address: str, known: AbstractSet[str], most: int, *, begun: bool) -> None:
        """`known` are the marks of the first page at the last poll; `most` items are taken from all pages.

        At the first poll of a source (not `begun`) later pages are the past: searchable, without alerts.
        """
        self._first = first
        self._last = first
        self._address = address
        self._known = known
        self._most = most
        self._begun = begun
        self._asked = {address}
        self._items = {(item.id, item.version): item for item in first.items}
        self._refusals = list(first.refusals)
        self.count = 1

    def next(self) -> str | None:
        """Return the address of the next page; None at the end, at known items, and if there are enough.

        A page is read on the host of the first page only, and never twice.
        """
        if (
            not self._last.more
            or len(self._items) >= self._most
            or not self._known.isdisjoint(page_marks(self._last.items))
        ):
            return None
        try:
            address = http_url(urljoin(self._address, self._last.more))
            near = address and _host(address) == _host(self._address)
        except ValueError:  # half an IPv6 address
            return None
        return address if near and address not in self._asked else None

    def add(self, page: Poll, asked: str, address: str) -> None:
        """Add the next page, requested at one address and, after redirects, read at another."""
        self.count += 1
        self._last, self._address = page, address
        self._asked |= {asked, address}
        for item in page.items:
            if len(self._items) < self._most:
                past = {} if self._begun else {"announced": BACKFILLED}
                self._items.setdefault((item.id, item.version), item.model_copy(update=past))
        where = f"page {self.count}"
        self._refusals += [Refusal(f"{where}, {note.where}", note.reason, note.cleaned) for note in page.refusals]

    def cut(self, reason: str) -> None:
        """Record why the next page is not read, unless this is the first poll of a feed and enough pages were read."""
        if self._known or self.count < MAX_PAGES:
            self._refusals.append(Refusal(f"page {self.count + 1}", reason))

    def poll(self) -> Poll:
        """Return what all pages brought."""
        return replace(self._first, items=list(self._items.values()), refusals=self._refusals, more=None)


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
        was read is kept, and the next poll begins at the first page again; also if the feed was cut on its way.
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
        if failure or first.state == PARTIAL:
            again = getattr(failure, "retry_after", None) or AFTER_FAILURE_S if failure else None
            before = {name: value for name, value in cursor.items() if name == "shown"}
            return replace(pages.poll(), cursor=before, state=PARTIAL, again=again)
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


class FeedProcess:
    """Parses feeds in processes, which start when the first feed is read."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        """`limits` are those of one feed."""
        self._worker = Worker("services.fetcher.sources.feeds.parse:parse_request", limits, processes=PROCESSES)

    async def parse(self, body: bytes, source: str, base: str = "", most: int = MAX_ITEMS) -> Poll:
        """Parse a feed as `parse_feed` does.

        Raises:
            TransientError: it is not a feed, it reports an error, or it exceeds a limit.

        """
        task = orjson.dumps({"source": source, "base": base, "most": most})
        try:
            answer = await self._worker.call(b"%s\n%s" % (task, body[:MAX_SENT]))
        except CallFailedError as error:
            message = f"the feed {error}, so it was not read"
            raise TransientError(message) from error
        if answer.startswith(b"-"):
            raise TransientError(answer[1:].decode())
        return await in_thread(_POLL.validate_json, answer)

    def from_thread(self) -> Callable[[bytes, str], Poll]:
        """Return a function for threads, which blocks until this event loop has the feed parsed."""
        return partial(self._blocking, asyncio.get_running_loop())

    def _blocking(self, loop: asyncio.AbstractEventLoop, body: bytes, source: str) -> Poll:
        call = asyncio.run_coroutine_threadsafe(self.parse(body, source), loop)
        try:
            while not wait([call], LOOK_S).done:  # between two waits this thread can be interrupted
                pass
            return call.result()
        finally:
            call.cancel()

    @property
    def process_ids(self) -> list[int]:
        """The ids of the processes that take feeds now."""
        return self._worker.process_ids

    async def close(self) -> None:
        """End the processes."""
        await self._worker.close()
