"""The board in a real Redis."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from shared.board import SOURCES
from shared.board.api_documents import read_documents, write_documents
from shared.board.paper_map import mapped_papers, read_map, write_map
from shared.bus import open_redis
from shared.http import Api


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis[bytes]"]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_rows_are_written_read_and_dropped_by_id(redis: "Redis[bytes]") -> None:
    await SOURCES.put(redis, {"b": {"name": "b", "items": 2}, "a": {"name": "a"}})
    assert list((await SOURCES.rows(redis)).items()) == [("a", {"name": "a"}), ("b", {"name": "b", "items": 2})]
    assert await SOURCES.ids(redis) == {"a", "b"}
    assert await SOURCES.some(redis, ["b", "none"]) == [{"name": "b", "items": 2}, None]
    assert await SOURCES.some(redis, []) == []
    await SOURCES.drop(redis, ["b"])
    assert await SOURCES.ids(redis) == {"a"}


async def test_rows_are_written_within_a_transaction(redis: "Redis[bytes]") -> None:
    async with redis.pipeline(transaction=True) as pipe:
        SOURCES.put(pipe, {"a": {"name": "a"}})
        SOURCES.drop(pipe, ["none"])
        assert await SOURCES.ids(redis) == set()
        await pipe.execute()
    assert await SOURCES.ids(redis) == {"a"}


async def test_a_map_of_too_few_papers_leaves_the_one_before(redis: "Redis[bytes]") -> None:
    assert (await read_map(redis), await mapped_papers(redis)) == (None, 0)
    await write_map(redis, 40, b"gzipped")
    await write_map(redis, 3, None)
    assert (await read_map(redis), await mapped_papers(redis)) == (b"gzipped", 3)


async def test_every_service_has_its_own_document(redis: "Redis[bytes]") -> None:
    await write_documents(redis, [])
    assert await read_documents(redis) == []
    await write_documents(redis, [Api("search")])
    await write_documents(redis, [Api("notifier")])
    assert [document["openapi"][:2] for document in await read_documents(redis)] == ["3.", "3."]
