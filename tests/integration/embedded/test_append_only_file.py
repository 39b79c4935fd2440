"""The append-only file of the embedded Redis: earlier formats, and damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from redis.asyncio import Redis

from embedded.redis import EmbeddedRedis

DATA = Path(__file__).with_name("data")


async def test_the_file_of_redis_6_is_taken_over(tmp_path: Path) -> None:
    """It was written by Redis 6.2.14: a rewritten part (RDB) and commands after it, with a stream and its group."""
    shutil.copy(DATA / "redis-6.2.aof", tmp_path / "appendonly.aof")
    for start in (1, 2):  # the first start converts the file, the second reads what it made
        async with EmbeddedRedis(tmp_path) as redis, Redis.from_url(redis.url) as client:
            assert await client.mget("k1", "k2", "k3") == [b"v1", b"v2", b"v3"]
            assert await client.hgetall("h") == {b"a": b"1", b"b": b"2"}
            assert await client.zscore("z", "m") == 1
            assert (await client.xlen("st"), (await client.xpending("st", "g"))["pending"]) == (2, 1)
            assert await client.incr("starts") == start


@pytest.mark.parametrize("cut", (0, 9), ids=["after a whole command", "within a command"])
async def test_zeros_at_the_end_are_cut_off_by_the_start(tmp_path: Path, cut: int) -> None:
    """A power cut may leave the new length of the file without the bytes that were written last."""
    async with EmbeddedRedis(tmp_path) as redis, Redis.from_url(redis.url) as client:
        await client.mset({"a": "1", "b": "2"})
        await client.set("c", "3" * 20)
    file = tmp_path / "appendonlydir" / "appendonly.aof.1.incr.aof"
    written = file.read_bytes()
    file.write_bytes(written[: len(written) - cut] + bytes(238))
    async with EmbeddedRedis(tmp_path) as redis, Redis.from_url(redis.url) as client:
        assert await client.mget("a", "b", "c") == [b"1", b"2", None if cut else b"3" * 20]
        assert await client.set("d", "4")
    async with EmbeddedRedis(tmp_path) as redis, Redis.from_url(redis.url) as client:
        assert await client.get("d") == b"4"
