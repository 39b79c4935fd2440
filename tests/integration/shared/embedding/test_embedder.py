"""The default model as services use it."""

import asyncio

import numpy as np
import pytest

from shared.embedding.embedder import DEFAULT_MODEL, MAX_CHARACTERS, Embedder

pytestmark = pytest.mark.asyncio

STRANGE = ["", " ", "\x00", "null\x00byte\x1b[31m", "\ud800 alone", "量子计算", "Квантовые", "🧪", "x" * 200_000]


async def test_vectors_have_the_shape_and_type_of_the_model(embedder: Embedder, papers: list[str]) -> None:
    vectors = await embedder.papers(papers)
    assert (embedder.model, embedder.size) == (DEFAULT_MODEL, 384)
    assert vectors.shape == (len(papers), 384)
    assert vectors.dtype == np.float32
    assert (await embedder.query("graphs")).shape == (384,)


async def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert (await embedder.papers([])).shape == (0, 384)
    assert await embedder.sparse_papers([]) == []


async def test_vectors_keep_the_order_of_their_texts(embedder: Embedder, papers: list[str]) -> None:
    """INVARIANT: a vector does not depend on the texts beside it."""
    together = await embedder.papers(papers)
    alone = np.concatenate([await embedder.papers([text]) for text in papers])
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(papers)))
    assert np.array_equal(together, alone)


async def test_the_same_text_has_the_same_vector(embedder: Embedder, papers: list[str]) -> None:
    assert np.array_equal(await embedder.papers(papers), await embedder.papers(papers))


async def test_strange_texts_have_unit_vectors(embedder: Embedder) -> None:
    rows = np.stack([*(await embedder.papers(STRANGE)), *[await embedder.query(text) for text in STRANGE]])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert len(await embedder.sparse_papers(STRANGE)) == len(STRANGE)


async def test_control_characters_separate_words(embedder: Embedder) -> None:
    assert np.array_equal(await embedder.query("graph\x00theory"), await embedder.query("graph theory"))
    assert await embedder.sparse_query("graph\x00theory") == await embedder.sparse_query("graph theory")


async def test_a_text_is_read_up_to_its_limit(embedder: Embedder) -> None:
    text = "word " * (MAX_CHARACTERS // 5 + 1)
    first, longer = await embedder.sparse_papers([text[:MAX_CHARACTERS], text + "unseen" * 1000])
    assert first == longer


async def test_texts_with_a_similar_meaning_are_close(embedder: Embedder, papers: list[str]) -> None:
    scores = await embedder.papers(papers) @ await embedder.query("folding of proteins by machine learning")
    assert papers[int(scores.argmax())].startswith("Highly accurate protein")


async def test_a_repeated_query_is_not_embedded_again(embedder: Embedder) -> None:
    first = await embedder.query("black holes")
    assert await embedder.query("black holes") is first
    assert not first.flags.writeable


async def test_queries_overtake_papers(embedder: Embedder, papers: list[str]) -> None:
    bulk = asyncio.create_task(embedder.papers(papers * 20))
    await asyncio.sleep(0.05)
    await asyncio.gather(embedder.query("overtaking"), embedder.sparse_query("overtaking"))
    assert not bulk.done()
    await bulk


async def test_a_cancelled_bulk_stops(embedder: Embedder, papers: list[str]) -> None:
    bulk = asyncio.create_task(embedder.papers([papers[7]] * 20_000))  # minutes of work
    await asyncio.sleep(0.05)
    bulk.cancel()
    await embedder.papers(papers[:1])
    assert bulk.cancelled()
