"""Queries that arrive together are answered together, each with its own answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse


@pytest.fixture
async def client(qdrant_url: str) -> AsyncIterator[AsyncQdrantClient]:
    opened = AsyncQdrantClient(url=qdrant_url, check_compatibility=False)
    compact = models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS8))
    size = models.VectorParams(size=8, distance=models.Distance.DOT, quantization_config=compact)
    await opened.create_collection("points", vectors_config=size)
    points = [models.PointStruct(id=n, vector=[float(n == k) + n / 100 for k in range(8)]) for n in range(8)]
    await opened.upsert("points", points, wait=True)
    yield opened
    await opened.close()


def axis(n: int) -> list[float]:
    return [float(n == k) for k in range(8)]


async def test_every_query_gets_its_own_answer(client: AsyncQdrantClient) -> None:
    asked = [n % 8 for n in range(40)]
    answers = await asyncio.gather(*(client.query_points("points", axis(n), limit=1) for n in asked))
    assert [answer.points[0].id for answer in answers] == asked


async def test_a_refused_query_does_not_fail_its_batch(client: AsyncQdrantClient) -> None:
    bad = models.OrderByQuery(order_by="absent")
    asked = [client.query_points("points", bad if n % 3 == 0 else axis(n % 8), limit=1) for n in range(24)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for n, answer in enumerate(answers):
        if n % 3 == 0:
            assert isinstance(answer, UnexpectedResponse)
            assert answer.status_code == 400
        else:
            assert not isinstance(answer, BaseException)
            assert answer.points[0].id == n % 8


async def test_compact_vectors_scored_again_are_exact(client: AsyncQdrantClient) -> None:
    again = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True))
    found = await client.query_points("points", axis(3), limit=8, search_params=again)
    expected = sorted(((n, float(n == 3) + n / 100) for n in range(8)), key=lambda row: -row[1])
    assert [point.id for point in found.points] == [n for n, _ in expected]
    assert [point.score for point in found.points] == pytest.approx([score for _, score in expected])
