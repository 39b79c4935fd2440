"""A real Redis put out of order, in each of the ways in which Redis says so, or says nothing."""

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from embedded.redis import EmbeddedRedis, find_binary
from embedded.redis.redis_process import command
from tests.support import until

Outage = Callable[[EmbeddedRedis], AbstractAsyncContextManager[None]]
KEYS = 200_000
"""Redis answers clients once in 1,024 commands of a file that it loads: here for 20 seconds."""


@contextlib.asynccontextmanager
async def client(server: EmbeddedRedis) -> AsyncIterator["Redis[bytes]"]:
    """Open a client that neither waits nor tries again."""
    async with Redis.from_url(server.url, retry=Retry(NoBackoff(), 0), socket_timeout=None) as redis:
        yield redis


def configured(name: str, wrong: object, right: object) -> Outage:
    """Return the outage of a Redis with a wrong setting."""

    @contextlib.asynccontextmanager
    async def outage(server: EmbeddedRedis) -> AsyncIterator[None]:
        async with client(server) as redis:
            await redis.config_set(name, wrong)
            try:
                yield
            finally:
                await redis.config_set(name, right)

    return outage


memory_full = configured("maxmemory", 1, 0)
no_replicas = configured("min-replicas-to-write", 1, 0)


@contextlib.asynccontextmanager
async def disk_full(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Let every write of the server to its append-only file fail."""
    limits = resource.prlimit(server.pid or 0, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    async with client(server) as redis:
        with contextlib.suppress(RedisError):  # the first write that the disk does not take is still answered
            while True:
                await redis.set("filler", b"x" * 1_000)
        try:
            yield
        finally:
            resource.prlimit(server.pid or 0, resource.RLIMIT_FSIZE, limits)


@contextlib.asynccontextmanager
async def snapshot_failed(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Let a snapshot fail, as a folder has its name: with a rule to save, Redis takes no writes after that."""
    async with client(server) as redis:
        taken = Path((await redis.config_get("dir"))["dir"]) / "dump.rdb" / "inside"
        await asyncio.to_thread(taken.mkdir, parents=True)
        await redis.config_set("save", "3600 1")
        await redis.bgsave()
        await until(lambda: _failed(redis))
        try:
            yield
        finally:
            await redis.config_set("save", "")


async def _failed(redis: "Redis[bytes]") -> bool:
    return bool((await redis.info("persistence"))["rdb_last_bgsave_status"] == "err")


@contextlib.asynccontextmanager
async def read_only(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Make the server a replica of a master that is not there; it answers reads."""
    async with client(server) as redis:
        await redis.replicaof("127.0.0.1", 1)
        try:
            yield
        finally:
            await redis.replicaof("NO", "ONE")


@contextlib.asynccontextmanager
async def master_lost(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Make the server a replica that does not answer reads either."""
    async with configured("replica-serve-stale-data", "no", "yes")(server), read_only(server):
        yield


@contextlib.asynccontextmanager
async def busy(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Let a script run for ever."""
    async with client(server) as redis, client(server) as killer:
        await redis.config_set("lua-time-limit", 10)
        running = asyncio.create_task(redis.eval("while true do end", 0))
        try:
            yield
        finally:
            await killer.script_kill()
            with contextlib.suppress(RedisError):
                await running


@contextlib.asynccontextmanager
async def loading(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Kill the server, and let another one load its data, slowly; then start it again."""
    async with client(server) as redis:
        await redis.eval(f"for key = 1, {KEYS} do redis.call('SET', key, '') end", 0)
        directory, socket = Path((await redis.config_get("dir"))["dir"]), Path(server.url.removeprefix("unix://"))
    os.kill(server.pid or 0, signal.SIGKILL)
    await server.wait()
    slow = [*command(find_binary(), directory, socket), "--key-load-delay", "50"]
    other = await asyncio.create_subprocess_exec(*slow, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        other.kill()
        await other.wait()
        await server.restart()


@contextlib.asynccontextmanager
async def silent(server: EmbeddedRedis) -> AsyncIterator[None]:
    """Stop the process of the server: it takes connections and answers nothing."""
    os.kill(server.pid or 0, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid or 0, signal.SIGCONT)
