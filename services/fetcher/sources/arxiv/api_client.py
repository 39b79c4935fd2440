"""The arXiv API: queries, papers by id, and harvests by windows of submission dates."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from services.fetcher.http.polite import HostBusyError, Polite
from services.fetcher.ledger.calendar import Calendar, arxiv_calendar
from services.fetcher.sources.arxiv.api_parse import Slice, read_slice
from services.fetcher.sources.arxiv.arxiv_text import bare_id
from services.fetcher.sources.port import Cursor
from shared.moments import as_utc
from shared.papers.events import Item
from shared.time_limit import in_thread

BASE: Final = "https://export.arxiv.org/api/query"
DEPTH: Final = 10_000
"""Results requested of one query: 30,000 are documented, but answers beyond 10,000 have been seen to fail."""
TRIES: Final = 3
"""Requests for a page whose answer is short, including the first."""
IDS: Final = 100
"""Ids in one request, so that its address stays short."""
_WINDOW: Final = timedelta(days=7)
_WINDOWS: Final = (timedelta(minutes=1), timedelta(days=56))
_BAD_REQUEST: Final = 400


class ArxivApi:
    """Queries the API, except during its nightly index update, when its answers may be incomplete.

    A request at that time raises HostBusyError, whose `retry_after` is the end of the renewal.
    """

    def __init__(  # its collaborators, and the sizes that tests make small
        self,
        polite: Polite,
        clock: Callable[[], datetime],
        *,
        base: str = BASE,
        page: int = 1_000,
        depth: int = DEPTH,
        calendar: Calendar | None = None,
    ) -> None:
        """`page` is the number of results per request, at most 2,000; `depth` the number per query.

        `clock` returns the time with its zone; the default calendar, which knows the time of renewal, is arXiv's.
        """
        self._polite = polite
        self._clock = clock
        self._calendar = calendar or arxiv_calendar()
        self._base = base
        self.page = page
        self.depth = depth

    async def slice(self, start: int = 0, **query: str) -> Slice:
        """Return the results of a query from `start` on; a short page is requested again, and the fullest is taken.

        An empty first page is accepted the second time, since it may be correct.

        Raises:
            TransientError: the API did not answer; try again later.
            PermanentError: the API rejects the query; the text says why.

        """
        best = Slice()
        for attempt in range(1, TRIES + 1):
            found = await self._ask(start, query)
            if found.entries >= best.entries:
                best = found
            if best.entries >= min(self.page, best.total - start) and (best.entries or attempt > 1):
                break
        return best

    async def by_ids(self, ids: Sequence[str]) -> list[Item]:
        """Return the newest versions of papers by id, with or without `arXiv:`; unknown ids are left out."""
        items: list[Item] = []
        for start in range(0, len(ids), IDS):
            some = [bare_id(name) for name in ids[start : start + IDS]]
            items += (await self._ask(0, {"id_list": ",".join(some)}, IDS)).items
        return items

    async def harvest(
        self, query: str, since: datetime, until: datetime, cursor: Cursor | None = None
    ) -> AsyncGenerator[tuple[list[Item], Cursor], None]:
        """Yield the results of a query by submission date, from `since` up to `until`, each page with its cursor.

        The windows are as long as the depth of results allows. The cursor counts `records`, `refused` and `missing`
        (reported by the API and not shown). Raises like `slice`; call it again with the last cursor to continue.
        """
        state = _begun(query, since, cursor)
        while not state["done"]:
            begin = as_utc(datetime.fromisoformat(state["day"]))
            end = min(begin + timedelta(seconds=state["length"]), until)
            found = await self.slice(state["start"], **_window(query, begin, end))
            if found.total > self.depth and end - begin > _WINDOWS[0]:
                state = {**state, "start": 0, "length": (end - begin).total_seconds() // 120 * 60 or 60}
                continue
            state = self._moved(state, found, end, until)
            yield found.items, dict(state)

    def harvest_days(
        self, query: str | None, since: date, until: date, cursor: Cursor | None = None
    ) -> AsyncGenerator[tuple[list[Item], Cursor], None]:
        """Harvest by days in UTC, both included, like the harvest of OAI-PMH."""
        begin, end = (as_utc(datetime.combine(day, time())) for day in (since, until + timedelta(days=1)))
        return self.harvest(query or "", begin, end, cursor)

    def _moved(self, state: Cursor, found: Slice, end: datetime, until: datetime) -> Cursor:
        wanted = max(min(self.page, found.total - state["start"]), 0)
        state = {**state, "records": state["records"] + len(found.items), "start": state["start"] + self.page}
        state["refused"] += len(found.refusals)
        state["missing"] += max(wanted - found.entries, 0)
        if state["start"] < min(found.total, self.depth):
            return state
        state["missing"] += max(found.total - self.depth, 0)
        grown = state["length"] * (2 if found.total * 4 < self.depth else 1)
        length = min(grown, _WINDOWS[1].total_seconds())
        return {**state, "day": end.isoformat(), "start": 0, "length": length, "done": end >= until}

    async def _ask(self, start: int, query: dict[str, str], most: int | None = None) -> Slice:
        now = self._clock()
        if end := self._calendar.renewed(now):
            message = f"the arXiv API is unavailable during its nightly index update until {end:%H:%M} UTC"
            raise HostBusyError(message, retry_after=(end - now).total_seconds())
        question = {**query, "start": start, "max_results": most or self.page}
        url = f"{self._base}?{urlencode(question, quote_via=quote)}"
        answer = await self._polite.get(url, accept_errors=(_BAD_REQUEST,))
        return await in_thread(read_slice, answer.body)


def _begun(query: str, since: datetime, cursor: Cursor | None) -> Cursor:
    begin = since.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
    if cursor and cursor.get("query") == query and cursor.get("since") == begin:
        return dict(cursor)
    state: dict[str, Any] = {"query": query, "since": begin, "day": begin, "length": _WINDOW.total_seconds()}
    return state | {"start": 0, "records": 0, "refused": 0, "missing": 0, "done": False}


def _window(query: str, begin: datetime, end: datetime) -> dict[str, str]:
    """Return the parameters for papers submitted from `begin` up to `end`; the API counts in minutes, both included."""
    last = end - timedelta(minutes=1)
    dates = f"submittedDate:[{begin.astimezone(UTC):%Y%m%d%H%M} TO {last.astimezone(UTC):%Y%m%d%H%M}]"
    return {"search_query": f"({query}) AND {dates}", "sortBy": "submittedDate", "sortOrder": "ascending"}
