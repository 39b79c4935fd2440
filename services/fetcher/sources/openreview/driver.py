"""Reads OpenReview v2 over HTTP, after a login: new submissions of each venue at every poll, all of them once a day."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field

from services.fetcher.http.polite import Answer, Polite
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.json_records import Page
from services.fetcher.sources.openreview.parse import MAX_NOTES, parse_notes, parse_token, refusal
from services.fetcher.sources.paging import Reading, read_pages
from services.fetcher.sources.port import Cursor, Poll, Refusal
from services.fetcher.sources.source_type import DriverContext
from shared.errors import TransientError
from shared.time_limit import in_thread

BASE: Final = "https://api2.openreview.net"
LIMIT: Final = MAX_NOTES
WHOLE: Final = timedelta(days=1)
"""Between two complete reads of a venue: decisions and withdrawals change notes that were created long ago."""
MAX_PAGES: Final = 20
"""Pages of one poll; the next poll continues."""
NEEDS_LOGIN: Final = "needs a login"
MAX_ROWS: Final = 200_000
"""Notes of one venue: a source that does not end is abandoned there."""
_REFUSED: Final = (401, 403)
_UNKNOWN: Final = (400, 404)
"""The answers for a venue that does not exist: the other venues are still read."""
_ANSWERED: Final = (*_REFUSED, *_UNKNOWN)
Venue = dict[str, Any]
"""What the cursor holds of a venue: newest note (`since`, ms), last complete read (`whole`), current `pass`."""


class LoginNeededError(TransientError):
    """The source requires a login: the operator has to set or correct the credentials."""


class OpenReviewConfig(SourceConfig):
    """The table of OpenReview: `query` holds venue ids separated by spaces."""

    query: str = Field(min_length=1, max_length=1_000)

    @property
    def target(self) -> str:
        """The venues."""
        return self.query


def make(config: OpenReviewConfig, context: DriverContext) -> "OpenReview":
    """Make the driver of some venues; the login comes from the environment."""
    user, password = context.settings.openreview_user, context.settings.openreview_password
    secret = password.get_secret_value() if password else None
    venues = config.query.split()
    return OpenReview(config.name, venues, context.polite, context.clock, user=user, password=secret)


class OpenReview:
    """The driver of venues. The cursor holds how far each was read; the token is kept in memory only."""

    def __init__(  # noqa: PLR0913  # what it asks for, whom, and when
        self,
        name: str,
        venues: Sequence[str],
        polite: Polite,
        clock: Callable[[], datetime],
        *,
        user: str | None,
        password: str | None,
        base_url: str = BASE,
    ) -> None:
        """`venues` are exact venue ids: `X/Conference` and `X/Conference/Submission` are different."""
        self.name = name
        self._venues = tuple(venues)
        self._polite = polite
        self._clock = clock
        self._login_with = {"id": user, "password": password}
        self._base = base_url.rstrip("/")
        self._token: str | None = None

    async def poll(self, cursor: Cursor) -> Poll:
        """Continue the current venues, or begin the next round. Raises like every source.

        Without a login, or if it is refused, return a poll that says so, with an unchanged cursor.
        """
        if not all(self._login_with.values()):
            return Poll(
                cursor=cursor,
                state=NEEDS_LOGIN,
                detail="OpenReview needs a login: set PAPERWIRE_OPENREVIEW_USER and PAPERWIRE_OPENREVIEW_PASSWORD",
            )
        known = deepcopy(cursor.get("venues", {}))
        venues: dict[str, Venue] = {venue: known.get(venue, {}) for venue in self._venues}
        todo = [venue for venue in self._venues if "pass" in venues[venue]]
        if not todo:
            todo = list(self._venues)
            for venue in todo:
                venues[venue]["pass"] = _begin(venues[venue], self._clock())

        async def one() -> tuple[Page, bool]:
            page, ended = await self._page(todo[0], venues[todo[0]])
            if ended:
                _end(venues[todo.pop(0)])
            return page, not todo

        try:
            reading = await read_pages(one, MAX_PAGES, self._clock)
        except LoginNeededError as error:
            return Poll(cursor=cursor, state=NEEDS_LOGIN, detail=str(error))
        return _answer(reading, venues)

    async def _page(self, name: str, venue: Venue) -> tuple[Page, bool]:
        """Read the next page of a venue and advance its pass; return whether it was the last page."""
        under_way = venue["pass"]
        asked = {"content.venueid": name, "limit": LIMIT, "offset": under_way["at"], "sort": "tcdate:asc"}
        if under_way["from"]:
            asked["mintcdate"] = under_way["from"]
        answer = await self._ask(f"{self._base}/notes?{urlencode(asked)}")
        if answer.status in _UNKNOWN:
            reason = f"the source answers {answer.status}: {refusal(answer.body)}"
            return Page([], [Refusal(name, reason)], 0), True
        notes = await in_thread(parse_notes, answer.body)
        entries, total = notes.page.entries, notes.page.total
        under_way["at"] += entries
        now = int(self._clock().timestamp() * 1000)
        under_way["newest"] = max(under_way["newest"], min(notes.newest, now))
        short = entries < LIMIT and not (total and under_way["at"] < total)
        return notes.page, not entries or short or under_way["at"] >= MAX_ROWS

    async def _ask(self, url: str) -> Answer:
        """Send a request with the token; an expired token is replaced once."""
        for fresh in (False, True):
            token = self._token if self._token and not fresh else await self._login()
            answer = await self._polite.get(url, headers={"Authorization": f"Bearer {token}"}, accept_errors=_ANSWERED)
            if answer.status not in _REFUSED:
                return answer
            self._token = None
        message = f"the source answers {answer.status} after a successful login: {refusal(answer.body)}"
        raise LoginNeededError(message)

    async def _login(self) -> str:
        answer = await self._polite.post_json(f"{self._base}/login", self._login_with, accept_errors=(400, *_REFUSED))
        if answer.status in (400, *_REFUSED):
            message = f"the login is refused with {answer.status}: {refusal(answer.body)}"
            raise LoginNeededError(message)
        self._token = parse_token(answer.body)
        if self._token is None:
            message = "the login returned no token, for example because the account needs a second factor"
            raise LoginNeededError(message)
        return self._token


def _begin(venue: Venue, now: datetime) -> dict[str, Any]:
    """Begin a pass over a venue: all of it if the last complete read is a day ago, or else what was created since."""
    last = venue.get("whole")
    whole = last is None or now - datetime.fromisoformat(last) >= WHOLE
    if whole:
        venue["whole"] = now.isoformat()
    since = venue.get("since", 0)
    return {"from": 0 if whole else since, "at": 0, "newest": since}


def _end(venue: Venue) -> None:
    venue["since"] = venue.pop("pass")["newest"]


def _answer(reading: Reading, venues: dict[str, Venue]) -> Poll:
    left = sum("pass" in venue for venue in venues.values())
    detail = f"{len(venues) - left} of {len(venues)} venues read"
    state = NEEDS_LOGIN if isinstance(reading.failure, LoginNeededError) else "partial" if reading.failure else "ok"
    return Poll(reading.items, reading.refusals, {"venues": venues}, detail, state, again=reading.again)
