"""What was written to Redis, on its disk: for what somebody outside is told, such as a new API key.

Redis with `appendfsync everysec` may lose the last second in a power cut. For most of what Paperwire writes that is
harmless: streams, cursors and records are as old as each other then, and the work of that second is done again. An
answer that a client has received cannot be given again.

WAITAOF is made for this, but Redis 7.4.0 to 7.4.2 and Valkey 8 to 9.1 answer it before the file is synced
(redis/redis#13793). So for the moment of one write the policy is `always`: that write is answered after a sync of the
whole file. Decision record 37 has the measurements.
"""

import asyncio
import time
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.coordination.lease import Lease
from shared.errors import TransientError
from shared.group_commit import GroupCommit
from shared.outages import NoRightError

TIMEOUT_S: Final = 3.0
"""The longest wait for other processes; each needs the time of one sync."""
_LEASE_S: Final = 5.0
_PAUSE_S: Final = 0.005
_COUNT: Final = "durable:count"
_POLICY: Final = "durable:policy"
"""The policy to return to. It is there after a process was killed in between."""
log = structlog.get_logger("durability")
_groups: WeakKeyDictionary["Redis[bytes]", GroupCommit] = WeakKeyDictionary()


async def durable(redis: "Redis[bytes]") -> None:
    """Return once everything that Redis has executed before this call is on its disk; calls that wait share a sync.

    Where the server permits no CONFIG this waits with WAITAOF, or not at all, and one log line says what follows.

    Raises:
        TransientError: other processes hold the policy for too long.

    """
    if redis not in _groups:
        _groups[redis] = GroupCommit(_Sync(redis).run)
    await _groups[redis].done()


class _Sync:
    """Syncs the append-only file of one server."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        self._redis = ref(redis)  # a strong one would keep the client, and with it this row of the table
        self._configurable = True

    async def run(self) -> None:
        redis = self._redis()
        if redis is None:
            return
        if self._configurable:
            try:
                policy = await _policy(redis)
            except (ResponseError, NoRightError) as error:
                self._configurable = False
                advice = "let Paperwire use CONFIG, or set appendfsync always: a power cut may lose the last second"
                log.warning("durability limited", error=str(error), advice=advice)
            else:
                await _write_with_sync(redis, policy)
                return
        await _wait_for_file(redis)


async def _policy(redis: "Redis[bytes]") -> str:
    settings: Any = await redis.config_get("appendfsync")
    return str(settings["appendfsync"])


async def _write_with_sync(redis: "Redis[bytes]", policy: str) -> None:
    if policy == "always" and not await redis.exists(_POLICY):
        await redis.incr(_COUNT)
        return
    lease = Lease(redis, "durable", _LEASE_S)
    await _take(lease)
    try:
        policy = (await redis.get(_POLICY) or policy.encode()).decode()
        await redis.set(_POLICY, policy)  # refused while Redis cannot write; with `always` it would end instead
        try:
            await redis.config_set("appendfsync", "always")
            await redis.incr(_COUNT)
        finally:
            await redis.config_set("appendfsync", policy)
            await redis.delete(_POLICY)
    finally:
        await lease.release()


async def _take(lease: Lease) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while await lease.take():
        if time.monotonic() > deadline:
            raise TransientError("Redis cannot write to its disk at the moment.", retry_after=5.0)
        await asyncio.sleep(_PAUSE_S)


async def _wait_for_file(redis: "Redis[bytes]") -> None:
    """Wait with WAITAOF. It waits for writes of its own connection only, and the file is in order: so write first."""
    pipe: Any = redis.pipeline(transaction=False)
    pipe.incr(_COUNT)
    pipe.execute_command("WAITAOF", 1, 0, int(TIMEOUT_S * 1000))
    written, waited = await pipe.execute(raise_on_error=False)
    if isinstance(written, Exception):
        raise written
    if not isinstance(waited, Exception) and not waited[0]:
        raise TransientError("Redis cannot write to its disk at the moment.", retry_after=5.0)
