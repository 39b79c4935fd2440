"""The ledger in Redis."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import orjson
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.fetcher.ledger.ledger import MAX_ROWS, Ledger
from services.fetcher.ledger.observation import Observation
from shared.board import LEDGER
from shared.board.day_line import day_line
from shared.bus import open_redis
from tests.integration.fetcher.sources.arxiv.arxiv_site import Clock

SEEN = Observation("cs.AI", "2026-03-04", 5, counts={"new": 5})


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis[bytes]"]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_rows_come_newest_first_and_can_be_read_from_the_hash(redis: "Redis[bytes]") -> None:
    ledger = Ledger(redis, Clock("2026-03-04T12:00+00:00"))
    await ledger.record("arxiv", [SEEN, Observation("cs.CL", "2026-03-03", 2, expected=2)])
    rows = await ledger.rows(10)
    assert [(row["category"], row["state"]) for row in rows] == [("cs.AI", "complete"), ("cs.CL", "complete")]
    assert await ledger.rows(1) == rows[:1]
    assert orjson.loads((await redis.hgetall(LEDGER.key))[b"arxiv|cs.AI|2026-03-04"]) == rows[0]


async def test_an_empty_poll_writes_no_row(redis: "Redis[bytes]") -> None:
    await Ledger(redis, Clock("2026-03-04T12:00+00:00")).record("arxiv", [])
    assert await redis.exists(LEDGER.key) == 0


async def test_a_day_goes_from_quiet_to_late_by_itself(redis: "Redis[bytes]") -> None:
    clock = Clock("2026-03-04T03:00+00:00")
    ledger = Ledger(redis, clock)
    await ledger.record("arxiv", [Observation("cs.AI", "2026-03-04", 0)])
    assert [row["state"] for row in await ledger.rows()] == ["quiet"]
    clock.move(hours=5)
    assert [row["state"] for row in await ledger.rows()] == ["late"]


async def test_a_failure_shows_on_the_current_day_until_an_answer_arrives(redis: "Redis[bytes]") -> None:
    clock = Clock("2026-03-04T03:00+00:00")
    ledger = Ledger(redis, clock)
    await ledger.record("arxiv", [SEEN, Observation("cs.CL", "2026-03-04", 0)])
    await ledger.failed("arxiv", "the source answers 503")
    states = {row["category"]: (row["state"], row["reason"]) for row in await ledger.rows()}
    assert states == {"cs.AI": ("complete", ""), "cs.CL": ("failing", "the source answers 503")}
    clock.move(days=1)
    await ledger.failed("arxiv", "no answer in time")
    assert [(row["day"], row["category"], row["state"]) for row in await ledger.rows(2)] == [
        ("2026-03-05", "cs.CL", "failing"),
        ("2026-03-05", "cs.AI", "failing"),
    ]
    await ledger.record("arxiv", [Observation("cs.CL", "2026-03-05", 0)])
    assert (await ledger.rows(1))[0]["state"] == "quiet"


async def test_the_rows_of_a_holiday_make_a_sentence(redis: "Redis[bytes]") -> None:
    ledger = Ledger(redis, Clock("2026-01-20T12:00+00:00"))
    await ledger.record("arxiv", [Observation("cs.AI", "2026-01-20", 0)])
    rows = [orjson.loads(row) for row in (await redis.hgetall(LEDGER.key)).values()]
    line = day_line(rows, date(2026, 1, 20))
    assert line == "No announcement today: arXiv observes a holiday (Martin Luther King Day)."


async def test_a_day_beyond_the_calendar_is_noted_on_its_row_and_logged_once_a_day(redis: "Redis[bytes]") -> None:
    """INVARIANT: after the last day that the calendar knows, nothing is guessed."""
    clock = Clock("2028-07-05T12:00+00:00")
    ledger = Ledger(redis, clock)
    with capture_logs() as logs:
        await ledger.record("arxiv", [Observation("cs.AI", "2028-07-05", 0)])
        await ledger.record("arxiv", [Observation("cs.AI", "2028-07-05", 0)])
    rows = await ledger.rows()
    assert (rows[0]["state"], rows[0]["note"]) == ("late", "arXiv's holidays are known until 2026-12-31 only")
    assert [(log["log_level"], log["until"]) for log in logs] == [("warning", "2026-12-31")]


async def test_a_source_that_never_answered_has_a_row_until_it_does(redis: "Redis[bytes]") -> None:
    ledger = Ledger(redis, Clock("2026-03-04T12:00+00:00"))
    await ledger.failed("arxiv", "no address")
    assert [(row["category"], row["state"]) for row in await ledger.rows()] == [("", "failing")]
    await ledger.record("arxiv", [SEEN])
    assert [(row["category"], row["state"]) for row in await ledger.rows()] == [("cs.AI", "complete")]


async def test_old_rows_are_deleted_and_their_number_is_bounded(redis: "Redis[bytes]") -> None:
    clock = Clock("2026-03-04T12:00+00:00")
    first = date(2026, 3, 4)
    days = [(first - timedelta(days=back)).isoformat() for back in range(80)]
    await Ledger(redis, clock).record("arxiv", [Observation("cs.AI", day, 1) for day in days])
    assert {row["day"] for row in await Ledger(redis, clock).rows(200)} == set(days[:61])
    many = [Observation(f"c{number}", "2026-03-03", 1) for number in range(MAX_ROWS + 10)]
    await Ledger(redis, clock).record("arxiv", many)
    assert await redis.hlen(LEDGER.key) == MAX_ROWS
    assert await redis.hexists(LEDGER.key, "arxiv|cs.AI|2026-03-04")
