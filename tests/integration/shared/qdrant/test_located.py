"""Requests reach the generation with vectors of the client's model, by the library and by `ask`."""

from collections.abc import AsyncIterator

import pytest
from qdrant_client import models
from qdrant_client.http.exceptions import UnexpectedResponse

from shared.errors import AccessRefusedError, ConfigurationError, TransientError
from shared.qdrant import DENSE, PAPERS, SUBSCRIPTIONS, Qdrant, check_papers, ensure_papers, mark_filled, outages
from tests.integration.shared.qdrant.raw import answer, raw_server

OLD, NEW, SIZE = "test/old", "Test/New", 4
POINT = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
async def plain(qdrant_url: str) -> AsyncIterator[Qdrant]:
    opened = Qdrant(qdrant_url, None)
    yield opened
    await opened.close()


async def write(client: Qdrant, value: float) -> None:
    point = models.PointStruct(id=POINT, vector={DENSE: [value] * SIZE}, payload={"revision": int(value)})
    await client.upsert(PAPERS, [point], wait=True)


async def read(client: Qdrant) -> list[int]:
    """Read in both ways."""
    (record,) = await client.retrieve(PAPERS, [POINT])
    (row,) = await client.ask(PAPERS, "", {"ids": [POINT]})
    return [(record.payload or {})["revision"], row["payload"]["revision"]]


async def make(url: str, name: str, model: str, value: float, *, filling: bool = False) -> None:
    client = Qdrant(url, None, model, {PAPERS: name})
    await ensure_papers(client, model, SIZE, filling=filling)
    await write(client, value)
    await client.close()


async def test_each_model_reads_and_writes_its_own(qdrant_url: str, plain: Qdrant) -> None:
    await make(qdrant_url, PAPERS, OLD, 1)
    old, early = Qdrant(qdrant_url, None, OLD), Qdrant(qdrant_url, None, NEW)
    await make(qdrant_url, "papers-2", NEW, 2, filling=True)
    assert await read(old) == [1, 1]
    other = Qdrant(qdrant_url, None, "other")
    with pytest.raises(ConfigurationError, match=f"holds vectors of {OLD}.*`paperwire reindex --model other`"):
        await check_papers(other, "other")
    new = Qdrant(qdrant_url, None, NEW.lower(), {PAPERS: "papers-2"})
    await mark_filled(new, PAPERS)
    assert [each.complete for each in await plain.located.generations(PAPERS)] == [True, True]
    assert await read(early) == [2, 2]
    await write(early, 3)
    assert await read(new) == [3, 3]
    assert await read(old) == [1, 1]
    assert await read(plain) == [1, 1]
    for client in (old, early, new, other):
        await client.close()


async def test_a_client_finds_the_next_one_once_its_own_is_gone(qdrant_url: str, plain: Qdrant) -> None:
    await make(qdrant_url, PAPERS, OLD, 1)
    client, other = Qdrant(qdrant_url, None, OLD), Qdrant(qdrant_url, None, OLD)
    assert await read(client) == await read(other) == [1, 1]
    await make(qdrant_url, "papers-2", OLD, 2)
    assert await read(client) == [1, 1]
    await plain.delete_collection(PAPERS)
    with pytest.raises(UnexpectedResponse):
        await client.count(PAPERS)
    with pytest.raises(UnexpectedResponse):
        await other.ask(PAPERS, "/count", {})
    assert await read(client) == await read(other) == [2, 2]
    for one in (client, other):
        await one.close()


async def test_a_client_whose_vectors_are_gone_writes_into_no_others(qdrant_url: str, plain: Qdrant) -> None:
    """INVARIANT: vectors of two models never meet."""
    await make(qdrant_url, PAPERS, OLD, 1)
    await make(qdrant_url, "papers-2", NEW, 2)
    late = Qdrant(qdrant_url, None, OLD)
    assert await read(late) == [1, 1]
    await plain.delete_collection(PAPERS)
    for _ in range(2):
        with pytest.raises(UnexpectedResponse):
            await write(late, 3)
    started = Qdrant(qdrant_url, None, OLD)
    with pytest.raises(ConfigurationError, match=f"holds vectors of {NEW}"):
        await ensure_papers(started, OLD, SIZE)
    assert (await plain.count("papers-2")).count == 1
    for client in (late, started):
        await client.close()


async def test_a_collection_that_does_not_exist_is_at_its_own_name(qdrant_url: str, plain: Qdrant) -> None:
    client = Qdrant(qdrant_url, None, OLD)
    assert not await client.collection_exists(PAPERS)
    await ensure_papers(client, OLD, SIZE)
    assert await plain.collection_exists(PAPERS)
    assert not await client.collection_exists(SUBSCRIPTIONS)
    await client.close()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(401, b"{}", AccessRefusedError), (500, b"{}", TransientError), (200, b'{"result": 3}', TransientError)],
)
async def test_a_failure_to_look_it_up_is_that_of_the_request(status: int, body: bytes, error: type[Exception]) -> None:
    async with raw_server(lambda _: (answer(body, status), True)) as server:
        client = Qdrant(server.url, None, OLD)
        for asking in (client.count(PAPERS), client.ask(PAPERS, "/count", {})):
            with pytest.raises(error):
                async with outages():
                    await asking
        await client.close()
        assert {head.split()[1].partition("?")[0] for head in server.heads} == {"/collections"}
