"""A hybrid search looks twice: at titles and pairs of words, where the index has them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.engine import Mode, SearchEngine
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.retrieval import Vectors
from shared.papers.names import point_id
from shared.qdrant import ENDINGS, PAPERS, TITLE
from shared.runtime import Runtime
from tests.integration.search.instance import instance, paper

PAPERS_GIVEN = [
    paper(1, "Folding paper cranes", abstract="Cranes are folded by hand, with wet paper."),
    paper(2, "On cranes of paper", abstract="A port has cranes. Wet folding of paper is another matter."),
    paper(3, "Harbours of the north", abstract="We look at ports. They are cold. A crane lifts containers of paper."),
]


@pytest.fixture
async def runtime(tmp_path: Path, models: Path) -> AsyncIterator[Runtime]:
    async with instance(tmp_path, models, PAPERS_GIVEN) as running:
        yield running


async def look(runtime: Runtime, text: str) -> tuple[dict[str, float], dict[str, float]]:
    embedder = await runtime.embedder()
    vectors = Vectors(await embedder.query(text), await embedder.sparse_query(text))
    points = [point_id(one.id) for one in PAPERS_GIVEN]
    titles, pairs = await PaperIndex(runtime.qdrant()).second_look(text, vectors, points)
    return dict(titles), pairs


async def test_titles_and_pairs_of_words_are_compared(runtime: Runtime) -> None:
    first, second, third = (point_id(one.id) for one in PAPERS_GIVEN)
    titles, pairs = await look(runtime, "folding paper cranes by hand")
    assert titles[first] == max(titles.values()) > 0.7
    assert titles.keys() == {first, second, third}
    assert pairs == {first: 1.0}, "folding paper, paper cranes"
    assert (await look(runtime, "wet folding"))[1] == {second: 1.0}
    assert (await look(runtime, "cranes"))[1] == {}


async def test_an_index_without_vectors_of_titles_is_searched_by_the_rest(runtime: Runtime) -> None:
    """The search service may be of a later version than the indexer that made the collection."""
    await runtime.qdrant().delete_vector_name(PAPERS, TITLE)
    assert await look(runtime, "folding paper") == ({}, {})
    engine = SearchEngine(PaperIndex(runtime.qdrant()), await runtime.embedder())
    ranked = await engine.rank(Query("folding paper cranes"), Filters(), Mode.HYBRID)
    assert ranked.order
    assert ranked.order[0][0] == point_id(PAPERS_GIVEN[0].id)


async def test_the_last_sentences_of_an_abstract_are_compared_as_its_title_is(runtime: Runtime) -> None:
    _, _, third = (point_id(one.id) for one in PAPERS_GIVEN)
    titles, _ = await look(runtime, "a crane lifts containers of paper")
    assert titles[third] > 0.9, "its title speaks of harbours"
    await runtime.qdrant().delete_vectors(PAPERS, [ENDINGS], points=[third])
    assert (await look(runtime, "a crane lifts containers of paper"))[0][third] < 0.9
