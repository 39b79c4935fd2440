"""The indexer on the real engine: what is published can be found, and nothing is embedded twice."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from prometheus_client import REGISTRY
from qdrant_client import AsyncQdrantClient

from services.indexer.handlers import Indexer
from services.indexer.papers import QdrantPapers
from shared import telemetry
from shared.bus import Bus, Entry
from shared.embedding.embedder import text_of
from shared.embedding.vectors import unpack_vector
from shared.errors import ConfigurationError
from shared.papers.events import PaperEnriched, PaperIndexed
from shared.papers.paper import Change, ChangeKind, Signals
from shared.papers.streams import ENRICHED, INDEXED
from shared.qdrant import PAPERS, ensure_papers, open_qdrant
from shared.qdrant.collections import PAPER_FIELDS
from shared.runtime import Runtime
from shared.settings import Settings
from tests.integration.indexer.support import CountingEmbedder, Line, indexing, point, vector
from tests.support import enriched, entries, publish, settled, until

NEW, REVISED = Change(kind=ChangeKind.NEW, version="v1"), Change(kind=ChangeKind.REVISED, version="v2")
WORK = "arXiv:2401.00001"
MAX_DELIVERIES = 2
"""Deliveries after which an entry becomes a dead letter."""


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def reaching(settings: Settings, qdrant_url: str) -> Settings:
    return settings.model_copy(update={"qdrant_url": qdrant_url})


@pytest.fixture
async def client(reaching: Settings) -> AsyncIterator[AsyncQdrantClient]:
    opened = open_qdrant(reaching)
    yield opened
    await opened.close()


@pytest.fixture
async def runtime(reaching: Settings, embedder: CountingEmbedder) -> AsyncIterator[Runtime]:
    """A running indexer."""
    async with indexing(reaching, embedder) as running:
        yield running


async def index(bus: Bus, *events: PaperEnriched) -> list[PaperIndexed]:
    """Index events; return all that was published so far."""
    await publish(bus, ENRICHED, *events)
    await until(lambda: settled(bus, ENRICHED, "indexer"))
    return [entry.event for entry in await entries(bus, INDEXED)]


def attempts() -> float:
    labels = {"stream": ENRICHED.name, "group": "indexer"}
    return REGISTRY.get_sample_value("paperwire_batch_seconds_count", labels) or 0.0


@pytest.mark.usefixtures("runtime")
async def test_a_published_work_can_be_found(bus: Bus, client: AsyncQdrantClient) -> None:
    (received,) = await index(bus, enriched(1, NEW))
    assert received.changes == (NEW,)
    assert received.model == "test/hash"
    text = text_of(received.paper.title, received.paper.abstract)
    np.testing.assert_allclose(unpack_vector(received.vector), vector(text), atol=1e-6)
    found = await point(client, WORK)
    assert found["payload"]["paper"]["title"] == received.paper.title
    np.testing.assert_allclose(found["dense"], vector(text), atol=1e-6)
    assert len(found["sparse"].indices) > 5


@pytest.mark.usefixtures("runtime")
async def test_a_redelivery_changes_nothing_and_publishes_the_same(
    bus: Bus, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: a redelivery changes neither the index nor the alerts."""
    event = enriched(1, NEW)
    await index(bus, event)
    before = await point(client, WORK)
    first, again = await index(bus, event)
    assert await point(client, WORK) == before
    assert (again.changes, again.vector, again.paper) == (first.changes, first.vector, first.paper)
    assert len(embedder.seen) == 1


@pytest.mark.usefixtures("runtime")
async def test_unchanged_texts_are_not_embedded_again(
    bus: Bus, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: an unchanged text is never embedded twice."""
    await index(bus, *(enriched(n, NEW) for n in range(100)))
    counted = telemetry.EMBEDDED._value.get()
    await index(bus, *(enriched(n, revision=2, signals=Signals(upvotes=n)) for n in range(100)))
    assert len(embedder.seen) == 100
    assert telemetry.EMBEDDED._value.get() == counted
    assert (await client.count(PAPERS, exact=True)).count == 100
    assert (await point(client, WORK))["payload"]["paper"]["signals"]["upvotes"] == 1


@pytest.mark.usefixtures("runtime")
async def test_a_change_of_the_payload_keeps_the_vectors(
    bus: Bus, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    await index(bus, enriched(1, NEW, trending=1.5))
    before = await point(client, WORK)
    received = await index(bus, enriched(1, revision=2, categories=("cs.RO", "cs.LG")))
    after = await point(client, WORK)
    assert len(received) == 1, "an event without changes is not published"
    assert (after["dense"], after["sparse"]) == (before["dense"], before["sparse"])
    assert after["payload"]["paper"]["categories"] == ["cs.RO", "cs.LG"]
    assert after["payload"]["revision"] == 2
    assert "trending" not in after["payload"], "a field that a work has lost is removed from its point"
    assert len(embedder.seen) == 1


@pytest.mark.usefixtures("runtime")
async def test_a_changed_text_is_embedded_again(
    bus: Bus, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    await index(bus, enriched(1, NEW))
    received = await index(bus, enriched(1, REVISED, revision=2, abstract="We fold better cranes."))
    assert len(embedder.seen) == 2
    assert (await point(client, WORK))["payload"]["paper"]["abstract"] == "We fold better cranes."
    np.testing.assert_allclose(unpack_vector(received[1].vector), vector(embedder.seen[1]), atol=1e-6)


@pytest.mark.usefixtures("runtime")
async def test_an_older_revision_never_overwrites_a_newer(bus: Bus, client: AsyncQdrantClient) -> None:
    """INVARIANT: entries out of order leave the newest state in the index, and all their changes are published."""
    newer, older = enriched(1, REVISED, revision=5, abstract="New."), enriched(1, NEW, revision=4, abstract="Old.")
    await index(bus, newer)
    before = await point(client, WORK)
    received = await index(bus, older)
    assert await point(client, WORK) == before
    assert [one.changes[0].kind for one in received] == [ChangeKind.REVISED, ChangeKind.NEW]
    same_batch = [enriched(2, REVISED, revision=2, abstract="New."), enriched(2, NEW, revision=1, abstract="Old.")]
    await index(bus, *same_batch)
    assert (await point(client, "arXiv:2401.00002"))["payload"]["revision"] == 2


@pytest.mark.usefixtures("runtime")
async def test_a_slow_indexer_does_not_overwrite_a_newer_revision(
    bus: Bus, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: of two indexers with two revisions of one work, the newer revision stays, whichever is slower."""
    embedder.gate.clear()
    await publish(bus, ENRICHED, enriched(1, NEW, revision=1, abstract="Old."))
    await until(lambda: embedder.seen)
    newer = enriched(1, REVISED, revision=2, abstract="New.")
    async with bus.hop("indexer") as hop:
        await Indexer(CountingEmbedder(), QdrantPapers(client, CountingEmbedder())).index(
            [Entry("1-1", newer, {}, b"")], hop
        )
    embedder.gate.set()
    await until(lambda: settled(bus, ENRICHED, "indexer"))
    found = await point(client, WORK)
    assert found["payload"]["revision"] == 2
    assert found["payload"]["paper"]["abstract"] == "New."
    np.testing.assert_allclose(found["dense"], vector(text_of(newer.paper.title, "New.")), atol=1e-6)


async def test_another_model_stops_the_start_with_the_names_of_both(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    await ensure_papers(client, "test/other", 32)
    with pytest.raises(ConfigurationError, match=r"test/other.*test/hash"):
        async with indexing(reaching, embedder):
            pass


async def test_an_outage_of_qdrant_loses_nothing_and_makes_no_dead_letters(
    bus: Bus, settings: Settings, qdrant_url: str, embedder: CountingEmbedder
) -> None:
    """INVARIANT: an outage of Qdrant makes no dead letters, and nothing is published before it can be found."""
    line = Line(qdrant_url)
    await line.join()
    reaching = settings.model_copy(update={"qdrant_url": line.url, "max_deliveries": MAX_DELIVERIES})
    async with indexing(reaching, embedder) as running:
        await index(bus, enriched(0, NEW))
        await line.cut()
        await publish(bus, ENRICHED, *(enriched(n, NEW) for n in range(1, 30)))
        before = attempts()
        await until(lambda: attempts() > before + MAX_DELIVERIES)
        assert await bus.redis.xlen(INDEXED.name) == 1
        await line.join()
        await until(lambda: settled(bus, ENRICHED, "indexer"))
        assert await bus.redis.xlen(INDEXED.name) == 30
        assert await bus.redis.xlen(ENRICHED.dead) == 0
        assert running.trouble is None
        assert (await running.qdrant().count(PAPERS, exact=True)).count == 30
    await line.cut()


async def test_a_missing_collection_is_an_outage(
    bus: Bus, settings: Settings, qdrant_url: str, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: a collection that is deleted while indexers run is created again, and makes no dead letters."""
    reaching = settings.model_copy(update={"qdrant_url": qdrant_url, "max_deliveries": MAX_DELIVERIES})
    async with indexing(reaching, embedder) as running:
        await index(bus, enriched(0, NEW))
        await client.delete_collection(PAPERS)
        received = await index(bus, *(enriched(n, NEW) for n in range(1, 60)))
        assert len(received) == 60
        assert await bus.redis.xlen(ENRICHED.dead) == 0
        assert (await client.count(PAPERS, exact=True)).count == 59
        assert (await client.get_collection(PAPERS)).payload_schema.keys() == PAPER_FIELDS.keys()
        assert running.bus.trouble is None
