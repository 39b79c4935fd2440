"""Hugging Face's daily papers, asked of a site of our own: how a day fills, settles, and is owed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from services.fetcher.sources.huggingface.driver import HuggingFaceDaily
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.http.polite import polite, site
from tests.integration.fetcher.support import Clock

TODAY, YESTERDAY, BEFORE = "2026-03-04", "2026-03-03", "2026-03-02"


def entry(number: int, upvotes: int = 1) -> dict[str, Any]:
    return {"paper": {"id": f"2603.{number:05d}", "title": f"Crane {number}", "upvotes": upvotes}, "numComments": 0}


class Site:
    """Days and their entries; what was asked is written down."""

    def __init__(self) -> None:
        self.days: dict[str, list[Any]] = {}
        self.failing: dict[str, int] = {}
        self.etags = False
        self.most = 100
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        day, page = request.query["date"], int(request.query["p"])
        assert (request.path, request.query["limit"]) == ("/api/daily_papers", "100")
        self.asked.append((day, page))
        if day in self.failing:
            return web.Response(status=self.failing[day])
        entries = self.days.get(day, [])
        tag = f'"{hash(str(entries))}"'
        if self.etags and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        headers = {"ETag": tag} if self.etags else {}
        if len(entries) > (page + 1) * self.most:
            headers["Link"] = f'<{request.url.update_query(p=page + 1)}>; rel="next"'
        return web.Response(body=orjson.dumps(entries[page * self.most :][: self.most]), headers=headers)

    def asked_days(self) -> list[str]:
        days = [day for day, _ in self.asked]
        self.asked.clear()
        return days


@asynccontextmanager
async def daily(redis_url: str, answers: Site, clock: Clock) -> AsyncIterator[HuggingFaceDaily]:
    async with site(answers) as url, polite(redis_url) as client:
        yield HuggingFaceDaily("hf", client, clock, base_url=url)


@pytest.fixture
def answers() -> Site:
    return Site()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_today_and_the_two_days_before_are_requested(redis_url: str, answers: Site, clock: Clock) -> None:
    answers.days = {TODAY: [entry(1)], YESTERDAY: [entry(2), None], BEFORE: [entry(3)], "2026-03-01": [entry(4)]}
    async with daily(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert [item.id for item in poll.items] == ["arXiv:2603.00001", "arXiv:2603.00002", "arXiv:2603.00003"]
    assert answers.asked == [(TODAY, 0), (YESTERDAY, 0), (BEFORE, 0)]
    assert [(note.where, note.reason) for note in poll.refusals] == [
        (f"{YESTERDAY}, entry 2", "an object was expected, not nothing")
    ]
    assert [(seen.category, seen.day, seen.received) for seen in poll.observed] == [
        ("daily", BEFORE, 1), ("daily", YESTERDAY, 1), ("daily", TODAY, 1),
    ]  # fmt: skip
    assert (poll.state, poll.again) == ("ok", None)
    assert orjson.loads(orjson.dumps(poll.cursor)) == poll.cursor


@pytest.mark.parametrize("most", (100, 50))
async def test_a_full_day_is_read_page_by_page(redis_url: str, answers: Site, clock: Clock, most: int) -> None:
    """A source that gives fewer than were asked for says by a link that there is more."""
    answers.most = most
    answers.days = {TODAY: [entry(number) for number in range(230)]}
    async with daily(redis_url, answers, clock) as source:
        poll = await source.poll({})
    assert len(poll.items) == len({item.id for item in poll.items}) == 230
    assert [page for day, page in answers.asked if day == TODAY] == list(range(230 // most + 1))


async def test_a_repeated_page_ends_the_poll(redis_url: str, answers: Site, clock: Clock) -> None:
    async def again(request: web.Request) -> web.Response:
        assert len(answers.asked) < 20
        answers.asked.append((request.query["date"], int(request.query["p"])))
        return web.json_response([entry(number) for number in range(100)])

    async with site(again) as url, polite(redis_url) as client:
        poll = await HuggingFaceDaily("hf", client, clock, base_url=url).poll({})
    assert len(poll.items) == 100
    assert len(answers.asked) == 6


async def test_a_day_is_requested_until_it_is_unchanged_for_a_day(redis_url: str, answers: Site, clock: Clock) -> None:
    answers.days = {BEFORE: [entry(1)], YESTERDAY: [entry(2)]}
    async with daily(redis_url, answers, clock) as source:
        cursor = (await source.poll({})).cursor
        clock.forward(hours=12)
        answers.days[YESTERDAY] = [entry(2, upvotes=9), entry(3)]
        poll = await source.poll(cursor)
        assert [(item.id, item.signals.upvotes) for item in poll.items if item.id != "arXiv:2603.00001"] == [
            ("arXiv:2603.00002", 9), ("arXiv:2603.00003", 1),
        ]  # fmt: skip
        clock.forward(hours=13)
        cursor = (await source.poll(poll.cursor)).cursor
        answers.asked.clear()
        clock.forward(hours=12)
        cursor = (await source.poll(cursor)).cursor
        assert answers.asked_days() == ["2026-03-05", YESTERDAY], "the 4th stayed empty for 25 hours, the 3rd changed"
        clock.forward(hours=1)
        await source.poll(cursor)
    assert answers.asked_days() == ["2026-03-05"]


async def test_a_day_without_a_poll_is_not_settled(redis_url: str, answers: Site, clock: Clock) -> None:
    """INVARIANT: a day that filled while the fetcher was down is not missed."""
    answers.days = {TODAY: [entry(1)]}
    async with daily(redis_url, answers, clock) as source:
        cursor = (await source.poll({})).cursor
        answers.days |= {TODAY: [entry(1), entry(2)], "2026-03-06": [entry(6)]}
        answers.asked.clear()
        clock.forward(days=5)
        poll = await source.poll(cursor)
    found = {item.id for item in poll.items}
    assert found == {"arXiv:2603.00001", "arXiv:2603.00002", "arXiv:2603.00006"}
    assert answers.asked_days() == [
        "2026-03-09", "2026-03-08", "2026-03-07", BEFORE, YESTERDAY, TODAY, "2026-03-05", "2026-03-06",
    ]  # fmt: skip
    assert poll.cursor["owed"] == []


async def test_days_missed_for_long_are_fetched_in_parts(redis_url: str, answers: Site, clock: Clock) -> None:
    async with daily(redis_url, answers, clock) as source:
        cursor: Cursor = (await source.poll({})).cursor
        answers.asked.clear()
        clock.forward(days=30)
        rounds = 0
        again: float | None = 1.0
        while again:
            poll = await source.poll(cursor)
            cursor, again, rounds = poll.cursor, poll.again, rounds + 1
    owed = sorted({day for day in answers.asked_days() if day < "2026-04-01"})
    assert (owed[0], owed[-1], len(owed)) == (BEFORE, "2026-03-31", 30)
    assert rounds == 3


async def test_an_unchanged_day_is_not_sent_again(redis_url: str, answers: Site, clock: Clock) -> None:
    answers.etags = True
    answers.days = {TODAY: [entry(1)], YESTERDAY: [entry(2)], BEFORE: [entry(3)]}
    async with daily(redis_url, answers, clock) as source:
        first = await source.poll({})
        answers.days[TODAY] = [entry(1), entry(4)]
        clock.forward(hours=1)
        second = await source.poll(first.cursor)
        clock.forward(hours=1)
        third = await source.poll(second.cursor)
    assert [item.id for item in second.items] == ["arXiv:2603.00001", "arXiv:2603.00004"]
    assert third.items == []
    assert third.cursor["days"][BEFORE]["since"] == first.cursor["days"][BEFORE]["since"]


async def test_a_failed_day_does_not_affect_the_others(redis_url: str, answers: Site, clock: Clock) -> None:
    answers.days = {TODAY: [entry(1)], BEFORE: [entry(3)]}
    answers.failing = {YESTERDAY: 500}
    async with daily(redis_url, answers, clock) as source:
        poll = await source.poll({})
        assert [item.id for item in poll.items] == ["arXiv:2603.00001", "arXiv:2603.00003"]
        assert [(note.where, note.reason) for note in poll.refusals] == [
            (YESTERDAY, "the source answers 500 Internal Server Error")
        ]
        assert poll.state == "partial"
        answers.asked.clear()
        answers.failing = {}
        await source.poll(poll.cursor)
    assert YESTERDAY in answers.asked_days()


@pytest.mark.parametrize(("status", "error"), ((500, TransientError), (404, PermanentError)))
async def test_the_source_fails_if_all_days_fail(
    redis_url: str, answers: Site, clock: Clock, status: int, error: type[Exception]
) -> None:
    answers.failing = dict.fromkeys((TODAY, YESTERDAY, BEFORE), status)
    async with daily(redis_url, answers, clock) as source:
        with pytest.raises(error, match=f"^the source answers {status} "):
            await source.poll({})


async def test_a_challenge_page_is_a_failure(redis_url: str, clock: Clock) -> None:
    async def challenge(_: web.Request) -> web.Response:
        return web.Response(text="<html>Just a moment...</html>", content_type="text/html")

    async with site(challenge) as url, polite(redis_url) as client:
        with pytest.raises(TransientError, match="a challenge page"):
            await HuggingFaceDaily("hf", client, clock, base_url=url).poll({})
