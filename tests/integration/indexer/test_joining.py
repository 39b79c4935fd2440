"""Works that turn out to be one: the index keeps one point, whatever comes late."""

from collections.abc import AsyncIterator

import pytest
from qdrant_client import AsyncQdrantClient

from services.indexer.handlers import Indexer
from services.indexer.papers import QdrantPapers
from shared.bus import Bus, Entry
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change, ChangeKind
from shared.papers.streams import ENRICHED, INDEXED
from shared.qdrant import PAPERS, ensure_papers, open_qdrant
from shared.settings import Settings
from tests.integration.indexer.support import CountingEmbedder, indexing
from tests.support import enriched, entries, publish, settled, until

NEW, REVISED = Change(kind=ChangeKind.NEW, version="v1"), Change(kind=ChangeKind.REVISED, version="v2")
STAYS, LOST = "arXiv:2401.00001", "arXiv:2401.00002"


def joining(revision: int = 3) -> PaperEnriched:
    """Make the event of work 1 that turned out to be work 2 as well."""
    event = enriched(1, revision=revision)
    return event.model_copy(update={"aliases": (STAYS, LOST), "merged": (LOST,)})


@pytest.fixture
async def client(settings: Settings, qdrant_url: str) -> AsyncIterator[AsyncQdrantClient]:
    opened = open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    await ensure_papers(opened, CountingEmbedder.model, CountingEmbedder.size)
    yield opened
    await opened.close()


@pytest.fixture
async def index(bus: Bus, client: AsyncQdrantClient) -> Indexer:
    del bus
    return Indexer(CountingEmbedder(), QdrantPapers(client))


async def handle(indexer: Indexer, bus: Bus, *events: PaperEnriched) -> None:
    """Have one batch handled, as a lane of an indexer does."""
    async with bus.hop("indexer") as hop:
        await indexer.index([Entry(f"{n}-1", event, {}, b"") for n, event in enumerate(events)], hop)
        await hop.commit()


async def points(client: AsyncQdrantClient) -> dict[str, list[str]]:
    records, _ = await client.scroll(PAPERS, limit=10)
    return {record.payload["paper"]["id"]: record.payload["ids"] for record in records if record.payload}


async def test_the_point_of_the_lost_work_goes_and_its_id_finds_the_other(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    await handle(index, bus, enriched(1, NEW), enriched(2, NEW))
    assert set(await points(client)) == {STAYS, LOST}
    await handle(index, bus, joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}
    assert len(await entries(bus, INDEXED)) == 2, "to be joined is no news"


@pytest.mark.parametrize("late", (enriched(2, NEW), enriched(2, REVISED, revision=9, abstract="Other words.")))
async def test_an_event_of_the_lost_work_that_comes_late_brings_nothing_back(
    late: PaperEnriched, bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    """INVARIANT: a work that was joined to another has no point of its own any more; what happened to it is told."""
    await handle(index, bus, enriched(1, NEW))
    await handle(index, bus, joining())
    await handle(index, bus, late)
    assert await points(client) == {STAYS: [STAYS, LOST]}
    assert [entry.event.changes for entry in await entries(bus, INDEXED)] == [(NEW,), late.changes]


async def test_both_and_their_joining_in_one_batch(bus: Bus, index: Indexer, client: AsyncQdrantClient) -> None:
    await handle(index, bus, enriched(2, NEW), enriched(1, NEW), joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_a_joining_that_comes_after_a_newer_state_still_takes_the_point_away(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    newer = joining(revision=5).model_copy(update={"merged": ()})
    await handle(index, bus, enriched(2, NEW))
    await handle(index, bus, newer)
    await handle(index, bus, joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_who_was_slow_with_the_lost_work_leaves_no_point_behind(
    bus: Bus, settings: Settings, qdrant_url: str, client: AsyncQdrantClient
) -> None:
    """INVARIANT: one indexer has the lost work in hand while another joins it: one point is left."""
    slow = CountingEmbedder()
    slow.gate.clear()
    async with indexing(settings.model_copy(update={"qdrant_url": qdrant_url}), slow):
        await publish(bus, ENRICHED, enriched(2, NEW))
        await until(lambda: slow.seen)
        await handle(Indexer(CountingEmbedder(), QdrantPapers(client)), bus, joining())
        slow.gate.set()
        await until(lambda: settled(bus, ENRICHED, "indexer"))
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_who_was_killed_between_writing_and_looking_looks_when_it_comes_again(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    await handle(index, bus, enriched(2, NEW))
    await handle(index, bus, joining(revision=3).model_copy(update={"merged": ()}))
    assert len(await points(client)) == 2, "as after a kill: the point was written, and nobody looked"
    await handle(index, bus, enriched(2, NEW))
    assert await points(client) == {STAYS: [STAYS, LOST]}
