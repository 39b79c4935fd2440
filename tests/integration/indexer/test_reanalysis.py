"""Points of an earlier analysis are read again; nothing that was written meanwhile is touched."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient, models

from services.indexer.papers import PointWrite, QdrantPapers, payload
from services.indexer.reanalysis import Reanalysis
from shared.bus import Bus
from shared.embedding.embedder import PaperVectors, Parts, SparseVector, text_of
from shared.embedding.vectors import ANALYSIS, bm25_paper
from shared.errors import TransientError
from shared.papers.names import point_id
from shared.papers.person_names import known_keys
from shared.papers.streams import ENRICHED
from shared.qdrant import ANALYSED, PAPERS, TITLE, open_qdrant
from shared.settings import Settings
from tests.integration.indexer.support import SIZE, CountingEmbedder, indexing, point, vector
from tests.support import NOW, enriched, publish, settled, until

OLD = SparseVector([1, 2], [1.0, 1.0])


@pytest.fixture
async def client(settings: Settings, qdrant_url: str) -> AsyncIterator[AsyncQdrantClient]:
    opened = open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    yield opened
    await opened.close()


async def write_old(client: AsyncQdrantClient, *numbers: int) -> None:
    """Write points as an earlier program did: with other words and keys, and without a version."""
    papers = QdrantPapers(client, CountingEmbedder())
    await papers.ensure()
    writes = []
    for number in numbers:
        event = enriched(number, title=f"Layers of WS_2, part {number}")
        old = {**payload(event, NOW), "author_keys": ["someone"]}
        del old[ANALYSED], old["words"]
        vectors = PaperVectors(vector(event.paper.title), OLD, Parts(vector("old"), np.empty((0, SIZE), np.float32)))
        writes.append(PointWrite(point_id(event.paper.id), old, 1, vectors))
    await papers.write(writes)


async def test_points_of_an_earlier_analysis_are_found_by_their_new_words(client: AsyncQdrantClient) -> None:
    await write_old(client, 1, 2)
    reanalysis = Reanalysis(client, CountingEmbedder())
    assert await reanalysis.finish() == 2
    assert await reanalysis.finish() == 0
    found = await point(client, "arXiv:2401.00001")
    paper = found["payload"]["paper"]
    assert found["payload"]["words"]["title"] == "layers of ws2 part 1"
    assert found["payload"]["author_keys"] == [key for one in paper["authors"] for key in known_keys(one["name"])]
    assert sorted(found["sparse"].indices) == sorted(bm25_paper(text_of(paper["title"], paper["abstract"])).indices)
    phrase = models.FieldCondition(key="words.title", match=models.MatchPhrase(phrase="of ws2"))
    assert (await client.count(PAPERS, models.Filter(must=[phrase]))).count == 2
    near = await client.query_points(PAPERS, vector(paper["title"]).tolist(), using=TITLE, limit=1)
    assert (near.points[0].id, round(near.points[0].score, 3)) == (point_id("arXiv:2401.00001"), 1.0)


async def test_a_collection_of_an_earlier_version_gains_the_vectors_of_titles(client: AsyncQdrantClient) -> None:
    await write_old(client, 1)
    await client.delete_vector_name(PAPERS, TITLE)
    papers = QdrantPapers(client, CountingEmbedder())
    event = enriched(2, title="Newer")
    vectors = PaperVectors(vector("Newer"), OLD, Parts(vector("Newer"), np.stack([vector("end")])))
    with pytest.raises(TransientError, match="a vector was missing"):
        await papers.write([PointWrite(point_id(event.paper.id), payload(event, NOW), 1, vectors)])
    assert await Reanalysis(client, CountingEmbedder()).finish() == 1
    title = enriched(1, title="Layers of WS_2, part 1").paper.title
    near = await client.query_points(PAPERS, vector(title).tolist(), using=TITLE, limit=1)
    assert (near.points[0].id, round(near.points[0].score, 3)) == (point_id("arXiv:2401.00001"), 1.0)


async def test_points_of_a_snapshot_without_the_vectors_of_titles_gain_them(client: AsyncQdrantClient) -> None:
    await write_old(client, 1)
    await client.delete_vector_name(PAPERS, TITLE)
    await Reanalysis(client, CountingEmbedder()).finish()
    title = enriched(1, title="Layers of WS_2, part 1").paper.title
    near = await client.query_points(PAPERS, vector(title).tolist(), using=TITLE, limit=1)
    assert (near.points[0].id, round(near.points[0].score, 3)) == (point_id("arXiv:2401.00001"), 1.0)


async def test_a_point_that_is_written_meanwhile_stays_so(client: AsyncQdrantClient) -> None:
    await write_old(client, 1)
    reanalysis = Reanalysis(client, CountingEmbedder())
    page = await reanalysis.page()
    newer = payload(enriched(1, title="Newer", revision=2), NOW)
    newest = PaperVectors(vector("Newer"), SparseVector([7], [1.0]), Parts(vector("Newer"), np.stack([vector("end")])))
    newer_point = PointWrite(point_id("arXiv:2401.00001"), newer, 2, newest)
    await QdrantPapers(client, CountingEmbedder()).write([newer_point])
    await reanalysis.write(page)
    found = await point(client, "arXiv:2401.00001")
    assert (found["payload"]["words"]["title"], found["payload"][ANALYSED]) == ("newer", ANALYSIS)
    assert found["sparse"].indices == [7]


async def test_a_point_that_is_deleted_meanwhile_stays_so_and_holds_up_no_other(client: AsyncQdrantClient) -> None:
    await write_old(client, 1, 2)
    reanalysis = Reanalysis(client, CountingEmbedder())
    page = await reanalysis.page()
    await QdrantPapers(client, CountingEmbedder()).write([], [point_id("arXiv:2401.00002")])
    await reanalysis.write(page)
    await reanalysis.finish()
    assert (await client.count(PAPERS)).count == 1
    assert (await point(client, "arXiv:2401.00001"))["payload"][ANALYSED] == ANALYSIS


async def test_a_point_whose_signals_changed_meanwhile_still_gets_its_new_vectors(
    settings: Settings, qdrant_url: str, client: AsyncQdrantClient, bus: Bus
) -> None:
    await write_old(client, 1)
    embedder = CountingEmbedder()
    async with indexing(settings.model_copy(update={"qdrant_url": qdrant_url}), embedder):
        await publish(bus, ENRICHED, enriched(1, title="Layers of WS_2, part 1", revision=2))
        await until(lambda: settled(bus, ENRICHED, "indexer"))
    assert embedder.seen == [], "its text is the same"
    assert await Reanalysis(client, embedder).finish() == 1
    found = await point(client, "arXiv:2401.00001")
    assert (found["payload"]["revision"], found["payload"][ANALYSED]) == (2, ANALYSIS)
    assert found["sparse"].indices != OLD.indices
