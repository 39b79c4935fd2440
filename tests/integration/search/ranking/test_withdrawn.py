"""Withdrawn papers are no results, however many of them are near a query."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import ACTIVE
from services.search.ranking.retrieval import FEW, Vectors
from shared.runtime import Runtime
from tests.integration.search.instance import address, instance, paper

STANDS = [paper(n, f"Withdrawal of crane number {n} from a market") for n in range(1, 31)]


@pytest.fixture(params=[0, 1, FEW, 3 * FEW])
async def runtime(tmp_path: Path, models: Path, request: pytest.FixtureRequest) -> AsyncIterator[Runtime]:
    gone = [
        paper(100 + n, f"Withdrawal of crane number {n}", published="2024-02-01", status="withdrawn")
        for n in range(request.param)
    ]
    async with instance(tmp_path, models, [*STANDS, *gone]) as running:
        yield running


async def test_all_papers_that_are_not_withdrawn_are_found(runtime: Runtime) -> None:
    async with httpx.AsyncClient(base_url=address(runtime)) as http:
        for mode in ("hybrid", "semantic", "lexical"):
            params = {"q": "withdrawal of crane", "mode": mode, "limit": "200"}
            rows = (await http.get("/v1/search", params=params)).json()["results"]
            counts = (await http.get("/v1/facets", params={"q": "withdrawal of crane", "mode": mode})).json()
            assert {row["paper"]["id"] for row in rows} == {work.id for work in STANDS}, mode
            assert counts["has_code"] == [{"value": False, "count": len(STANDS)}], mode


async def test_withdrawn_papers_do_not_change_the_ranking(runtime: Runtime) -> None:
    """INVARIANT: a ranking without a filter, less what is withdrawn, begins as the ranking with it does."""
    papers, embedder = PaperIndex(runtime.qdrant()), await runtime.embedder()
    query = "withdrawal of crane number 7"
    vectors = Vectors(await embedder.query(query), await embedder.sparse_query(query))
    alone = ACTIVE.model_copy(update={"must_not": []})  # the same filter, not known to be
    for limit in (5, 20, 100):
        for found, exact in zip(
            await papers.nearest(vectors, ACTIVE, limit=limit),
            await papers.nearest(vectors, alone, limit=limit),
            strict=True,
        ):
            assert found, limit
            # Where scores are equal the engine orders by chance.
            scores = [score for _, score in exact]
            assert [score for _, score in found] == pytest.approx(scores[: len(found)], abs=1e-5), limit
            assert len(found) > len(exact) - FEW, limit
