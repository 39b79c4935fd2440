"""Reconciliation: one indexer at a time compares the index with the records of works, and has repaired what differs."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog
from redis.exceptions import RedisError

from services.indexer.papers import QdrantPapers
from services.indexer.reconciling.differences import Attempts, Differences, compare, slices
from shared import telemetry
from shared.board import INDEX, IndexRow
from shared.board.table import count_works, read_revisions, revisions_complete
from shared.bus import Bus
from shared.bus.upkeep import handled_until, lag
from shared.coordination.lease import Lease
from shared.errors import PermanentError, TransientError
from shared.moments import iso, parse_moment
from shared.papers.events import PapersRequested
from shared.papers.names import first_point
from shared.papers.streams import ENRICHED, REQUESTED, Stream

LEASE: Final = "reconcile"
LEASE_S: Final = 60.0
COUNT_S: Final = 10.0
"""Seconds between two counts, which tell that a walk is needed."""
PAUSE_FACTOR: Final = 10.0
"""The pause after a walk, as a multiple of the time that it took: searches and imports need Qdrant too."""
BUSY: Final = 1_000
"""Entries that the indexer has to handle from which a walk waits: most differences are only about to be written."""
WAIT_S: Final = 600.0
"""The longest wait for the enricher and the indexer; a repair of one slice embeds a thousand papers."""
POLL_S: Final = 0.05
PART: Final = 64
"""Works of one request."""
MAX_EXAMPLES: Final = 20
"""Unknown works that the board names."""
NAME: Final = "papers"
_OUTAGES: Final = (TransientError, PermanentError, RedisError, OSError)
log = structlog.get_logger("indexer")


@dataclass
class _Walk:
    """What one walk has found so far."""

    works: int
    points: int
    missing: int = 0
    outdated: int = 0
    unknown: int = 0
    repaired: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, found: Differences, left: Differences) -> None:
        """Count the differences of a slice that were found, and those that are left."""
        self.missing += len(left.missing)
        self.outdated += len(left.outdated)
        self.unknown += len(left.unknown)
        self.repaired += len(found.revisions) - len(left.revisions)

    def row(self, checked: datetime) -> IndexRow:
        """Return the row of the board."""
        return {
            "name": NAME,
            "works": self.works,
            "points": self.points,
            "missing": self.missing,
            "outdated": self.outdated,
            "unknown": self.unknown,
            "unknown_works": self.examples,
            "repaired": self.repaired,
            "checked": iso(checked),
        }


class Reconciler:
    """Compares the index with the records at start and regularly, and when their counts no longer agree."""

    def __init__(self, papers: QdrantPapers, bus: Bus, interval: float, clock: Callable[[], datetime]) -> None:
        """Walk every `interval` seconds; `clock` returns the time in UTC."""
        self._papers = papers
        self._bus = bus
        self._redis = bus.redis
        self._interval = interval
        self._clock = clock
        self._attempts = Attempts()

    def trouble(self) -> str | None:
        """Return why the index is not whole, or None."""
        return "the index has lost its papers, and they are being written again" if self._papers.lost else None

    async def run(self) -> None:
        """Walk at start, and whenever a walk is due."""
        first, pause = True, 0.0
        while True:
            loop = asyncio.get_running_loop()
            started = loop.time()
            with self._bus.outages.logged(
                "reconciliation", COUNT_S, TransientError, PermanentError, RedisError, OSError
            ):
                if (first or await self.is_due()) and await self.reconcile():
                    first, pause = False, PAUSE_FACTOR * (loop.time() - started)
            await asyncio.sleep(max(COUNT_S, pause))
            pause = 0.0

    async def is_due(self) -> bool:
        """Return whether the last walk is too long ago, or the counts differ otherwise than it left them.

        Raises:
            TransientError: Qdrant does not answer, or lost the collection.

        """
        (row,) = await INDEX.some(self._redis, [NAME])
        if self._papers.lost or row is None:
            return True
        if (self._clock() - parse_moment(row["checked"])).total_seconds() >= self._interval:
            return True
        expected = row["unknown"] - row["missing"]  # points that are too many
        if await self._surplus() == expected or await self._is_busy():
            return False
        await self._handled(ENRICHED)
        return await self._surplus() != expected

    async def reconcile(self) -> bool:
        """Walk all works, unless others do or much is about to be written anyway; return whether it was done.

        Raises:
            TransientError: Qdrant does not answer, or what was requested was not written in time.
            PermanentError: another indexer took the lease over.

        """
        if not await revisions_complete(self._redis) or await self._is_busy():
            return False
        lease = Lease(self._redis, LEASE, LEASE_S)
        if await lease.take():
            return False
        async with lease.kept():
            walk = await self._walk()
        await self._report(walk)
        self._papers.lost = False
        return True

    async def _walk(self) -> _Walk:
        walk = _Walk(await count_works(self._redis), await self._papers.count())
        for buckets in slices(max(walk.works, walk.points)):
            await self._reconcile(buckets, walk)
        self._attempts.end_round()
        walk.points = await self._papers.count()
        return walk

    async def _reconcile(self, buckets: range, walk: _Walk) -> None:
        """Reconcile a slice. What is still different after the indexer has caught up was lost, and is requested."""
        found = await self._compare(buckets)
        if not found:
            return
        await self._handled(ENRICHED)
        found = left = found.that_stay(await self._compare(buckets))
        self._papers.lost |= bool(found.missing) and not walk.points
        if repairable := self._attempts.left(found):
            await self._request(repairable)
            left = found.that_stay(await self._compare(buckets))
        self._attempts.record(left)
        walk.add(found, left)
        more = MAX_EXAMPLES - len(walk.examples)
        if more > 0 and left.unknown:
            walk.examples += await self._papers.work_ids(sorted(left.unknown)[:more])

    async def _compare(self, buckets: range) -> Differences:
        """Compare a slice. Points are read first: a record is written before its point."""
        points = await self._papers.revisions(first_point(buckets[0]) or "", first_point(buckets[-1] + 1))
        return compare(await read_revisions(self._redis, buckets), points)

    async def _request(self, found: Differences) -> None:
        """Have works published and written again, and wait for that.

        An unknown point may be that of a work that was joined to another, which the enricher then says.
        """
        works = [each.work for each in (*found.missing.values(), *found.outdated.values())]
        works += await self._papers.work_ids(sorted(found.unknown))
        parts = iter(works)
        async with self._bus.hop("indexer") as hop:
            while part := tuple(islice(parts, PART)):
                await hop.publish(REQUESTED, PapersRequested(works=part), f"reconcile-{secrets.token_hex(6)}")
            await hop.commit()
        await self._handled(REQUESTED)
        await self._handled(ENRICHED)

    async def _handled(self, stream: Stream[Any]) -> None:
        """Wait until everything that a stream holds now is handled."""
        seconds, micros = await self._redis.time()
        moment, loop = seconds + micros / 1e6, asyncio.get_running_loop()
        until = loop.time() + WAIT_S
        while await handled_until(self._redis, stream.name) <= moment:
            if loop.time() >= until:
                readers = " and ".join(stream.groups)
                raise TransientError(f"{stream.name} was not handled within {WAIT_S:.0f} s: is the {readers} running?")
            await asyncio.sleep(POLL_S)

    async def _is_busy(self) -> bool:
        counts = await lag(self._redis, ENRICHED.name, ENRICHED.groups[0])
        return sum(counts.values()) >= BUSY

    async def _surplus(self) -> int:
        """Return how many more points than works there are."""
        return await self._papers.count() - await count_works(self._redis)

    async def _report(self, walk: _Walk) -> None:
        """Write the result to the board, the metrics and, if there is something to say, the log."""
        await INDEX.put(self._redis, {NAME: walk.row(self._clock())})
        for kind in ("missing", "outdated", "unknown"):
            telemetry.INDEX_DIFFERENCES.labels(kind).set(getattr(walk, kind))
        telemetry.INDEX_REPAIRED.inc(walk.repaired)
        if walk.repaired or walk.missing or walk.outdated:
            log.info(
                "index reconciled", repaired=walk.repaired, still_missing=walk.missing, still_outdated=walk.outdated
            )
        if walk.unknown:
            log.warning("points unknown", points=walk.unknown, works=walk.examples)
