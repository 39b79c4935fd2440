"""Reconciles announcements with OAI-PMH: papers that the feed lacked are taken from there, and for all their dates."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.fetcher.http.polite import HostBusyError
from services.fetcher.ledger.calendar import Calendar
from services.fetcher.ledger.observation import Observation
from services.fetcher.sources.arxiv.arxiv_text import bare_id, oai_set
from services.fetcher.sources.arxiv.batch import counts, ids_of, versions_of
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.port import BACKFILLED
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item
from shared.papers.partial_dates import first_day

SOON: Final = timedelta(minutes=10)
"""After the feed has brought an announcement: in these minutes OAI-PMH is busiest."""
OVERDUE: Final = timedelta(hours=8)
"""After the hour of an announcement, if the feed has not brought it."""
RETRY: Final = timedelta(minutes=30)
TRIES: Final = 8
"""Failures after which a category of a day is abandoned."""
CATCH_UP: Final = 10
"""Announcements that are reconciled after a pause; older ones need a backfill."""
ENOUGH: Final = timedelta(minutes=4)
"""No page is requested after this time, so that a poll ends."""
RECENT: Final = timedelta(days=10)
"""A record whose last version is older was changed otherwise, and not announced."""

Memory = dict[str, Any]
"""JSON: `done` is the last day that was reconciled; the rest is about the current `day`."""


@dataclass(slots=True)
class Found:
    """The result of a reconciliation; `wait` is the seconds until the rest can be read."""

    items: list[Item] = field(default_factory=list)
    observed: list[Observation] = field(default_factory=list)
    memory: Memory = field(default_factory=dict)
    wait: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The content of the feed for an announcement: marks, counts by category, and since when, if it is current."""

    marks: AbstractSet[str] = frozenset()
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    since: datetime | None = None


Days = Mapping[date, Shown]
"""The announcements in the cursor of the source."""


class Reconciler:
    """Reconciles announcement days in order, and the categories of each, page by page."""

    def __init__(
        self, categories: Sequence[str], oai: ArxivOai, clock: Callable[[], datetime], calendar: Calendar
    ) -> None:
        """`clock` returns the time with its zone."""
        self._categories = categories
        self._oai = oai
        self._clock = clock
        self._calendar = calendar

    def turn(self, memory: Memory, days: Days) -> tuple[date, datetime] | None:
        """Return the next day and the moment from which it may be requested; None if all days are done."""
        latest = self._calendar.latest(self._clock())
        first = min((latest, *days))
        done = date.fromisoformat(memory["done"]) if "done" in memory else self._calendar.before(first)
        floor = latest
        for _ in range(CATCH_UP):
            floor = self._calendar.before(floor)
        day = self._calendar.next(max(done, floor))
        if day > latest:
            return None
        begin = self._calendar.due(day) + OVERDUE
        since = days[day].since if day in days else None
        if since:
            begin = since + SOON
        return day, max(begin, datetime.fromisoformat(memory.get("not_before") or begin.isoformat()))

    async def run(self, memory: Memory, days: Days) -> Found:
        """Request what is due until all is done, time is up or an answer fails, which is requested again later."""
        found = Found(memory=dict(memory))
        began = self._clock()
        while (turn := self.turn(found.memory, days)) and self._clock() - began < ENOUGH:
            day, begin = turn
            if begin > self._clock():
                break
            if found.memory.get("day") != day.isoformat():
                found.memory = {"done": self._calendar.before(day).isoformat(), "day": day.isoformat(), "at": 0}
            try:
                await self._page(found, day, days)
            except (TransientError, PermanentError) as error:
                self._failed(found, error)
                break
        if turn := self.turn(found.memory, days):
            found.wait = max((turn[1] - self._clock()).total_seconds(), 60.0)
        return found

    async def _page(self, found: Found, day: date, days: Days) -> None:
        """Read the next page of a category; after the last one, record what the day brought."""
        memory = found.memory
        category = self._categories[memory["at"]]
        async with aclosing(self._oai.harvest(oai_set(category), day, day, memory.get("harvest"))) as pages:
            items, cursor = await anext(pages)
        self._take(found, items, day, days)
        memory |= {"harvest": cursor, "not_before": None}
        if not cursor["done"]:
            return
        had = days[day].counts.get(category, {}) if day in days else {}
        if had.get("received") and not memory["named"]:
            memory["harvest"] = None
            message = "OAI-PMH does not list the announcement yet"
            raise TransientError(message)
        found.observed.append(_observation(category, day, had, memory))
        self._next(memory, day)

    def _take(self, found: Found, items: Sequence[Item], day: date, days: Days) -> None:
        """Add the papers that were announced and that the feed lacked, each once, whatever categories it is in.

        Of those that it showed, add when they were submitted, which the feed does not say.
        """
        memory = found.memory
        named, taken = set(memory.get("named", ())), set(memory.get("taken", ()))
        shown = ids_of(days[day].marks) if day in days else set()
        # A record that was shown on another day in this version was announced then, and only changed since.
        elsewhere = {name for other in days if other != day for name in versions_of(days[other].marks)}
        mine = {
            name: item
            for item in items
            if (name := bare_id(item.id)) in shown
            or (was_announced(item, day) and f"{name}|{item.version or 0}" not in elsewhere)
        }
        lacked = {name: self._announced(mine[name]) for name in mine.keys() - named - shown}
        versions = versions_of(days[day].marks) if day in days else set()
        dated = {name: _dated(item) for name, item in mine.items() if f"{name}|{item.version or 0}" in versions}
        for some in (lacked, dated):
            found.items += [item for name, item in sorted(some.items()) if name not in taken]
        had, kinds = memory.get("recovered", {}), counts(lacked.values())
        memory |= {"named": sorted(named | mine.keys()), "taken": sorted(taken | lacked.keys() | dated.keys())}
        memory["recovered"] = {name: had.get(name, 0) + kinds.get(name, 0) for name in {*had, *kinds}}

    def _announced(self, item: Item) -> Item:
        kind = "new" if item.categories[:1] and item.categories[0] in self._categories else "cross"
        return item.model_copy(update={"announced": "replace" if (item.version or 1) > 1 else kind})

    def _next(self, memory: Memory, day: date) -> None:
        """Move on to the next category, or finish the day."""
        for name in ("harvest", "named", "recovered", "failures", "not_before"):
            memory.pop(name, None)
        memory["at"] += 1
        if memory["at"] >= len(self._categories):
            memory.clear()
            memory["done"] = day.isoformat()

    def _failed(self, found: Found, error: TransientError | PermanentError) -> None:
        memory = found.memory
        category, failures = self._categories[memory["at"]], memory.get("failures", 0)
        failures += not isinstance(error, HostBusyError)  # a busy host is not a failure of the source
        wait = max(timedelta(seconds=getattr(error, "retry_after", None) or 0), RETRY)
        memory |= {"failures": failures, "not_before": (self._clock() + wait).isoformat()}
        found.detail = f"the reconciliation of {category} is postponed: {error}"
        if failures >= TRIES or isinstance(error, PermanentError):
            found.detail = f"{category} of {memory['day']} is not reconciled: {error}"
            self._next(memory, date.fromisoformat(memory["day"]))


def _dated(item: Item) -> Item:
    """Return a record of a paper that is known as something of the past, which dates it and is no news."""
    return item.model_copy(update={"announced": BACKFILLED, "abstract": "", "identifiers": {}, "venue": None})


def was_announced(item: Item, day: date) -> bool:
    """Return whether a record was announced on a day, and not only changed on it.

    Its last version is recent; or it is a first version with an id of the month, which is assigned at the announcement,
    however long before that it was submitted. A cross-list of an older paper cannot be recognized.
    """
    last = item.updated or item.published
    if last and first_day(last) >= day - RECENT:
        return True
    return (item.version or 1) == 1 and bare_id(item.id).startswith(f"{day:%y%m}.")


def _observation(category: str, day: date, had: dict[str, int], memory: Memory) -> Observation:
    """Return what the feed showed plus what was recovered."""
    recovered: dict[str, int] = memory.get("recovered", {})
    both = {name: had.get(name, 0) + recovered.get(name, 0) for name in {*had, *recovered}}
    received = both.pop("received", 0)
    seen = both | {"recovered": recovered.get("received", 0)}
    return Observation(category, day.isoformat(), received, len(memory["named"]), counts=seen)
