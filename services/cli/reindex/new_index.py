"""A new index beside the one in use: its papers from the records of works in Redis, its subscriptions from theirs.

What is missing is found by comparing the records with the points, so an interrupted run goes on where it stopped, and
papers that arrive meanwhile are found in the next round.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Final, Protocol, TypeVar

from services.enricher.works.records import read_known
from services.enricher.works.work import enriched_event
from services.indexer.handlers import Indexer
from services.indexer.papers import QdrantPapers
from services.indexer.reconciling.differences import compare, slices
from services.indexer.settings import IndexerSettings
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.subscription.store import Store
from shared.board.table import count_works, read_revisions
from shared.bus import Bus, Entry
from shared.embedding.embedder import Embedder
from shared.papers.events import PaperEnriched
from shared.papers.names import first_point
from shared.qdrant import PAPERS, SUBSCRIPTIONS, Qdrant, ensure_papers, ensure_subscriptions, mark_filled

PART: Final = 64
"""Works that are read, embedded and written at once. A round that finds fewer is the last one."""
T = TypeVar("T")


class Progress(Protocol):
    """Shows how far the new index is filled, and bridges outages."""

    def show(self, done: int, total: int) -> None:
        """Show how many papers are in the index, and how many there are."""

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step until no outage prevents it."""


class NewIndex:
    """Fills the generations that a client reaches."""

    def __init__(self, client: Qdrant, embedder: Embedder, bus: Bus, progress: Progress) -> None:
        """The caller closes the first three. The settings of the indexer are those of the environment."""
        self._client = client
        self._embedder = embedder
        self._bus = bus
        self._papers = QdrantPapers(client, embedder)
        settings = IndexerSettings.load(**bus.settings.model_dump(exclude_unset=True))
        self._indexer = Indexer(embedder, self._papers, with_endings=settings.embed_endings)
        self._patiently = progress.patiently
        self._show = progress.show

    async def fill(self) -> tuple[int, int]:
        """Fill the index, and note that it is complete; return how many papers and subscriptions it has.

        Raises:
            ConfigurationError: the collections hold vectors of another model, or data of a later version.

        """
        await self._patiently(self._ensure)
        papers = await self._fill_papers()
        subscriptions = await self._patiently(self._fill_subscriptions)
        for collection in (SUBSCRIPTIONS, PAPERS):
            await self._patiently(partial(mark_filled, self._client, collection))
        return papers, subscriptions

    async def _ensure(self) -> None:
        model, size = self._embedder.model, self._embedder.size
        await ensure_papers(self._client, model, size, filling=True)
        await ensure_subscriptions(self._client, model, size, filling=True)

    async def _fill_papers(self) -> int:
        """Write what is missing, round by round, until only what arrived in the last moments may be."""
        found, before = await self._round(), 0
        while found >= PART and found != before:
            found, before = await self._round(), found
        return await self._patiently(self._papers.count)

    async def _round(self) -> int:
        """Compare all records with the points, and write what differs; return how many works that were."""
        total = await self._patiently(lambda: count_works(self._bus.redis))
        done, found = await self._patiently(self._papers.count), 0
        for buckets in slices(total):
            works = iter(await self._patiently(partial(self._differing, buckets)))
            while part := list(islice(works, PART)):
                self._show(min(done + found, total), total)
                await self._patiently(partial(self._write, part))
                found += len(part)
        self._show(min(done + found, total), total)
        return found

    async def _differing(self, buckets: range) -> list[str]:
        """Return the works of a slice that the index lacks, or has an earlier revision of."""
        points = await self._papers.revisions(first_point(buckets[0]) or "", first_point(buckets[-1] + 1))
        found = compare(await read_revisions(self._bus.redis, buckets), points)
        return [each.work for each in (*found.missing.values(), *found.outdated.values())]

    async def _write(self, works: Sequence[str]) -> None:
        """Index works as they are now, without changes, so that nothing is published."""
        now = datetime.now(UTC)
        async with self._bus.hop("reindex") as hop:
            known = await read_known(hop, works)
            found = {work.paper.id: work for name in works if (work := known.find(name))}
            await self._indexer.index([_entry(enriched_event(work, (), now)) for work in found.values()], hop)

    async def _fill_subscriptions(self) -> int:
        store = Store(self._bus.redis)
        interests = InterestVectors(IndexedPapers(self._client), self._embedder, store)
        await SubscriptionPoints(self._client, interests, store).reconcile()
        return (await self._client.count(SUBSCRIPTIONS, exact=True)).count


def _entry(event: PaperEnriched) -> Entry[PaperEnriched]:
    return Entry("0-0", event, {}, b"")
