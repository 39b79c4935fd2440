"""A feed in pages (RFC 5005 and JSON Feed's `next_url`): which page comes after, and when it is enough. Pure."""

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
"""No page is begun after it: a poll that takes too long is broken off, and what it had read is lost."""
MAX_NAMES: Final = 200
"""Items of the first page that are remembered, to be known again on a later one."""


def names(items: Iterable[Item]) -> list[str]:
    """Name the first items of a page, shortly."""
    ids = [item.id for item in items][:MAX_NAMES]
    return [hashlib.blake2b(own.encode(), digest_size=6).hexdigest() for own in ids]


class Pages:
    """The pages of one poll, newest first; of two items with one id the first is taken."""

    def __init__(self, first: Poll, address: str, known: AbstractSet[str], most: int, *, begun: bool) -> None:
        """`known` are the names of what the first page showed at the last poll; of all pages `most` items are taken.

        Unless the source has `begun` before, what stands on later pages is the past: found by search, told to nobody.
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
        """Give the address of the page to read next; None at the end, at what is known, and where there is enough.

        A page is looked for on the host of the first only, and none is read twice.
        """
        if not self._last.more or len(self._items) >= self._most or not self._known.isdisjoint(names(self._last.items)):
            return None
        try:
            address = http_url(urljoin(self._address, self._last.more))
            near = address and _host(address) == _host(self._address)
        except ValueError:  # half an IPv6 address
            return None
        return address if near and address not in self._asked else None

    def add(self, page: Poll, asked: str, address: str) -> None:
        """Add the next page, which was asked for at one address and, where that redirects, read at another."""
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
        """Note why the next page is not read; at the first poll of a feed nothing was missed by that."""
        if self._known or self.count < MAX_PAGES:
            self._refusals.append(Refusal(f"page {self.count + 1}", reason))

    def poll(self) -> Poll:
        """Give what all pages brought."""
        return replace(self._first, items=list(self._items.values()), refusals=self._refusals, more=None)


def _host(address: str) -> str | None:
    return urlsplit(address).hostname
