"""Feeds in pages: followed to what is known, and no further than a stranger may lead us."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
from aiohttp import web

from services.fetcher.sources.feeds.driver import MAX_PAGES, HttpFeed
from services.fetcher.sources.port import Poll
from tests.integration.fetcher.http.polite import polite
from tests.integration.fetcher.support import open_feed, parse_here, serving

Feed = Callable[..., AbstractAsyncContextManager[HttpFeed]]
Write = Callable[[Sequence[int], str], bytes]


def atom(numbers: Sequence[int], more: str, rel: str = "next") -> bytes:
    rows = "".join(f"<entry><id>urn:crane:{n}</id><title>Crane {n}</title></entry>" for n in numbers)
    link = f'<link rel="{rel}" href="{more}"/>' if more else ""
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Cranes</title>{link}{rows}</feed>'.encode()


def archived(numbers: Sequence[int], more: str) -> bytes:
    return atom(numbers, more, "prev-archive")


def rss(numbers: Sequence[int], more: str) -> bytes:
    rows = "".join(f"<item><guid>urn:crane:{n}</guid><title>Crane {n}</title></item>" for n in numbers)
    link = f'<a:link rel="next" href="{more}"/>' if more else ""
    head = '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Cranes</title>'
    return f"{head}{link}{rows}</channel></rss>".encode()


def json_feed(numbers: Sequence[int], more: str) -> bytes:
    rows = [{"id": f"urn:crane:{n}", "title": f"Crane {n}"} for n in numbers]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Cranes", "items": rows}
    return json.dumps(feed | ({"next_url": more} if more else {})).encode()


class Paged:
    """A feed of `count` items, newest first, `size` on a page."""

    def __init__(self, count: int, size: int = 2, write: Write = atom) -> None:
        self.count = count
        self.size = size
        self.write = write
        self.asked: list[str] = []
        self.more: dict[int, str] = {}
        self.broken: set[int] = set()

    async def handle(self, request: web.Request) -> web.Response:
        page = int(request.query.get("page", "1"))
        self.asked.append(request.query_string)
        if page in self.broken:
            return web.Response(status=500)
        numbers = list(range(self.count, 0, -1))[(page - 1) * self.size : page * self.size]
        last = page * self.size >= self.count
        body = self.write(numbers, self.more.get(page, "" if last else f"?page={page + 1}"))
        if request.headers.get("If-None-Match") == f'"{self.count}"':
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": f'"{self.count}"'})


@asynccontextmanager
async def opened(redis_url: str, paged: Paged) -> AsyncIterator[HttpFeed]:
    async with serving(paged.handle) as url, open_feed(redis_url, url) as source:
        yield source


@pytest.fixture
def feed(redis_url: str) -> Callable[[Paged], AbstractAsyncContextManager[HttpFeed]]:
    return partial(opened, redis_url)


def numbers(poll: Poll) -> list[int]:
    return [int(item.title.split()[1]) for item in poll.items]


@pytest.mark.parametrize("write", (atom, archived, rss, json_feed))
async def test_all_pages_are_read_once_and_then_only_what_is_new(feed: Feed, write: Write) -> None:
    paged = Paged(5, write=write)
    async with feed(paged) as source:
        first = await source.poll({})
        assert numbers(first) == [5, 4, 3, 2, 1]
        past = [item.announced for item in first.items]
        assert past == [None, None, "backfill", "backfill", "backfill"], "the archive of a new source is no news"
        assert paged.asked == ["", "page=2", "page=3"]
        unchanged = await source.poll(first.cursor)
        assert (unchanged.items, unchanged.detail) == ([], "unchanged")
        paged.count, paged.asked = 6, []
        second = await source.poll(unchanged.cursor)
    assert numbers(second) == [6, 5], "the first page shows what is known: nothing is older and new"
    assert paged.asked == [""]


async def test_pages_are_read_up_to_the_known_items(feed: Feed) -> None:
    """INVARIANT: what a feed has pushed off its first page between two polls is not missed."""
    paged = Paged(5)
    async with feed(paged) as source:
        first = await source.poll({})
        paged.count, paged.asked = 10, []
        second = await source.poll(first.cursor)
    assert numbers(second) == [10, 9, 8, 7, 6, 5]
    assert {item.announced for item in second.items} == {None}, "what was pushed off the first page is news"
    assert paged.asked == ["", "page=2", "page=3"]


async def test_a_failed_page_is_requested_again_and_the_rest_kept(feed: Feed) -> None:
    """INVARIANT: a gap is not forgotten because the page that fills it failed."""
    paged = Paged(5)
    async with feed(paged) as source:
        first = await source.poll({})
        paged.count, paged.broken = 10, {2}
        broken = await source.poll(first.cursor)
        assert (numbers(broken), broken.state, broken.again) == ([10, 9], "partial", 60.0)
        assert [(note.where, note.reason) for note in broken.refusals] == [
            ("page 2", "the source answers 500 Internal Server Error")
        ]
        paged.broken = set()
        healed = await source.poll(broken.cursor)
    assert numbers(healed) == [10, 9, 8, 7, 6, 5]


async def test_the_pages_of_a_feed_are_bounded(feed: Feed) -> None:
    paged = Paged(1_000)
    async with feed(paged) as source:
        first = await source.poll({})
        assert len(first.items) == MAX_PAGES * 2
        assert first.refusals == [], "what lies further back was never promised"
        paged.count = 3_000
        second = await source.poll(first.cursor)
    assert len(second.items) == MAX_PAGES * 2
    assert [note.where for note in second.refusals] == [f"page {MAX_PAGES + 1}"]


async def test_the_items_of_a_poll_are_bounded_by_the_settings(feed: Feed) -> None:
    paged = Paged(1_000, size=60)
    async with feed(paged) as source:
        assert len((await source.poll({})).items) == 100
    assert len(paged.asked) == 2


@pytest.mark.parametrize("write", (atom, json_feed))
@pytest.mark.parametrize(
    "more",
    (
        "?",  # itself
        "http://169.254.169.254/latest",
        "https://elsewhere.example/feed",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//elsewhere.example/feed",
        "http://[::1",
        " ",
    ),
)
async def test_a_page_on_another_host_is_not_followed(feed: Feed, more: str, write: Write) -> None:
    """INVARIANT: a feed leads to pages of its own host and to nothing else."""
    paged = Paged(4, write=write)
    paged.more = {1: more}
    async with feed(paged) as source:
        poll = await source.poll({})
    assert numbers(poll) == [4, 3]
    assert set(paged.asked) == {""}


async def test_a_circle_of_pages_ends(feed: Feed) -> None:
    paged = Paged(6)
    paged.more = {3: "?page=2"}
    async with feed(paged) as source:
        assert numbers(await source.poll({})) == [6, 5, 4, 3, 2, 1]
    assert paged.asked == ["", "page=2", "page=3"]


async def test_no_page_is_requested_after_the_time_limit(redis_url: str) -> None:
    paged, seconds = Paged(100), iter(range(0, 10_000, 200))
    async with serving(paged.handle) as url, polite(redis_url) as client:
        poll = await HttpFeed(
            "cranes", url, client, parse_here, max_items=100, clock=lambda: float(next(seconds))
        ).poll({})
    assert len(paged.asked) == 2
    assert [note.reason for note in poll.refusals] == ["no more than 2 pages are read in one poll"]
