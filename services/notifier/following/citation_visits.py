"""Asks once a day who cites the papers of readers, and writes the alerts about new citing papers that the index has.

What was found and is not in the index matches once its event arrives. One transaction writes what a visit learned, its
alerts, and when the next visit is due, so that a visit that is repeated finds the same.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from services.notifier.alerts.planner import PlannedAlert
from services.notifier.following.citation_alerts import CitationAlerts
from services.notifier.following.known_citations import MAX_PAPERS, CitedPaper, KnownCitations
from services.notifier.following.port import Listing, Place, PlaceError
from services.notifier.following.scholar_citations import ScholarCitations, scholar_name
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.subscription.due_set import DueSet, take_turns
from services.notifier.subscription.followed import CitationsRead
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import CITED, InterestVector, Row, Store, citations_key, cited_key
from shared.coordination.durability import durable
from shared.errors import PermanentError, TransientError
from shared.moments import from_unix

VISIT: Final = 300.0
"""Seconds that a visit may take."""
LEASE: Final = 600
"""Seconds after which a visit that a process began and did not finish is another's."""
RETRY: Final = 3_600.0
"""Seconds after a visit that failed."""
MAX_FAILURES: Final = 3
"""Papers in a row that cannot be asked about before a visit ends."""
_LONGEST: Final = 7 * 86_400.0
log = structlog.get_logger("notifier")


@dataclass(slots=True)
class _Progress:
    """What a visit has learned so far: it is kept, whatever ends the visit."""

    known: KnownCitations
    papers: int
    citations: int
    error: PlaceError | None = None


@dataclass(frozen=True, slots=True)
class AlertSink:
    """Where alerts go: `write` adds one to a transaction, `wake` starts the deliveries."""

    write: Callable[[Pipeline, PlannedAlert], None]
    wake: Callable[[], None]


class CitationVisits:
    """Visits what is due; processes share the work. `clock` gives Unix seconds, `interval` is in seconds."""

    def __init__(  # noqa: PLR0913, PLR0917  # its collaborators
        self,
        redis: Redis,
        store: Store,
        points: SubscriptionPoints,
        places: Mapping[str, Place],
        citations: ScholarCitations,
        alerts: CitationAlerts,
        sink: AlertSink,
        clock: Callable[[], float],
        interval: float,
        poll: float,
    ) -> None:
        """`places` list the papers of owners, by type of place; `poll` is in seconds, between looks for what is due."""
        self._redis = redis
        self._store = store
        self._points = points
        self._places = places
        self._citations = citations
        self._alerts = alerts
        self._sink = sink
        self._clock = clock
        self._interval = interval
        self._poll = poll
        self._due = DueSet(redis, CITED, LEASE, max(_LONGEST, interval))

    async def run(self) -> None:
        """Visit what is due until cancelled."""
        await take_turns("citations", self.turn, self._poll)

    async def turn(self) -> int:
        """Make one visit that is due; return the number of visits."""
        ids = await self._due.claim(self._clock(), 1)
        for row in await self._store.several(ids):
            if row and row.subscription.asks_for_citations and not row.unreadable:
                await self._visit(row)
        return len(ids)

    async def _visit(self, row: Row) -> None:
        before = row.subscription.citations
        known = await self._known(row.subscription.id)
        progress = _Progress(known, before.papers if before else 0, before.citations if before else 0)
        progress.error = await self._ask(row, progress)
        if progress.error:
            log.warning("citations unreadable", subscription=row.subscription.id, reason=str(progress.error))
        (present,) = await self._store.several([row.subscription.id])  # its owner may have changed it meanwhile
        if present is None or present.unreadable or present.subscription.cites != row.subscription.cites:
            return
        alerts, progress.known = await self._alerts.plan(present, progress.known)
        try:
            await self._keep(present.subscription, progress, alerts)
        except PermanentError as error:  # its owner is gone, or it cannot be read any more
            log.warning("citations not kept", subscription=row.subscription.id, reason=str(error))

    async def _ask(self, row: Row, progress: _Progress) -> PlaceError | None:
        """Learn who cites the papers of a subscription's owner; return why not all of it could be learned."""
        place = row.subscription.cites
        try:
            async with asyncio.timeout(VISIT):
                return await self._learn(row, progress)
        except PlaceError as error:
            return error
        except TimeoutError:
            return PlaceError(f"Asking who cites {place} took longer than {VISIT:g} seconds.")
        except (TransientError, RedisError, OSError):
            raise
        except Exception:
            log.exception("citations unreadable", subscription=row.subscription.id)
            return PlaceError(f"The answer about who cites {place} could not be read.")

    async def _learn(self, row: Row, progress: _Progress) -> PlaceError | None:
        assert row.subscription.cites  # noqa: S101  # for the type; `turn` has looked
        place = row.subscription.cites
        listing = await self._places[place.type].read(place, row.owner, Listing())
        named = [item for item in listing.items if scholar_name(item)]
        papers = await self._citations.counted(named[:MAX_PAPERS])
        progress.papers, progress.citations = len(papers), sum(paper.count for paper in papers)
        progress.known = progress.known.among(papers)
        asked = [paper for paper in papers if progress.known.asks(paper)]
        first = int(self._clock() / RETRY) % max(len(asked), 1)  # what cannot be read is not always the first
        return await self._learn_each([*asked[first:], *asked[:first]], progress)

    async def _learn_each(self, papers: Sequence[CitedPaper], progress: _Progress) -> PlaceError | None:
        """Read who cites some papers; one that cannot be read does not stop the others, a row of them or a pause do."""
        failure: PlaceError | None = None
        failures = 0
        for paper in papers:
            try:
                citing = await self._citations.citing(paper.key) if paper.count else []
            except PlaceError as error:
                failure, failures = error, failures + 1
                if error.retry_after or failures == MAX_FAILURES:
                    break
            else:
                failures = 0
                progress.known = progress.known.with_citing(paper, citing)
        return failure

    async def _keep(self, visited: Subscription, progress: _Progress, alerts: Sequence[PlannedAlert]) -> None:
        """Write what a visit learned, unless the papers are others meanwhile."""
        read, known = self._read(visited, progress), progress.known
        same = False

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            nonlocal same
            same = present.cites == visited.cites
            return present.model_copy(update={"citations": read}) if same else present, None

        def also(pipe: Pipeline) -> None:
            if not same:
                return
            pipe.set(citations_key(visited.id), known.model_dump_json())
            pipe.delete(cited_key(visited.id))
            if titles := known.titles():
                pipe.hset(cited_key(visited.id), mapping={**titles})
            for alert in alerts:
                self._sink.write(pipe, alert)

        await self._store.change(visited.id, update, also)
        if alerts and same:
            await durable(self._redis)
            log.info("citations found", subscription=visited.id, alerts=len(alerts))
            self._sink.wake()
        await self._points.sync([visited.id])

    def _read(self, visited: Subscription, progress: _Progress) -> CitationsRead:
        before, known = visited.citations, progress.known
        complete = progress.error is None
        return CitationsRead(
            read_at=from_unix(self._clock()) if complete else before and before.read_at,
            papers=progress.papers,
            citations=progress.citations,
            awaited=len(known.awaited),
            error=None if complete else str(progress.error),
            next_at=self._next(progress.error),
        )

    def _next(self, error: PlaceError | None) -> datetime:
        retry = max(error.retry_after or 0.0, min(RETRY, self._interval)) if error else self._interval
        return from_unix(self._clock() + retry)

    async def _known(self, subscription: str) -> KnownCitations:
        raw = await self._redis.get(citations_key(subscription))
        try:
            return KnownCitations.model_validate_json(raw) if raw else KnownCitations()
        except ValidationError:
            return KnownCitations()
