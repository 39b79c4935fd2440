"""What generated stories do not reach: the form of refusals, and hand-written answers where local mode is no guide."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from qdrant_client import AsyncQdrantClient, models

BULK = 200
Json = Any
# Status, method, path below the collection, body.
REFUSED: list[tuple[int, str, str, Any]] = [
    (409, "PUT", "", {}),
    (400, "PUT", "/points", {"points": []}),
    (400, "PUT", "/points", {"points": [{"vector": {}}]}),
    (400, "PUT", "/points", {"points": [{"id": "no uuid", "vector": {}}]}),
    (400, "PUT", "/points", {"points": [{"id": -1, "vector": {}}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": {"dense": [1.0]}}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": {"dense": ["a", "b"]}}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": {"other": [1.0, 2.0]}}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": [1.0, 2.0]}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": {}, "payload": [1]}]}),
    (422, "PUT", "/points", {"points": [{"id": 1, "vector": {"dense": [1e39, 0]}}]}),
    (422, "PUT", "/points", {"points": [{"id": 1, "vector": {"bm25": {"indices": [1, 2], "values": [1.0]}}}]}),
    (422, "PUT", "/points", {"points": [{"id": 1, "vector": {"bm25": {"indices": [1, 1], "values": [1.0, 2.0]}}}]}),
    (400, "PUT", "/points", {"points": [{"id": 1, "vector": {"bm25": {"indices": [-1], "values": [1.0]}}}]}),
    (400, "PUT", "/points", {"batch": {"ids": [1, 2], "vectors": {"dense": [[1.0, 2.0]]}}}),
    (400, "PUT", "/points", ["not an object"]),
    (400, "POST", "/points/delete", {"points": []}),
    (400, "POST", "/points/delete", {"points": ["no uuid"]}),
    (422, "POST", "/points/delete", {}),
    (404, "POST", "/points/payload", {"payload": {"a": 1}, "points": [777]}),
    (400, "POST", "/points/payload", {"payload": 1, "points": [1]}),
    (400, "POST", "/points/payload", {"payload": {"a": 1}, "points": [1], "key": "a["}),
    (400, "POST", "/points/batch", {"operations": [{"explode": {}}]}),
    (400, "POST", "/points/batch", {"operations": [{}]}),
    (404, "POST", "/points/query", {"query": 777, "using": "dense"}),
    (400, "POST", "/points", {"ids": [1], "with_payload": [1]}),
    (400, "POST", "/points/query", {"query": [1.0], "using": "dense"}),
    (400, "POST", "/points/query", {"query": [1.0, 2.0], "using": "other"}),
    (400, "POST", "/points/query", {"query": [1.0, 2.0], "using": "bm25"}),
    (400, "POST", "/points/query", {"query": {"fusion": "rrf"}}),
    (400, "POST", "/points/query", {"query": {"fusion": "other"}, "prefetch": []}),
    (400, "POST", "/points/query", {"query": {"unknown": 1}}),
    (400, "POST", "/points/query", {"prefetch": [{"query": [1.0, 2.0], "using": "dense"}]}),
    (400, "POST", "/points/query", {"query": {"recommend": {"negative": [1]}}, "using": "dense"}),
    (400, "POST", "/points/query", {"query": {"order_by": "absent"}}),
    (422, "POST", "/points/query", {"limit": 0}),
    (400, "POST", "/points/query", {"limit": "many"}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n", "match": {"value": 1.5}}]}}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n", "match": {"any": [1, "a"]}}]}}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n", "match": {"other": 1}}]}}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n", "range": {"gte": "no date"}}]}}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n"}]}}),
    (400, "POST", "/points/query", {"filter": {"must": [{"key": "n[", "match": {"value": 1}}]}}),
    (400, "POST", "/points/query", {"filter": {"musst": []}}),
    (400, "POST", "/points/query", {"filter": ["n"]}),
    (400, "POST", "/points/scroll", {"order_by": "absent"}),
    (400, "POST", "/points/scroll", {"order_by": "n", "offset": 1}),
    (400, "POST", "/points/scroll", {"offset": "no uuid"}),
    (400, "POST", "/points", {"ids": ["no uuid"]}),
    (404, "GET", "/points/777", None),
    (400, "GET", "/points/no-uuid", None),
    (400, "POST", "/facet", {"key": "absent"}),
    (400, "POST", "/facet", {}),
    (400, "PUT", "/index", {"field_name": "n", "field_schema": "other"}),
    (400, "PUT", "/index", {"field_name": "n"}),
    (400, "PUT", "/index", {"field_name": "n", "field_schema": {"type": "text", "tokenizer": "other"}}),
    (400, "PUT", "/vectors/more", {}),
    (400, "PUT", "/vectors/more", {"dense": {"size": 2}}),
    (400, "PUT", "/vectors/more", {"dense": {"size": 2, "distance": "Other"}}),
    (422, "PUT", "/vectors/more", {"dense": {"size": 0, "distance": "Dot"}}),
    (400, "PUT", "/vectors/dense", {"dense": {"size": 3, "distance": "Dot"}}),
    (400, "PUT", "/vectors/dense", {"sparse": {}}),
    (404, "POST", "/nothing", {}),
    (405, "DELETE", "/points", None),
]
CREATIONS: list[tuple[int, str, Any]] = [
    (422, "zero", {"vectors": {"size": 0, "distance": "Cosine"}}),
    (422, "zero", {"vectors": {"dense": {"size": 65_537, "distance": "Cosine"}}}),
    (400, "odd", {"vectors": {"size": 2, "distance": "Other"}}),
    (400, "odd", {"vectors": {"size": "two", "distance": "Dot"}}),
    (400, "odd", {"vectors": [2]}),
    (400, "a%3Cb", {}),
]


@pytest.fixture(scope="module")
def papers(runner: asyncio.Runner, client: AsyncQdrantClient) -> Iterator[AsyncQdrantClient]:
    """A client of a server with a small collection."""
    runner.run(fill(client))
    yield client
    runner.run(client.delete_collection("papers"))


async def fill(client: AsyncQdrantClient) -> None:
    """Create the collection."""
    await client.create_collection(
        "papers",
        vectors_config={"dense": models.VectorParams(size=2, distance=models.Distance.DOT)},
        sparse_vectors_config={"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    await client.create_payload_index("papers", "n", models.PayloadSchemaType.INTEGER)
    points = [models.PointStruct(id=n, vector={"dense": [n, 1.0]}, payload={"n": n % 5}) for n in range(1, BULK + 1)]
    await client.upsert("papers", points)


def send(runner: asyncio.Runner, url: str, method: str, path: str, body: Json) -> httpx.Response:
    """Send a request as it is."""

    async def sending() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.request(method, f"{url}{path}", json=body)

    return runner.run(sending())


def assert_refused(response: httpx.Response, status: int) -> None:
    """The form of a refusal is Qdrant's."""
    body = response.json()
    assert (response.status_code, body.keys()) == (status, {"status", "time"}), response.text
    assert body["status"]["error"]


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(("status", "method", "path", "body"), REFUSED)
def test_bad_requests_are_refused_with_an_error_body(
    runner: asyncio.Runner, url: str, status: int, method: str, path: str, body: Json
) -> None:
    """INVARIANT: bad input is never a 500, and changes nothing."""
    assert_refused(send(runner, url, method, f"/collections/papers{path}", body), status)
    count = send(runner, url, "POST", "/collections/papers/points/count", {}).json()
    assert count["result"] == {"count": BULK}


@pytest.mark.parametrize(("status", "name", "body"), CREATIONS)
def test_bad_collections_are_refused_with_an_error_body(
    runner: asyncio.Runner, url: str, status: int, name: str, body: Json
) -> None:
    assert_refused(send(runner, url, "PUT", f"/collections/{name}", body), status)
    assert_refused(send(runner, url, "GET", f"/collections/{name}", None), 404)


def test_a_missing_point_or_collection_is_not_found(runner: asyncio.Runner, url: str) -> None:
    """A collection that does not exist; deleting it is no error, but false."""
    for method, path, body in (("GET", "", None), ("POST", "/points/query", {}), ("PUT", "/points", {"points": []})):
        assert_refused(send(runner, url, method, f"/collections/absent{path}", body), 404)
    assert send(runner, url, "DELETE", "/collections/absent", None).json()["result"] is False


def test_malformed_bodies_are_refused_with_an_error_body(runner: asyncio.Runner, url: str) -> None:
    async def sending() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.post(f"{url}/collections/papers/points/query", content=b"{")

    assert_refused(runner.run(sending()), 400)


def test_a_large_change_by_filter_reaches_every_point(runner: asyncio.Runner, papers: AsyncQdrantClient) -> None:
    """More points than one piece holds are all changed, once."""

    async def scenario() -> None:
        ones = models.Filter(must=[models.FieldCondition(key="n", match=models.MatchValue(value=1))])
        await papers.set_payload("papers", {"n": 9}, points=ones)
        hits = (await papers.facet("papers", "n")).hits
        assert {hit.value: hit.count for hit in hits} == {0: 40, 9: 40, 2: 40, 3: 40, 4: 40}
        nines = models.Filter(must=[models.FieldCondition(key="n", match=models.MatchValue(value=9))])
        await papers.set_payload("papers", {"n": 1}, points=nines)

    runner.run(scenario())


def test_a_batch_of_queries_answers_in_order(runner: asyncio.Runner, papers: AsyncQdrantClient) -> None:
    """Each query has its own answer, the same as alone."""

    async def scenario() -> None:
        queries = [models.QueryRequest(query=n, using="dense", limit=3) for n in range(1, 30)]
        together = await papers.query_batch_points("papers", queries)
        alone = [
            await papers.query_points("papers", query=n, using="dense", limit=3, with_payload=False)
            for n in range(1, 30)
        ]
        assert together == alone

    runner.run(scenario())


def test_a_threshold_is_exclusive(runner: asyncio.Runner, papers: AsyncQdrantClient) -> None:
    """Only points strictly above it are found, and every one of them; local mode includes those that equal it."""

    async def scenario() -> None:
        # The score of point n is n - 50.
        found = await papers.query_points("papers", query=[1.0, -50.0], using="dense", score_threshold=0.0, limit=1_000)
        assert [point.id for point in found.points] == list(range(BULK, 50, -1))

    runner.run(scenario())


def test_a_single_point_has_its_payload_and_vectors(
    runner: asyncio.Runner,
    url: str,
    papers: AsyncQdrantClient,  # noqa: ARG001
) -> None:
    """GET of one point has its vectors and payload."""
    found = send(runner, url, "GET", "/collections/papers/points/7", None).json()["result"]
    assert found == {"id": 7, "payload": {"n": 2}, "vector": {"dense": [7.0, 1.0]}}
