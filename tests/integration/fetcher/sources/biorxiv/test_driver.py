"""bioRxiv and medRxiv, asked of a site of our own: windows, pages, and what a failure leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from services.fetcher.sources.biorxiv.driver import Biorxiv
from services.fetcher.sources.port import Cursor
from shared.errors import TransientError
from tests.integration.fetcher.http.polite import polite, site
from tests.integration.fetcher.support import Clock


def row(number: int, **fields: Any) -> dict[str, Any]:
    base = {"doi": f"10.1101/2026.03.01.{number:06d}", "title": f"Crane {number}", "version": "1", "date": "2026-3-4"}
    return {**base, "category": "zoology", "published": "NA", **fields}


class Site:
    """Rows, given some at a time; what was asked is written down."""

    def __init__(self, *rows: Any, most: int = 3, total: bool = True) -> None:
        self.rows = list(rows)
        self.most = most
        self.total = total
        self.failing: dict[int, int] = {}
        self.asked: list[str] = []

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        _, _, _, _, _, at, form = request.path.split("/")
        assert form == "json"
        if int(at) in self.failing:
            return web.Response(status=self.failing[int(at)])
        rows = self.rows[int(at) :][: self.most]
        message = {"status": "ok" if rows else "no posts found", "count": len(rows), "cursor": at}
        message |= {"total": str(len(self.rows))} if self.total else {}
        return web.json_response({"messages": [message], "collection": rows})


@asynccontextmanager
async def server(redis_url: str, answers: Site, clock: Clock, **fields: Any) -> AsyncIterator[Biorxiv]:
    async with site(answers) as url, polite(redis_url) as client:
        yield Biorxiv("bio", fields.pop("server", "biorxiv"), client, clock, base_url=url, **fields)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_window_is_read_to_its_end(redis_url: str, clock: Clock) -> None:
    answers = Site(*map(row, range(7)))
    async with server(redis_url, answers, clock, server="medrxiv") as source:
        poll = await source.poll({})
    assert [item.id[-2:] for item in poll.items] == [f"{number:02d}" for number in range(7)]
    assert {item.source for item in poll.items} == {"medrxiv"}
    assert answers.asked == [f"/details/medrxiv/2026-03-02/2026-03-04/{at}/json" for at in (0, 3, 6)]
    assert (poll.cursor, poll.state, poll.again) == ({"until": "2026-03-04"}, "ok", None)


async def test_the_next_window_overlaps_the_last_by_two_days(redis_url: str, clock: Clock) -> None:
    """INVARIANT: what was down for a week misses none of it."""
    answers = Site()
    async with server(redis_url, answers, clock) as source:
        cursor = (await source.poll({})).cursor
        clock.forward(days=7)
        await source.poll(cursor)
    assert answers.asked[-1] == "/details/biorxiv/2026-03-02/2026-03-11/0/json"


@pytest.mark.parametrize("rows", (6, 7))
async def test_without_a_total_an_empty_page_is_the_end(redis_url: str, clock: Clock, rows: int) -> None:
    answers = Site(*map(row, range(rows)), total=False)
    async with server(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert len(poll.items) == rows
    assert poll.cursor == {"until": "2026-03-04"}


async def test_a_long_window_continues_at_the_next_poll(redis_url: str, clock: Clock) -> None:
    answers = Site(*map(row, range(10)))
    found: list[str] = []
    cursor: Cursor = {}
    async with server(redis_url, answers, clock, max_pages=2) as source:
        for again in (True, False):
            before = orjson.dumps(cursor)
            poll = await source.poll(cursor)
            assert orjson.dumps(cursor) == before, "what it was given is not its own to change"
            assert bool(poll.again) is again
            cursor = orjson.loads(orjson.dumps(poll.cursor))
            found += [item.id for item in poll.items]
            clock.forward(days=1)
    assert len(found) == len(set(found)) == 10
    assert {path.rsplit("/", 2)[0] for path in answers.asked} == {"/details/biorxiv/2026-03-02/2026-03-04"}
    assert cursor == {"until": "2026-03-04"}


async def test_refused_rows_move_the_cursor_on_too(redis_url: str, clock: Clock) -> None:
    answers = Site(None, "x", row(1, doi=7), row(2), {}, row(3))
    async with server(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert [item.title for item in poll.items] == ["Crane 2", "Crane 3"]
    assert [note.where for note in poll.refusals] == [
        "page 1, preprint 1", "page 1, preprint 2", "page 1, preprint 3", "page 2, preprint 2",
    ]  # fmt: skip
    assert poll.cursor == {"until": "2026-03-04"}


async def test_the_newest_of_several_versions_is_used(redis_url: str, clock: Clock) -> None:
    answers = Site(row(1), row(1, version="3", title="Third"), row(2), row(1, version=2, title="Second"))
    async with server(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert [(item.title, item.version) for item in poll.items] == [("Third", 3), ("Crane 2", 1)]


async def test_only_configured_categories_are_kept(redis_url: str, clock: Clock) -> None:
    answers = Site(row(1), row(2, category="Cell  Biology"), row(3, category=None))
    async with server(redis_url, answers, clock, categories=("cell biology",)) as source:
        assert [item.title for item in (await source.poll({})).items] == ["Crane 2"]


async def test_a_failed_page_keeps_the_earlier_pages(redis_url: str, clock: Clock) -> None:
    answers = Site(*map(row, range(7)))
    answers.failing = {3: 500}
    async with server(redis_url, answers, clock) as source:
        poll = await source.poll({})
        assert len(poll.items) == 3
        assert (poll.state, poll.again) == ("partial", 60.0)
        assert [(note.where, note.reason) for note in poll.refusals] == [
            ("page 2", "the source answers 500 Internal Server Error")
        ]
        with pytest.raises(TransientError, match="answers 500"):
            await source.poll(poll.cursor)
        answers.failing = {}
        rest = await source.poll(poll.cursor)
    assert [item.title for item in rest.items] == ["Crane 3", "Crane 4", "Crane 5", "Crane 6"]
    assert rest.cursor == {"until": "2026-03-04"}


async def test_a_poll_keeps_to_its_time_limit(redis_url: str, clock: Clock) -> None:
    class Slow(Site):
        async def __call__(self, request: web.Request) -> web.Response:
            clock.forward(minutes=3)
            return await super().__call__(request)

    answers = Slow(*map(row, range(20)))
    async with server(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert (len(poll.items), poll.again) == (6, 5.0)


async def test_the_number_of_pages_is_bounded(redis_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.fetcher.sources.biorxiv.driver.MAX_ROWS", 30)

    async def again(_: web.Request) -> web.Response:
        return web.json_response({"messages": [], "collection": [row(number) for number in range(10)]})

    async with site(again) as url, polite(redis_url) as client:
        poll = await Biorxiv("bio", "biorxiv", client, clock, base_url=url).poll({})
    assert (len(poll.items), poll.cursor) == (10, {"until": "2026-03-04"})
