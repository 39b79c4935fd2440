"""What was written to Redis, on its disk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import CapturingLogger

from embedded.redis import EmbeddedRedis
from shared.bus import open_redis
from shared.coordination.durability import durable
from tests.power_cut import disk


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


async def policy(redis: Any) -> str:
    return str((await redis.config_get("appendfsync"))["appendfsync"])


async def test_what_was_waited_for_survives_a_power_cut(tmp_path: Path) -> None:
    with disk(tmp_path) as device:
        async with EmbeddedRedis(device.root / "redis") as server:
            client = open_redis(server.url)
            for number in range(3):
                await client.set(f"told-{number}", 1)
                await durable(client)
                after = device.cut_power()
                async with EmbeddedRedis(after / "redis") as restarted, Redis.from_url(restarted.url) as reader:
                    assert await reader.get(f"told-{number}") == b"1"
            await client.aclose()


async def test_the_policy_stays_as_it_was(redis: Redis) -> None:
    before = await policy(redis)
    await durable(redis)
    assert (before, await policy(redis)) == ("everysec", "everysec")


async def test_all_that_wait_share_one_sync(redis: Redis) -> None:
    await durable(redis)
    before = int(await redis.get("durable:count"))
    await asyncio.gather(*(durable(redis) for _ in range(50)))
    assert int(await redis.get("durable:count")) - before <= 2


async def test_processes_that_sync_at_once_take_turns(redis: Redis, redis_url: str) -> None:
    others = [open_redis(redis_url) for _ in range(4)]
    for _ in range(10):
        await asyncio.gather(*map(durable, others))
    assert await policy(redis) == "everysec"
    assert int(await redis.get("durable:count")) == 40
    for other in others:
        await other.aclose()


async def test_the_policy_of_a_killed_process_is_put_back(redis: Redis) -> None:
    await redis.set("durable:policy", "everysec")
    await redis.config_set("appendfsync", "always")
    await durable(redis)
    assert await policy(redis) == "everysec"


async def test_a_server_that_permits_no_config_is_waited_for_and_named(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr("shared.coordination.durability.log", log)
    await redis.execute_command("ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", "-config")
    guarded = Redis.from_url(redis_url, username="app", password="secret")
    await durable(guarded)
    await durable(guarded)
    assert int((await redis.info("commandstats"))["cmdstat_waitaof"]["calls"]) >= 2
    assert [call.args for call in log.calls] == [("durability limited",)]
    await guarded.aclose()
    await redis.execute_command("ACL", "DELUSER", "app")
