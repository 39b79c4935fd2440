"""OpenReview, asked of a site of our own: the login, the pages, the venues, and what never leaves the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from services.fetcher.sources.openreview import driver as openreview
from services.fetcher.sources.openreview.driver import NEEDS_LOGIN, OpenReview
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.http.polite import polite, site
from tests.integration.fetcher.support import Clock
from tests.support import NOW

VENUE = "Cranes.example/2026/Conference"
USER, PASSWORD, TOKEN = "ada@cranes.example", "a crane of paper", "token-that-nobody-may-see"
START = int(NOW.timestamp() * 1000) - 100_000


def note(number: int, venue: str = VENUE, **outer: Any) -> dict[str, Any]:
    content = {"title": f"Crane {number}", "venueid": venue, "authors": ["Ada Origami"]}
    wrapped = {name: {"value": value} for name, value in content.items()}
    return {"id": f"note{number}", "forum": f"note{number}", "tcdate": START + number, "content": wrapped, **outer}


class Site:
    """Notes for who is logged in; what was asked is written down."""

    def __init__(self, *notes: dict[str, Any]) -> None:
        self.notes = list(notes)
        self.tokens = [TOKEN]
        self.login: web.Response | None = None
        self.refusing: int | None = None
        self.asked: list[tuple[str, int, int]] = []
        self.logins = 0

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path == "/login":
            return await self.log_in(request)
        query = request.query
        assert (request.path, query["limit"], query["sort"]) == ("/notes", str(openreview.LIMIT), "tcdate:asc")
        if self.refusing or request.headers["Authorization"] != f"Bearer {self.tokens[0]}":
            status = self.refusing or 401
            return web.json_response({"name": "ChallengeRequiredError", "message": "Prove it"}, status=status)
        venue, offset, since = query["content.venueid"], int(query["offset"]), int(query.get("mintcdate", 0))
        self.asked.append((venue, offset, since))
        if "?" in venue:
            return web.json_response({"name": "Error", "message": "no such venue"}, status=400)
        found = [n for n in self.notes if n["content"]["venueid"]["value"] == venue and n["tcdate"] >= since]
        page = found[offset:][: openreview.LIMIT]
        return web.json_response({"notes": page, "count": len(found)})

    async def log_in(self, request: web.Request) -> web.Response:
        self.logins += 1
        assert request.method == "POST"
        if self.login is not None:
            return self.login
        if await request.json() != {"id": USER, "password": PASSWORD}:
            return web.json_response({"name": "Error", "message": "Invalid username or password"}, status=400)
        return web.json_response({"token": self.tokens[0], "user": {"id": USER}})


@asynccontextmanager
async def source(redis_url: str, answers: Site, clock: Clock, *venues: str, **login: Any) -> AsyncIterator[OpenReview]:
    with_login = {"user": USER, "password": PASSWORD, **login}
    async with site(answers) as url, polite(redis_url) as client:
        yield OpenReview("or", venues or (VENUE,), client, clock, base_url=url, **with_login)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("login", ({"user": None}, {"password": None}, {"user": ""}))
async def test_no_request_is_sent_without_a_login(redis_url: str, clock: Clock, login: Any) -> None:
    """INVARIANT: a missing login is no failure of the source, and nobody is asked in vain."""
    answers = Site(note(1))
    async with source(redis_url, answers, clock, **login) as asked:
        poll = await asked.poll({"venues": {}})
    assert (poll.items, poll.cursor, poll.state) == ([], {"venues": {}}, NEEDS_LOGIN)
    assert "PAPERWIRE_OPENREVIEW_USER" in poll.detail
    assert (answers.logins, answers.asked) == (0, [])


@pytest.mark.parametrize(
    ("login", "detail"),
    (
        (None, "the login is refused with 400: Error: Invalid username or password"),
        (web.Response(status=403), "the login is refused with 403: the answer is not JSON"),
        (web.json_response({"mfaPending": True}), "the login returned no token"),
    ),
)
async def test_a_refused_login_is_reported(
    redis_url: str, clock: Clock, login: web.Response | None, detail: str
) -> None:
    answers = Site(note(1))
    answers.login = login
    async with source(redis_url, answers, clock, password="wrong") as asked:
        poll = await asked.poll({})
    assert (poll.items, poll.cursor, poll.state) == ([], {}, NEEDS_LOGIN)
    assert poll.detail.startswith(detail)
    assert "wrong" not in poll.detail


async def test_a_refusal_after_a_login_is_reported(redis_url: str, clock: Clock) -> None:
    answers = Site(note(1))
    answers.refusing = 403
    async with source(redis_url, answers, clock) as asked:
        poll = await asked.poll({})
    assert (poll.state, answers.logins) == (NEEDS_LOGIN, 2)
    assert poll.detail == ("the source answers 403 after a successful login: ChallengeRequiredError: Prove it")


@pytest.mark.parametrize(("status", "error"), ((500, TransientError), (302, PermanentError)))
async def test_a_failed_login_is_a_temporary_failure(
    redis_url: str, clock: Clock, status: int, error: type[Exception]
) -> None:
    """INVARIANT: the password is not sent after a redirect."""
    answers = Site(note(1))
    answers.login = web.Response(status=status, headers={"Location": "/elsewhere"})
    async with source(redis_url, answers, clock) as asked:
        with pytest.raises(error):
            await asked.poll({})
    assert answers.logins == 1


async def test_a_login_is_reused_until_its_token_expires(redis_url: str, clock: Clock) -> None:
    answers = Site(note(1))
    async with source(redis_url, answers, clock) as asked:
        cursor = (await asked.poll({})).cursor
        await asked.poll(cursor)
        assert answers.logins == 1
        answers.tokens = ["another"]
        assert [item.id for item in (await asked.poll(cursor)).items] == ["openreview:note1"]
    assert answers.logins == 2


async def test_secrets_stay_in_memory(redis_url: str, clock: Clock) -> None:
    """INVARIANT: neither token nor password is in a log, a cursor or a status."""
    answers = Site(note(1), note(2, content=None) | {"content": {"venueid": {"value": VENUE}}})
    with capture_logs() as logs:
        async with source(redis_url, answers, clock) as asked:
            polls = [await asked.poll({})]
            answers.refusing = 401
            polls.append(await asked.poll(polls[0].cursor))
            published = repr((logs, polls, asked))
    assert TOKEN not in published
    assert PASSWORD not in published


async def test_new_notes_are_read_at_every_poll_and_all_once_a_day(redis_url: str, clock: Clock) -> None:
    """INVARIANT: a decision changes an old note, and is seen within a day."""
    answers = Site(note(1), note(2))
    async with source(redis_url, answers, clock) as asked:
        first = await asked.poll({})
        answers.notes += [note(3)]
        clock.forward(hours=6)
        second = await asked.poll(orjson.loads(orjson.dumps(first.cursor)))
        answers.notes[0]["ddate"] = START
        clock.forward(hours=19)
        third = await asked.poll(second.cursor)
        clock.forward(hours=1)
        await asked.poll(third.cursor)
    assert [item.id for item in second.items] == ["openreview:note2", "openreview:note3"]
    assert [item.withdrawn for item in third.items] == [True, False, False]
    assert answers.asked == [(VENUE, 0, since) for since in (0, START + 2, 0, START + 3)]


async def test_venues_are_read_page_by_page_over_several_polls(
    redis_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openreview, "LIMIT", 3)
    monkeypatch.setattr(openreview, "MAX_PAGES", 2)
    other = f"{VENUE}/Withdrawn_Submission"
    answers = Site(*map(note, range(7)), note(7, other))
    found: list[str] = []
    cursor: Cursor = {}
    async with source(redis_url, answers, clock, VENUE, other) as asked:
        for again in (True, False):
            before = orjson.dumps(cursor)
            poll = await asked.poll(cursor)
            assert orjson.dumps(cursor) == before, "what it was given is not its own to change"
            assert bool(poll.again) is again
            cursor = orjson.loads(orjson.dumps(poll.cursor))
            found += [item.id for item in poll.items]
    assert found == [f"openreview:note{number}" for number in range(8)]
    assert poll.items[-1].withdrawn
    assert answers.asked == [(VENUE, 0, 0), (VENUE, 3, 0), (VENUE, 6, 0), (other, 0, 0)]
    assert poll.detail == "2 of 2 venues read"


async def test_a_missing_venue_does_not_affect_the_others(redis_url: str, clock: Clock) -> None:
    async with source(redis_url, Site(note(1)), clock, "No?where", VENUE) as asked:
        poll = await asked.poll({})
    assert [item.id for item in poll.items] == ["openreview:note1"]
    assert [(found.where, found.reason) for found in poll.refusals] == [
        ("page 1, No?where", "the source answers 400: Error: no such venue")
    ]


async def test_a_note_with_a_future_date_hides_no_other(redis_url: str, clock: Clock) -> None:
    answers = Site(note(1, tcdate=2**52))
    async with source(redis_url, answers, clock) as asked:
        cursor = (await asked.poll({})).cursor
        clock.forward(minutes=5)
        answers.notes += [note(2, tcdate=int(clock().timestamp() * 1000) - 1)]
        assert "openreview:note2" in {item.id for item in (await asked.poll(cursor)).items}
