"""arXiv's announcements by RSS: one request for all categories, stale batches recognized, every day reconciled."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.fetcher.http.polite import Polite
from services.fetcher.ledger.calendar import Calendar, arxiv_calendar
from services.fetcher.ledger.ledger import CAPPED
from services.fetcher.ledger.observation import Observation
from services.fetcher.sources.arxiv.arxiv_text import belongs
from services.fetcher.sources.arxiv.batch import Batch, counts, mark, read_batch, stale_categories
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.arxiv.reconcile import SOON, Found, Reconciler, Shown
from services.fetcher.sources.port import MAX_ITEMS, PARTIAL, Cursor, ParseFeed, Poll
from shared.papers.events import Item
from shared.time_limit import in_thread

BASE: Final = "https://rss.arxiv.org/rss"
STALE_AGAIN_S: Final = 1_200.0
PLAUSIBLE: Final = timedelta(days=7)
"""A feed with an older day, or a future one, is taken to be of the current day."""


class ArxivRss:
    """The announcements of some categories or archives.

    The cursor holds the marks and counts of the current announcement (`day`, `batch`, `shown`) and of the previous one
    (`past`, `earlier`).
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each of them replaced in some test
        self,
        name: str,
        categories: Sequence[str],
        polite: Polite,
        parse: ParseFeed,
        clock: Callable[[], datetime],
        *,
        oai: ArxivOai | None = None,
        base: str = BASE,
        calendar: Calendar | None = None,
    ) -> None:
        """`clock` returns the time with its zone; without `oai` nothing is reconciled."""
        self.name = name
        self._categories = tuple(categories)
        self._polite = polite
        self._parse = parse
        self._clock = clock
        self._url = f"{base}/{'+'.join(categories)}"
        self._calendar = calendar or arxiv_calendar()
        self._reconciler = Reconciler(self._categories, oai, clock, self._calendar) if oai else None

    async def poll(self, cursor: Cursor) -> Poll:
        """Request the feed; if it brings nothing new, reconcile what is due. Raises like every source."""
        answer = await self._polite.get(self._url, cursor)
        if answer.unchanged:
            poll = self._nothing(dict(cursor), "unchanged")
        else:
            parsed = await self._parse(answer.body, self.name, "", MAX_ITEMS)
            batch = await in_thread(read_batch, answer.body, parsed)
            kept = {name: value for name, value in cursor.items() if name not in ("etag", "modified")}
            # A feed that was cut on its way is asked for whole again: without validators.
            poll = self._take(batch, kept if parsed.state == PARTIAL else {**kept, **answer.cursor})
        if self._reconciler is None:
            return poll
        if poll.items:  # published before the reconciliation, whose failure must not lose them
            return _merged(poll, Found(memory=poll.cursor.get("reconcile", {}), wait=SOON.total_seconds()))
        return _merged(poll, await self._reconciler.run(cursor.get("reconcile", {}), _remembered(poll.cursor)))

    def _take(self, batch: Batch, memory: Cursor) -> Poll:
        """Separate what is new in a feed from what the previous announcement contained."""
        day = self._day(batch)
        same = memory.get("day") == day.isoformat()
        earlier = set(memory.get("earlier" if same else "batch", ()))
        stale = [] if self._calendar.reason(day) else stale_categories(batch.items, self._categories, earlier)
        fresh = [item for item in batch.items if mark(item) not in earlier]
        had = set(memory.get("batch", ())) if same else set()
        new = [item for item in fresh if mark(item) not in had]
        memory["stale"] = {"day": day.isoformat(), "categories": stale}
        if not new:
            poll = self._nothing(memory, _detail(batch, stale))
        else:
            if not same:
                past = {"day": memory.get("day"), "shown": memory.get("shown", {})}
                memory |= {"past": past, "earlier": memory.get("batch", []), "shown": {}}
                memory["taken"] = self._clock().isoformat()
            memory |= {"day": day.isoformat(), "batch": sorted(had | {mark(item) for item in fresh})}
            memory["shown"] = self._counted(memory["shown"], new)
            dated = [item.model_copy(update={"announced_on": day.isoformat()}) for item in new]
            poll = self._something(memory, dated, full=batch.full)
        poll.refusals.extend(batch.refusals)
        return poll

    def _day(self, batch: Batch) -> date:
        today = self._calendar.day_of(self._clock())
        return batch.day if batch.day and today - PLAUSIBLE <= batch.day <= today else today

    def _counted(self, shown: dict[str, dict[str, int]], new: Sequence[Item]) -> dict[str, dict[str, int]]:
        """Add new items to the counts of each category."""
        result = {}
        for category in self._categories:
            had, more = shown.get(category, {}), counts(i for i in new if belongs(i.categories, category))
            result[category] = {name: had.get(name, 0) + more.get(name, 0) for name in {*had, *more}}
        return result

    def _something(self, memory: Cursor, new: list[Item], *, full: bool) -> Poll:
        stale = memory["stale"]["categories"]
        seen = []
        for category in self._categories:
            tally = dict(memory["shown"][category]) | ({CAPPED: 1} if full else {})
            received = tally.pop("received", 0)
            is_stale = category in stale
            if received or is_stale:
                seen.append(Observation(category, memory["day"], received, stale=is_stale, counts=tally))
        state = "stale" if stale else "partial" if full else "ok"
        return Poll(new, [], memory, state=state, again=STALE_AGAIN_S if stale else None, observed=tuple(seen))

    def _nothing(self, memory: Cursor, detail: str) -> Poll:
        """Return a poll without items: which categories have brought nothing today, and which are stale."""
        today = self._calendar.day_of(self._clock())
        stale = memory.get("stale", {})
        named: list[str] = stale.get("categories", []) if stale.get("day") == today.isoformat() else []
        shown: dict[str, Any] = memory.get("shown", {}) if memory.get("day") == today.isoformat() else {}
        lacking = [category for category in self._categories if not shown.get(category, {}).get("received")]
        seen = tuple(Observation(category, today.isoformat(), 0, stale=category in named) for category in lacking)
        if lacking and (explained := self._calendar.explained(today)):
            detail = f"no announcement: {explained}"
        if lacking and (note := self._calendar.note(today)):
            detail = f"{detail} ({note})"
        state, again = ("stale", STALE_AGAIN_S) if named else ("ok", None)
        return Poll([], [], memory, detail, state, again, seen)


def _detail(batch: Batch, stale: Sequence[str]) -> str:
    if stale:
        return f"the previous announcement under a new date: {' '.join(stale)}"
    return "nothing new" if batch.items else "an empty feed"


def _remembered(memory: Cursor) -> dict[date, Shown]:
    """Return the announcements that a cursor holds, by day."""
    days = {}
    if past := memory.get("past", {}).get("day"):
        days[date.fromisoformat(past)] = Shown(set(memory["earlier"]), memory["past"]["shown"])
    if memory.get("day"):
        since = datetime.fromisoformat(memory["taken"])
        days[date.fromisoformat(memory["day"])] = Shown(set(memory["batch"]), memory["shown"], since)
    return days


def _merged(poll: Poll, found: Found) -> Poll:
    """Combine a reconciliation with what the feed brought."""
    reconciled = {(seen.category, seen.day) for seen in found.observed}
    seen = [one for one in poll.observed if (one.category, one.day) not in reconciled]
    # A longer wait than this is left to the ordinary interval.
    waits = [wait for wait in (poll.again, found.wait) if wait and wait <= STALE_AGAIN_S]
    detail = "; ".join(filter(None, (poll.detail, found.detail)))
    return Poll(
        [*poll.items, *found.items],
        poll.refusals,
        {**poll.cursor, "reconcile": found.memory},
        detail,
        poll.state,
        min(waits, default=None),
        (*seen, *found.observed),
    )
