"""arXiv's OAI-PMH: harvests a set between two days, page by page; every harvest can be resumed."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from services.fetcher.http.polite import Polite
from services.fetcher.sources.arxiv.oai_parse import Page, read_page
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item
from shared.time_limit import in_thread

BASE: Final = "https://oaipmh.arxiv.org/oai"
DAY: Final = timedelta(days=1)
MAX_RESTARTS: Final = 5
"""Restarts of one window because its token had expired."""
_NONE, _EXPIRED = "noRecordsMatch", "badResumptionToken"
ById = Callable[[Sequence[str]], Awaitable[list[Item]]]


class ArxivOai:
    """Lists records by the day of their last change. Answers take 29 to 90 s: the session needs a longer timeout."""

    def __init__(
        self,
        polite: Polite,
        *,
        base: str = BASE,
        prefix: str = "arXivRaw",
        days: int = 7,
        by_id: ById | None = None,
    ) -> None:
        """`prefix` is `arXivRaw` (with versions) or `arXiv` (with split names); `days` is the length of a window.

        `by_id` returns papers by id: OAI-PMH lists deleted records without their titles.
        """
        self._polite = polite
        self._base = base
        self._prefix = prefix
        self._days = days
        self._by_id = by_id

    async def harvest(
        self, set_spec: str | None, since: date, until: date, cursor: Cursor | None = None
    ) -> AsyncGenerator[tuple[list[Item], Cursor], None]:
        """Yield the records changed from `since` to `until`, both included, each page with its cursor.

        With a cursor of another set or start the harvest begins again; with one that is `done` it yields nothing. The
        cursor counts `records` and `refused`; its `day` is the start of the current window. A window whose token has
        expired starts again, so some items come twice.

        Raises:
            TransientError: continue later from the last cursor; `retry_after` says when, if the archive did.
            PermanentError: the archive rejects the request, for example because it does not know the set.

        """
        state = _begun(set_spec, since, self._days, cursor)
        while not state["done"]:
            page = await self._ask(state, until)
            if page.error == _EXPIRED and state["token"]:
                state = _restarted(state)
                continue
            if page.error and page.error != _NONE:
                message = f"the archive reports the error {page.error}: {page.explanation}"
                raise PermanentError(message)
            items = page.items + await self._withdrawn(page.deleted)
            state = _moved(state, page, until)
            yield items, dict(state)

    async def _ask(self, state: Cursor, until: date) -> Page:
        if state["token"]:
            query: dict[str, Any] = {"verb": "ListRecords", "resumptionToken": state["token"]}
        else:
            query = {"verb": "ListRecords", "metadataPrefix": self._prefix}
            query |= {"set": state["set"]} if state["set"] else {}
            query |= {"from": state["day"], "until": _last(state, until).isoformat()}
        answer = await self._polite.get(f"{self._base}?{urlencode(query, quote_via=quote)}")
        try:
            page = await in_thread(read_page, answer.body)
        except PermanentError as error:
            message = f"the answer of the archive is invalid: {error}"
            raise TransientError(message) from error
        again = page.token and page.token == state["token"]
        if again or not (page.error or page.items or page.refusals):
            message = (
                "the archive returned the same page twice"
                if again
                else "the archive returned neither records nor an error"
            )
            raise TransientError(message)
        return page

    async def _withdrawn(self, deleted: Sequence[str]) -> list[Item]:
        """Make withdrawn items from deleted records, as far as their titles are still known."""
        known = await self._by_id(deleted) if deleted and self._by_id else []
        return [item.model_copy(update={"withdrawn": True}) for item in known]


def _begun(set_spec: str | None, since: date, days: int, cursor: Cursor | None) -> Cursor:
    if cursor and cursor.get("set") == set_spec and cursor.get("since") == since.isoformat():
        return dict(cursor)
    state: Cursor = {"set": set_spec, "since": since.isoformat(), "day": since.isoformat(), "days": days}
    return state | {"token": None, "records": 0, "refused": 0, "restarts": 0, "done": False}


def _last(state: Cursor, until: date) -> date:
    """Return the last day of the current window."""
    return min(date.fromisoformat(state["day"]) + DAY * (int(state["days"]) - 1), until)


def _restarted(state: Cursor) -> Cursor:
    """Start a window again, with a length of one day: a resumption token expires after some time."""
    if state["restarts"] >= MAX_RESTARTS:
        message = f"the records of {state['day']} take longer than a resumption token is valid"
        raise PermanentError(message)
    return {**state, "token": None, "days": 1, "restarts": state["restarts"] + 1}


def _moved(state: Cursor, page: Page, until: date) -> Cursor:
    records, refused = state["records"] + len(page.items), state["refused"] + len(page.refusals)
    state = {**state, "records": records, "refused": refused, "token": page.token}
    if page.token:
        return state
    day = _last(state, until) + DAY
    return {**state, "day": day.isoformat(), "restarts": 0, "done": day > until}
