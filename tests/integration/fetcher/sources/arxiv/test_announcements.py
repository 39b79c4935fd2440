"""The announcements of arXiv: taken, recognized when they come again, completed from OAI-PMH."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime

import pytest
from aiohttp import web

from services.enricher.works.merging import merge
from services.enricher.works.sighting import prepare
from services.fetcher.http.polite import HostBusyError, Polite
from services.fetcher.ledger.ledger import Ledger
from services.fetcher.polling.outcome import publish_poll
from services.fetcher.sources.arxiv.announcements import ArxivRss
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.port import BACKFILLED, Cursor, Poll
from shared.bus import Bus, open_redis
from shared.errors import TransientError
from shared.papers.streams import FETCHED
from tests.integration.fetcher.sources.arxiv.arxiv_site import (
    Answer,
    Archive,
    Clock,
    Record,
    archive,
    failure,
    feed,
    listing,
    records,
)
from tests.integration.fetcher.support import parse_here
from tests.support import entries

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (3, 4, 5))
MORNING = "2026-03-04T05:30+00:00"


class World:
    """A source on an archive, its ledger, and a clock."""

    def __init__(self, there: Archive, polite: Polite, ledger: Ledger, clock: Clock) -> None:
        self.there = there
        self.ledger = ledger
        self.clock = clock
        self._polite = polite
        self.cursor: Cursor = {}
        self.source = self.make()

    def make(self, *categories: str, reconciled: bool = True) -> ArxivRss:
        oai = ArxivOai(self._polite, base=f"{self.there.base}/oai") if reconciled else None
        there = f"{self.there.base}/rss"
        return ArxivRss("arxiv", categories or ("cs.AI",), self._polite, parse_here, self.clock, oai=oai, base=there)

    def shows(self, day: date, papers: Sequence[Record]) -> None:
        body = feed(day, papers)
        self.there.rss = lambda _: body

    async def poll(self) -> Poll:
        poll = await self.source.poll(self.cursor)
        self.cursor = poll.cursor
        await self.ledger.record("arxiv", poll.observed)
        return poll

    async def rows(self, *names: str) -> list[tuple[object, ...]]:
        rows: list[dict[str, object]] = [{**row} for row in await self.ledger.rows()]
        return [tuple(row[name] for name in names) for row in rows]


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    redis = open_redis(redis_url)
    clock = Clock(MORNING)
    async with archive(redis_url) as (there, polite):
        yield World(there, polite, Ledger(redis, clock), clock)
    await redis.aclose()


def ids(poll: Poll) -> list[int]:
    """Return the papers that a poll announces; others it only dates."""
    return [int(item.id[-5:]) for item in poll.items if item.announced != BACKFILLED]


async def test_an_announcement_takes_one_request_for_all_categories(world: World) -> None:
    world.source = world.make("cs.AI", "cs.CL", reconciled=False)
    kinds = (("new", 1), ("cross", 1), ("replace", 2), ("replace-cross", 3), ("absonly", 2))
    papers = [Record(n, ("cs.CL", "cs.AI"), kind, version) for n, (kind, version) in enumerate(kinds)]
    asked: list[str] = []

    def answer(_query: Mapping[str, str]) -> Answer:
        asked.append("rss")
        return feed(WEDNESDAY, papers)

    world.there.rss = answer
    poll = await world.poll()
    assert [(item.announced, item.version) for item in poll.items] == list(kinds)
    assert {(item.published, item.announced_on) for item in poll.items} == {(None, WEDNESDAY.isoformat())}
    assert len(asked) == 1
    assert await world.rows("category", "state", "received", "new", "revised", "cross-listed", "expected") == [
        ("cs.CL", "complete", 5, 1, 3, 1, None),
        ("cs.AI", "complete", 5, 1, 3, 1, None),
    ]
    again = await world.poll()
    assert (again.items, again.detail, again.cursor) == ([], "unchanged", poll.cursor)


async def test_papers_missing_in_the_feed_are_fetched_from_oai(world: World) -> None:
    """INVARIANT: a paper that arXiv announced is taken, whether or not its feed showed it."""
    world.shows(WEDNESDAY, records(range(1, 5)))
    lacking = [
        Record(5),
        Record(6, ("stat.ML", "cs.AI")),
        Record(7, version=2),
        Record(8, submitted=datetime(2026, 1, 2, tzinfo=UTC)),  # it was held for two months: its id is of this one
    ]
    changed = records([9], month="1501", submitted=datetime(2015, 1, 2, tzinfo=UTC))  # got a DOI, and is no news
    world.there.oai = lambda _: listing([*records(range(1, 5)), *lacking, *changed])
    assert ids(first := await world.poll()) == [1, 2, 3, 4]
    assert first.again == 600
    assert world.there.count("oai") == 0
    assert ids(await world.poll()) == []
    assert world.there.count("oai") == 0  # it is not yet time
    world.clock.move(minutes=11)
    poll = await world.poll()
    assert [(int(item.id[-5:]), item.announced) for item in poll.items] == [
        (5, "new"),
        (6, "cross"),
        (7, "replace"),
        (8, "new"),
        *((number, BACKFILLED) for number in range(1, 5)),
    ]
    asked = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:AI"}
    assert world.there.asked[-1][1] == asked | {"from": "2026-03-04", "until": "2026-03-04"}
    assert await world.rows("state", "received", "expected", "missing", "recovered", "new", "revised") == [
        ("complete", 8, 8, 0, 4, 6, 1)
    ]
    assert ids(await world.poll()) == []
    assert world.there.count("oai") == 1  # once an announcement


async def test_the_submission_of_what_the_feed_showed_is_filled_in_once(world: World) -> None:
    """INVARIANT: a paper of the feed gets the day of its submission, and nobody is alerted about that."""
    world.shows(WEDNESDAY, [Record(1), Record(2, version=2)])
    shown, submitted = (await world.poll()).items, datetime(2026, 2, 27, 18, 30, tzinfo=UTC)
    listed = [
        Record(1, submitted=submitted),
        Record(2, version=3, submitted=submitted),
    ]  # another version
    world.there.oai = lambda _: listing(listed)
    world.clock.move(minutes=11)
    (filled,) = (await world.poll()).items
    work = None
    for item in (shown[0], filled):
        merged = merge(work, prepare(item), world.clock().astimezone(UTC))
        work = merged.work
    assert work
    assert (work.paper.published, work.paper.date_basis) == ("2026-02-27T18:30:00Z", "stated")
    assert (merged.changes, work.paper.life) == ((), ())
    assert work.paper.abstract == prepare(shown[0]).abstract != ""
    assert (await world.poll()).items == []


async def test_a_failing_reconciliation_loses_nothing_and_is_retried(world: World) -> None:
    world.shows(WEDNESDAY, records([1]))
    answers: list[Answer] = [failure("noRecordsMatch"), "<html>busy</html>", listing(records([1, 2]))]
    world.there.oai = lambda _: answers.pop(0)
    assert ids(await world.poll()) == [1]
    world.clock.move(minutes=11)
    assert "does not list the announcement yet" in (await world.poll()).detail
    assert ids(await world.poll()) == []
    assert len(answers) == 2
    world.clock.move(minutes=31)
    assert "not an OAI-PMH document" in (await world.poll()).detail
    world.clock.move(minutes=31)
    assert ids(await world.poll()) == [2]
    assert await world.rows("state", "received", "expected") == [("complete", 2, 2)]


async def test_a_reconciliation_without_an_answer_is_given_up(world: World) -> None:
    world.shows(WEDNESDAY, records([1]))
    world.there.oai = lambda _: failure("noRecordsMatch")
    await world.poll()
    for _ in range(12):
        world.clock.move(minutes=31)
        await world.poll()
    assert world.there.count("oai") == 8
    assert await world.rows("state", "received", "expected") == [("complete", 1, None)]


async def test_a_reconciliation_continues_with_the_next_page_after_a_restart(world: World) -> None:
    world.shows(WEDNESDAY, records([1]))
    down = [True]

    def answer(query: Mapping[str, str]) -> Answer:
        if "resumptionToken" not in query:
            return listing(records([1, 2]), "rest")
        return "down" if down else listing(records([3]))

    world.there.oai = answer
    await world.poll()
    world.clock.move(minutes=11)
    assert ids(await world.poll()) == [2]
    world.source = world.make()
    down.clear()
    world.clock.move(minutes=31)
    assert ids(await world.poll()) == [3]
    assert [query.get("resumptionToken") for part, query in world.there.asked if part == "oai"] == [
        None,
        "rest",
        "rest",
    ]
    assert await world.rows("received", "expected", "recovered") == [(3, 3, 2)]


async def test_yesterday_is_reconciled_against_yesterday_although_today_is_here(world: World) -> None:
    """INVARIANT: what a feed showed of a day counts for that day, whenever it is reconciled."""
    world.shows(WEDNESDAY, records([1, 2, 3]))
    await world.poll()
    world.clock.move(days=1)
    world.shows(THURSDAY, records([5, 6]))
    listed = {"2026-03-04": [1, 2, 3, 4], "2026-03-05": [1, 5, 6]}  # the first was corrected on the day after
    world.there.oai = lambda query: listing(records(listed[query["from"]]))
    assert ids(await world.poll()) == [5, 6]
    world.clock.move(minutes=11)
    assert ids(await world.poll()) == [4]
    assert await world.rows("day", "received", "expected", "recovered", "state") == [
        ("2026-03-05", 2, 2, 0, "complete"),
        ("2026-03-04", 4, 4, 1, "complete"),
    ]


async def test_retry_after_pauses_all_interfaces_of_the_archive(world: World) -> None:
    world.shows(WEDNESDAY, records([1]))
    world.there.oai = lambda _: web.Response(status=503, headers={"Retry-After": "7200"})
    await world.poll()
    world.clock.move(minutes=11)
    await world.poll()
    with pytest.raises(HostBusyError, match="are paused"):
        await world.poll()


async def test_a_paper_in_two_categories_is_recovered_once(world: World) -> None:
    world.source = world.make("cs.AI", "cs.CL")
    world.shows(WEDNESDAY, records([1], categories=("cs.AI", "cs.CL")))
    world.there.oai = lambda _: listing(records([1, 2], categories=("cs.AI", "cs.CL")))
    await world.poll()
    world.clock.move(minutes=11)
    assert ids(await world.poll()) == [2]
    assert await world.rows("category", "received", "expected") == [("cs.CL", 2, 2), ("cs.AI", 2, 2)]


async def test_the_last_batch_under_a_new_date_is_recognized(world: World) -> None:
    """INVARIANT: freshness is judged by what is in a batch, whatever its dates say."""
    world.there.oai = lambda _: listing(records([1]))
    world.shows(WEDNESDAY, records(range(1, 5)))
    await world.poll()
    world.clock.move(minutes=11)
    await world.poll()
    world.clock.now = datetime(2026, 3, 5, 5, 30, tzinfo=UTC)
    world.shows(THURSDAY, records(range(1, 5)))
    poll = await world.poll()
    assert (poll.items, poll.state, poll.again) == ([], "stale", 1200)
    assert await world.rows("day", "state", "received") == [("2026-03-05", "stale", 0), ("2026-03-04", "complete", 4)]
    unchanged = await world.poll()  # a 304 says nothing new about it
    assert (unchanged.state, unchanged.again) == ("stale", 1200)
    world.shows(THURSDAY, records(range(5, 8)))
    poll = await world.poll()
    assert (ids(poll), poll.state) == ([5, 6, 7], "ok")
    assert await world.rows("day", "state", "received") == [
        ("2026-03-05", "complete", 3),
        ("2026-03-04", "complete", 4),
    ]


async def test_one_category_can_be_stale_while_another_is_not(world: World) -> None:
    world.source = world.make("cs.AI", "cs.CL", reconciled=False)
    old = records(range(1, 9))
    world.shows(WEDNESDAY, [*old, *records(range(11, 15), categories=("cs.CL",))])
    await world.poll()
    world.clock.move(days=1)
    fresh = records(range(21, 25), categories=("cs.CL",))
    world.shows(THURSDAY, [*old, *fresh])
    poll = await world.poll()
    assert (ids(poll), poll.state) == ([21, 22, 23, 24], "stale")
    assert (await world.rows("category", "day", "state"))[:2] == [
        ("cs.CL", "2026-03-05", "complete"),
        ("cs.AI", "2026-03-05", "stale"),
    ]
    world.shows(THURSDAY, [*records(range(31, 34)), *fresh])
    poll = await world.poll()
    assert (ids(poll), poll.state) == ([31, 32, 33], "ok")
    assert (await world.rows("category", "received", "state"))[:2] == [
        ("cs.CL", 4, "complete"),
        ("cs.AI", 3, "complete"),
    ]


async def test_a_batch_that_grows_is_the_same_announcement(world: World) -> None:
    world.source = world.make(reconciled=False)
    world.shows(WEDNESDAY, records(range(1, 5)))
    await world.poll()
    world.shows(WEDNESDAY, records(range(1, 7)))
    poll = await world.poll()
    assert (ids(poll), poll.state) == ([5, 6], "ok")
    assert await world.rows("received", "new") == [(6, 6)]


async def test_a_full_feed_is_partial_until_it_is_reconciled(world: World) -> None:
    papers = records(range(2_000))
    world.shows(WEDNESDAY, papers)
    world.there.oai = lambda _: listing([*papers, *records([2_000])])
    poll = await world.poll()
    assert (len(poll.items), poll.state) == (2_000, "partial")
    assert await world.rows("state", "received") == [("partial", 2_000)]
    world.clock.move(minutes=11)
    assert ids(await world.poll()) == [2_000]
    assert await world.rows("state", "received", "expected") == [("complete", 2_001, 2_001)]


@pytest.mark.parametrize(
    ("moment", "day", "word", "detail"),
    (
        ("2026-03-07T12:00+00:00", date(2026, 3, 7), "weekend", "no announcement: weekend"),
        ("2025-11-28T12:00+00:00", date(2025, 11, 28), "holiday", "no announcement: holiday (Thanksgiving)"),
    ),
)
async def test_an_empty_feed_says_why(world: World, moment: str, day: date, word: str, detail: str) -> None:
    world.source = world.make(reconciled=False)
    world.clock.now = datetime.fromisoformat(moment)
    world.shows(day, [])
    poll = await world.poll()
    assert (poll.state, poll.detail, poll.again) == ("ok", detail, None)
    assert await world.rows("day", "state") == [(day.isoformat(), word)]


async def test_a_weekend_that_repeats_friday_is_a_weekend(world: World) -> None:
    world.source = world.make(reconciled=False)
    world.clock.now = datetime(2026, 3, 6, 6, tzinfo=UTC)
    world.shows(date(2026, 3, 6), records([1, 2]))
    await world.poll()
    world.clock.move(days=1)
    world.shows(date(2026, 3, 7), records([1, 2]))
    poll = await world.poll()
    assert (poll.items, poll.state) == ([], "ok")
    assert (await world.rows("day", "state"))[0] == ("2026-03-07", "weekend")


async def test_a_missing_feed_is_late_and_its_papers_come_from_oai(world: World) -> None:
    world.there.oai = lambda query: listing(records([1] if query["from"] == "2026-03-04" else [2]))
    world.shows(WEDNESDAY, records([1]))
    await world.poll()
    world.clock.move(minutes=11)
    await world.poll()
    world.clock.now = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    poll = await world.poll()
    assert (poll.items, poll.detail) == ([], "unchanged")
    assert (await world.rows("day", "state"))[0] == ("2026-03-05", "late")
    world.clock.move(hours=2)
    assert ids(await world.poll()) == [2]
    assert (await world.rows("day", "state", "recovered"))[0] == ("2026-03-05", "complete", 1)
    await world.poll()
    assert (await world.rows("day", "state", "recovered"))[0] == ("2026-03-05", "complete", 1)


async def test_a_day_without_papers_is_quiet_once_the_archive_says_so(world: World) -> None:
    world.there.oai = lambda _: failure("noRecordsMatch")
    world.shows(WEDNESDAY, [])
    world.clock.now = datetime(2026, 3, 4, 10, tzinfo=UTC)
    await world.poll()
    assert await world.rows("day", "state", "expected") == [("2026-03-04", "quiet", 0)]


async def test_announcements_missed_during_a_pause_are_fetched(world: World) -> None:
    """INVARIANT: a fetcher that slept for days asks for every announcement it missed, holidays left out."""
    numbers = {f"2026-03-{day:02d}": day for day in range(1, 20)}
    world.there.oai = lambda query: listing(records([numbers[query["from"]]]))
    world.shows(WEDNESDAY, records([4]))
    await world.poll()
    world.clock.move(minutes=11)
    await world.poll()
    world.clock.now = datetime(2026, 3, 11, 5, 30, tzinfo=UTC)
    world.shows(date(2026, 3, 11), records([11]))
    assert ids(await world.poll()) == [11]
    assert ids(await world.poll()) == [5, 6, 9, 10]
    world.clock.move(minutes=11)
    assert ids(await world.poll()) == []
    assert [row for row in await world.rows("day", "state") if row[1] == "complete"] == [
        (f"2026-03-{day}", "complete") for day in ("11", "10", "09", "06", "05", "04")
    ]


async def test_a_long_reconciliation_is_spread_over_polls(world: World) -> None:
    categories = tuple(f"cs.C{number}" for number in range(5))
    world.source = world.make(*categories)
    world.shows(WEDNESDAY, records([1], categories=categories))

    def slow(_query: Mapping[str, str]) -> Answer:
        world.clock.move(seconds=90)
        return listing(records([1], categories=categories))

    world.there.oai = slow
    await world.poll()
    world.clock.move(minutes=11)
    assert (await world.poll()).again == 60
    assert world.there.count("oai") == 3
    await world.poll()
    assert world.there.count("oai") == 5


async def test_a_feed_that_reports_an_error_is_a_failure(world: World) -> None:
    world.there.rss = lambda _: feed(WEDNESDAY, []).replace("cs.AI updates on arXiv.org", "Feed error for query")
    with pytest.raises(TransientError, match="the feed reports an error"):
        await world.poll()
    world.there.rss = lambda _: web.Response(status=503)
    with pytest.raises(TransientError, match="503"):
        await world.poll()


async def test_an_impossible_date_is_ignored(world: World) -> None:
    world.source = world.make(reconciled=False)
    world.shows(date(2031, 1, 1), records([1]))
    await world.poll()
    assert await world.rows("day", "state") == [("2026-03-04", "complete")]


async def test_published_items_and_cursor_agree(world: World, bus: Bus) -> None:
    """INVARIANT: what is published with the cursor is not published again, however often the feed shows it."""
    world.shows(TUESDAY, records([1, 2]))
    world.there.oai = lambda _: listing(records([1, 2, 3]))
    before: Cursor = {}
    for _ in range(4):
        poll = await world.source.poll(before)
        await publish_poll(bus, "arxiv", poll, before, "poll-test")
        before = poll.cursor
        world.clock.move(minutes=15)
        world.shows(TUESDAY, records([1, 2]))
    published = [entry.event.item for entry in await entries(bus, FETCHED)]
    assert [item.id[-1] for item in published] == ["1", "2", "3", "1", "2"]
    assert [item.announced == BACKFILLED for item in published] == [False, False, False, True, True]  # their dates
