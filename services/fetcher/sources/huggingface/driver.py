"""Reads Hugging Face daily papers over HTTP: a day is read again while it fills and its upvotes change."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.fetcher.http.polite import Polite
from services.fetcher.ledger.observation import Observation
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.huggingface.parse import Daily, parse_daily
from services.fetcher.sources.port import Cursor, Poll, Refusal
from services.fetcher.sources.source_type import DriverContext
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item
from shared.time_limit import in_thread

BASE: Final = "https://huggingface.co"
LIMIT: Final = 100
MAX_PAGES: Final = 10
"""Pages of one day: ten times as many as the fullest days had."""
FILLING: Final = 3
"""Days: today and the two before."""
SETTLED: Final = timedelta(days=1)
"""A day that has not changed for this long is not read again."""
MAX_OWED: Final = 366
OWED_PER_POLL: Final = 10
AGAIN_S: Final = 10.0
Day = dict[str, Any]
"""What the cursor holds of a day: a `mark` of its content, `since` and `seen` (first and last sight), validators."""


@dataclass(slots=True)
class _Read:
    """The papers read of one day, or of all days of a poll."""

    items: dict[str, Item] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    validators: Cursor = field(default_factory=dict)
    answers: int = 0
    failure: TransientError | PermanentError | None = None

    def add(self, page: Daily, where: str) -> bool:
        """Add a page; return whether it brought anything new."""
        fresh = {item.id: item for item in page.page.items if item.id not in self.items}
        self.items |= fresh
        self.dates |= {item: page.dates[item] for item in fresh}
        self.refusals += [Refusal(f"{where}, {note.where}", note.reason, note.cleaned) for note in page.page.refusals]
        return bool(fresh)


def make(config: SourceConfig, context: DriverContext) -> "HuggingFaceDaily":
    """Make the driver of the daily papers."""
    return HuggingFaceDaily(config.name, context.polite, context.clock)


class HuggingFaceDaily:
    """The driver of the daily papers. The cursor holds the days that still fill, and the days that are owed."""

    def __init__(self, name: str, polite: Polite, clock: Callable[[], datetime], *, base_url: str = BASE) -> None:
        """`clock` returns the time in UTC, in which the source counts days."""
        self.name = name
        self._polite = polite
        self._clock = clock
        self._base = base_url.rstrip("/")

    async def poll(self, cursor: Cursor) -> Poll:
        """Read the days that still fill, newest first, then some of the days that are owed.

        A day that fails is read again later and does not affect the others. Raises like every source if all days fail.
        """
        now = self._clock()
        known: Mapping[str, Day] = cursor.get("days", {})
        window = [(now.date() - timedelta(days=back)).isoformat() for back in range(FILLING)]
        owed = _owed(cursor, window)
        seen = _Read()
        days: dict[str, Day] = {}
        for day in window:
            before = known.get(day, {})
            after = None if _settled(before) else await self._day(day, before, seen)
            days |= {day: after or before} if after or before else {}
        tried, rest = owed[:OWED_PER_POLL], owed[OWED_PER_POLL:]
        failed = [day for day in tried if await self._day(day, {}, seen) is None]
        if seen.failure and not seen.answers:
            raise seen.failure
        return Poll(
            list(seen.items.values()),
            seen.refusals,
            {"days": days, "owed": rest + failed, "until": window[0]},
            f"{len(seen.items)} papers of {seen.answers} days",
            "partial" if seen.failure else "ok",
            again=AGAIN_S if rest and not seen.failure else None,
            observed=_observed(seen),
        )

    async def _day(self, day: str, before: Day, seen: _Read) -> Day | None:
        """Read a day into `seen` and return what the cursor holds of it; None if it has to be read again."""
        now = self._clock().isoformat()
        try:
            read = await self._fetch(day, before)
        except (TransientError, PermanentError) as error:
            seen.refusals.append(Refusal(day, str(error)))
            seen.failure = seen.failure or error
            return None if isinstance(error, TransientError) else {}
        seen.answers += 1
        if read is None:
            return {**before, "seen": now}
        seen.items |= read.items
        seen.dates |= read.dates
        seen.refusals += read.refusals
        mark = _mark(read)
        since = before.get("since", now) if mark == before.get("mark") else now
        return {"mark": mark, "since": since, "seen": now, **read.validators}

    async def _fetch(self, day: str, before: Day) -> _Read | None:
        """Read the pages of a day; return None if it has not changed. Raises like every source."""
        read = _Read()
        for number in range(MAX_PAGES):
            url = f"{self._base}/api/daily_papers?date={day}&p={number}&limit={LIMIT}"
            answer = await self._polite.get(url, None if number else before)
            if answer.unchanged and before and not number:
                return None
            page = await in_thread(parse_daily, answer.body, day)
            fresh = read.add(page, day)
            full = page.page.entries >= LIMIT or 'rel="next"' in answer.headers.get("Link", "")
            if not full or not fresh:
                # A day of several pages has no answer whose validators apply to all of it.
                read.validators = {} if number else answer.cursor
                return read
        read.refusals.append(Refusal(day, f"only the first {MAX_PAGES} pages are taken"))
        return read


def _owed(cursor: Cursor, window: list[str]) -> list[str]:
    """Return the days that left the window before they had settled."""
    owed = list(cursor.get("owed", ()))
    if until := cursor.get("until"):
        day = max(date.fromisoformat(until) - timedelta(days=FILLING - 1), _earliest(window))
        while day.isoformat() < window[-1]:
            if not _settled(cursor.get("days", {}).get(day.isoformat(), {})):
                owed.append(day.isoformat())
            day += timedelta(days=1)
    return [day for day in dict.fromkeys(owed) if day >= _earliest(window).isoformat()]


def _earliest(window: list[str]) -> date:
    return date.fromisoformat(window[-1]) - timedelta(days=MAX_OWED)


def _settled(day: Day) -> bool:
    """Return whether a day was seen unchanged for long enough; time without a poll does not count."""
    if not day:
        return False
    return datetime.fromisoformat(day["seen"]) - datetime.fromisoformat(day["since"]) >= SETTLED


def _mark(read: _Read) -> str:
    lines = sorted(item.model_dump_json() for item in read.items.values())
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def _observed(seen: _Read) -> tuple[Observation, ...]:
    """Count the papers of each Daily date."""
    received = Counter(seen.dates.values())
    withdrawn = Counter(day for own, day in seen.dates.items() if seen.items[own].withdrawn)
    return tuple(
        Observation("daily", day, number, counts={"new": number - withdrawn[day], "withdrawn": withdrawn[day]})
        for day, number in sorted(received.items())
    )
