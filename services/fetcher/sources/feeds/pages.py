"""The pages of a feed: which one is read next, and what all of them brought. Pure."""

import hashlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from services.fetcher.sources.fields import http_url
from services.fetcher.sources.port import BACKFILLED, Poll, Refusal
from shared.papers.events import Item

MAX_PAGES: Final = 10
"""Pages of one poll."""
MAX_TIME_S: Final = 300.0
"""No page is requested after this time: a poll that takes too long is cancelled, and what it has read is lost."""
MAX_MARKS: Final = 200
"""Items of the first page that are remembered, to recognize them on a later page."""


def page_marks(items: Iterable[Item]) -> list[str]:
    """Return short marks of the first items of a page."""
    ids = [item.id for item in items][:MAX_MARKS]
    return [hashlib.blake2b(own.encode(), digest_size=6).hexdigest() for own in ids]


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
        self._items = {item.id: item for item in first.items}
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
                self._items.setdefault(item.id, item.model_copy(update=past))
        where = f"page {self.count}"
        self._refusals += [Refusal(f"{where}, {note.where}", note.reason, note.cleaned) for note in page.refusals]

    def cut(self, reason: str) -> None:
        """Record why the next page is not read, unless this is the first poll of a feed and enough pages were read."""
        if self._known or self.count < MAX_PAGES:
            self._refusals.append(Refusal(f"page {self.count + 1}", reason))

    def poll(self) -> Poll:
        """Return what all pages brought."""
        return replace(self._first, items=list(self._items.values()), refusals=self._refusals, more=None)


def _host(address: str) -> str | None:
    return urlsplit(address).hostname
