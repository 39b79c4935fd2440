"""Reads the recent changes of the index that an interest matches, by the same conditions as alerts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from services.notifier.insight.volume import WEEK, Window
from services.notifier.matching.indexed_papers import IndexedPapers, Scored, Vector
from services.notifier.matching.match import (
    MARGIN,
    Subject,
    Wanted,
    fits,
    least_cosine,
    score_of,
    subject,
    wanted,
    wanted_change,
)
from services.notifier.matching.wanted_words import Words
from services.notifier.subscription.model import Criteria
from shared.coordination.places import Places, Room
from shared.moments import parse_moment
from shared.papers.paper import Change, ChangeKind, Paper
from shared.papers.person_names import wanted_keys
from shared.qdrant.client_library import models

DAYS: Final = 30
MAX_CHANGES: Final = 5_000
"""The most changes that are compared; the highest scores come first, so a wide interest loses the lowest."""
ROOM: Final = Room(places=1, per_client=1, waiting=64, waiting_per_client=8)
"""For comparisons with many papers: one at a time, so that searches and deliveries beside it go on."""
PATIENCE_S: Final = 0.1
"""Seconds that a comparison waits for searches before each page of papers."""
_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change of a paper that met every condition but the threshold."""

    at: datetime
    subject: Subject
    change: Change
    score: float


class Recent:
    """Reads recent changes. `clock` returns Unix seconds."""

    def __init__(self, papers: IndexedPapers, clock: Callable[[], float], queries: Places) -> None:
        """`queries` are the places of searches in this process, which go first."""
        self._papers = papers
        self._clock = clock
        self._queries = queries
        self._places = Places(ROOM, time.monotonic)

    async def window(self, days: int = DAYS) -> Window:
        """Return the window of the last days that the index covers: it begins with the first paper in them."""
        until = datetime.fromtimestamp(self._clock(), UTC)
        since = until - timedelta(days=days)
        where = models.Filter(must=[_between("published_at", since, until)])
        first = await self._papers.edge(where, models.Direction.ASC)
        last = await self._papers.edge(where, models.Direction.DESC)
        if first is None or last is None:
            return Window(since, until, float(days), 0)
        covered = min((last - first + _DAY) / _DAY, float(days))
        week = models.Filter(must=[_between("published_at", last - WEEK * _DAY + _MOMENT, last)])
        return Window(since, until, covered, await self._papers.count(where), await self._papers.count(week))

    async def past_changes(  # an interest, and where to look
        self,
        criteria: Criteria,
        vector: Vector,
        window: Window,
        least: float,
        client: str,
        words: Words | None = None,
    ) -> list[PastChange]:
        """Return the changes that match at a threshold of `least`, at most `MAX_CHANGES`, highest scores first.

        The interest is a `vector` and wanted `words`; None stands for those of the sentence.

        Counters and trends are not kept day by day: the changes `signals` and `trending` are not among them. Clients,
        such as owners, take turns; raises CrowdedError if too many wait.
        """
        async with self._places.place(client):
            return await self._past_changes(criteria, vector, window, least, wanted(criteria, words))

    async def _past_changes(
        self, criteria: Criteria, vector: Vector, window: Window, least: float, asked: Wanted
    ) -> list[PastChange]:
        found: list[PastChange] = []
        async for page in self._pages(criteria, vector, window, least, asked):
            found += await asyncio.to_thread(_changes_in, criteria, page, window)
            if len(found) >= MAX_CHANGES:
                break
            await self._queries.quiet(PATIENCE_S)
        return sorted(found, key=lambda one: -one.score)[:MAX_CHANGES]

    async def _pages(
        self, criteria: Criteria, vector: Vector, window: Window, least: float, asked: Wanted
    ) -> AsyncIterator[list[Scored]]:
        where = _where(criteria, window)
        if criteria.has_vector:
            reading = self._papers.read(await self._promising(vector, where, least, asked))
        else:
            reading = self._papers.all(where)
        async for page in reading:
            yield page

    async def _promising(
        self, vector: Vector, where: models.Filter, least: float, asked: Wanted
    ) -> list[tuple[str, float]]:
        """Return the points of papers that score at least `least`, with their scores, the highest first.

        Most papers from the least cosine on lack the words. The index tells which have them at a small part of the
        cost of reading them.
        """
        # The engine's sums may be off in the seventh digit: what is rounded up to the threshold has to be found.
        near: list[tuple[str, float]] = []
        async for page in self._papers.ranked(vector, where, least_cosine(asked, least) - MARGIN):
            near += page
            await self._queries.quiet(PATIENCE_S)
        present: dict[str, set[int]] = {point: set() for point, _ in near}
        for term in asked.terms if near else ():
            async for points in self._papers.having(term, where):
                for point in present.keys() & points:
                    present[point].add(term)
            await self._queries.quiet(PATIENCE_S)
        return await asyncio.to_thread(_scored, near, present, asked, least)


def _scored(
    near: Sequence[tuple[str, float]], present: Mapping[str, Collection[int]], asked: Wanted, least: float
) -> list[tuple[str, float]]:
    scores = ((point, score_of(asked, present[point], cosine)) for point, cosine in near)
    return sorted((row for row in scores if row[1] >= least), key=lambda row: -row[1])


def _changes_in(criteria: Criteria, page: Sequence[Scored], window: Window) -> list[PastChange]:
    return [one for scored in page for one in _changes_of(criteria, scored, window)]


def _changes_of(criteria: Criteria, scored: Scored, window: Window) -> Iterable[PastChange]:
    """Return the wanted changes of one paper within the window."""
    for at, changes in events(scored.paper, scored.published_at):
        if window.since <= at <= window.until:
            of = subject(scored.paper, changes)
            change = wanted_change(criteria, of)
            if change and fits(criteria, of):
                yield PastChange(at, of, change, scored.score)


def events(paper: Paper, published_at: datetime) -> Iterable[tuple[datetime, tuple[Change, ...]]]:
    """Return the changes of a paper by moment: first that it is new, then its later changes."""
    yield published_at, (Change(kind=ChangeKind.NEW),)
    for at, together in groupby(paper.life, key=lambda event: event.at):
        changes = (Change(kind=one.kind, version=one.version, fields=one.fields) for one in together)
        yield parse_moment(at), tuple(change for change in changes if change.kind is not ChangeKind.NEW)


def _where(criteria: Criteria, window: Window) -> models.Filter:
    """Return a filter for Qdrant that excludes what cannot match; `fits` decides on the rest."""
    published = _between("published_at", window.since, window.until)
    later: list[models.Condition] = []
    if set(criteria.changes) != {ChangeKind.NEW}:
        later = [_between("indexed_at", window.since, None)]  # a later change was indexed later
    must: list[models.Condition] = [models.Filter(should=[published, *later])]
    sets = {"paper.categories": criteria.categories, "source_names": criteria.sources, "ids": criteria.papers}
    sets["author_keys"] = tuple(key for name in criteria.authors for key in wanted_keys(name))
    must += [
        models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
        for key, values in sets.items()
        if values
    ]
    return models.Filter(must=must)


def _between(key: str, since: datetime, until: datetime | None) -> models.FieldCondition:
    return models.FieldCondition(key=key, range=models.DatetimeRange(gte=since, lte=until))
