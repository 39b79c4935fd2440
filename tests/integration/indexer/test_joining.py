"""Works that turn out to be one: the index keeps one point in any order of events."""

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
    """Return the event of work 1, to which work 2 was joined."""
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
    return Indexer(CountingEmbedder(), QdrantPapers(client, CountingEmbedder()))


async def handle(indexer: Indexer, bus: Bus, *events: PaperEnriched) -> None:
    """Handle one batch, as an indexer does."""
    async with bus.hop("indexer") as hop:
        await indexer.index([Entry(f"{n}-1", event, {}, b"") for n, event in enumerate(events)], hop)
        await hop.commit()


async def points(client: AsyncQdrantClient) -> dict[str, list[str]]:
    records, _ = await client.scroll(PAPERS, limit=10)
    return {record.payload["paper"]["id"]: record.payload["ids"] for record in records if record.payload}


async def test_the_point_of_a_joined_work_is_deleted_and_its_id_finds_the_other(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    await handle(index, bus, enriched(1, NEW), enriched(2, NEW))
    assert set(await points(client)) == {STAYS, LOST}
    await handle(index, bus, joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}
    assert len(await entries(bus, INDEXED)) == 2, "a join publishes no change"


@pytest.mark.parametrize("late", (enriched(2, NEW), enriched(2, REVISED, revision=9, abstract="Other words.")))
async def test_a_late_event_of_a_joined_work_does_not_restore_its_point(
    late: PaperEnriched, bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    """INVARIANT: a joined work has no point any more, but its late changes are published."""
    await handle(index, bus, enriched(1, NEW))
    await handle(index, bus, joining())
    await handle(index, bus, late)
    assert await points(client) == {STAYS: [STAYS, LOST]}
    assert [entry.event.changes for entry in await entries(bus, INDEXED)] == [(NEW,), late.changes]


async def test_two_works_and_their_join_in_one_batch(bus: Bus, index: Indexer, client: AsyncQdrantClient) -> None:
    await handle(index, bus, enriched(2, NEW), enriched(1, NEW), joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_a_join_after_a_newer_state_still_deletes_the_point(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    newer = joining(revision=5).model_copy(update={"merged": ()})
    await handle(index, bus, enriched(2, NEW))
    await handle(index, bus, newer)
    await handle(index, bus, joining())
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_a_slow_indexer_leaves_no_point_of_a_joined_work(
    bus: Bus, settings: Settings, qdrant_url: str, client: AsyncQdrantClient
) -> None:
    """INVARIANT: when one indexer handles a work while another joins it, one point is left."""
    slow = CountingEmbedder()
    slow.gate.clear()
    async with indexing(settings.model_copy(update={"qdrant_url": qdrant_url}), slow):
        await publish(bus, ENRICHED, enriched(2, NEW))
        await until(lambda: slow.seen)
        await handle(Indexer(CountingEmbedder(), QdrantPapers(client, CountingEmbedder())), bus, joining())
        slow.gate.set()
        await until(lambda: settled(bus, ENRICHED, "indexer"))
    assert await points(client) == {STAYS: [STAYS, LOST]}


async def test_a_redelivery_after_a_kill_deletes_the_point_of_a_joined_work(
    bus: Bus, index: Indexer, client: AsyncQdrantClient
) -> None:
    await handle(index, bus, enriched(2, NEW))
    await handle(index, bus, joining(revision=3).model_copy(update={"merged": ()}))
    assert len(await points(client)) == 2, "as after a kill between writing and checking"
    await handle(index, bus, enriched(2, NEW))
    assert await points(client) == {STAYS: [STAYS, LOST]}
