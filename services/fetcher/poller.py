"""The poller: each source in its turn, by one process at a time, whatever the others do."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from redis.exceptions import RedisError

from services.fetcher.config import SourceConfig
from services.fetcher.publishing import cursor_key, publish_poll
from services.fetcher.sources.port import Poll, Source
from shared.bus import Bus
from shared.errors import PaperwireError, PermanentError
from shared.tasks import cancel

STATES = "sources"
"""The Redis hash of the sources' states, which `/v1/status` and `paperwire status` show."""
LEASE_S = 150
TICK_S = 1.0
MAX_REASON = 300
MAX_BACKOFF = timedelta(days=1)
log = structlog.get_logger("fetcher")


class Poller:
    """Polls the sources that are due, side by side; a slow or failing one never delays the others."""

    def __init__(
        self,
        bus: Bus,
        sources: Mapping[str, Source],
        configs: Sequence[SourceConfig],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`sources` are the live ones by name; the others of `configs` are shown as they are configured."""
        self._bus = bus
        self._sources = sources
        self._configs = {config.name: config for config in configs}
        self._clock = clock

    async def run(self) -> None:
        """Poll until cancelled; polls under way then end, and what they published stays."""
        await self.register()
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                with _calm():
                    for name in await self.due():
                        if name not in running or running[name].done():
                            running[name] = asyncio.create_task(self.poll(name))
                await asyncio.sleep(TICK_S)
        finally:
            await cancel(running.values())

    async def register(self) -> None:
        """Show every configured source in the status, and forget those that are configured no more."""
        known = await self._states()
        for name, config in self._configs.items():
            state = known.get(name, {"last_poll": None, "next_poll": None, "items": 0, "detail": ""})
            state |= {"name": name, "type": config.type, "url": config.url or str(config.path)}
            state |= {"enabled": config.enabled, "state": self._idle_state(name, state.get("state"))}
            await self._write(name, state)
        for name in known.keys() - self._configs.keys():
            await self._bus.redis.hdel(STATES, name)

    def _idle_state(self, name: str, before: object) -> str:
        if not self._configs[name].enabled:
            return "disabled"
        if name not in self._sources:
            return "offline"
        return str(before) if before not in (None, "disabled", "offline", "polling") else "waiting"

    async def due(self) -> list[str]:
        """Name the live sources whose time has come."""
        now = self._clock().isoformat()
        states = await self._states()
        return [name for name in self._sources if not (when := states.get(name, {}).get("next_poll")) or when <= now]

    async def poll(self, name: str) -> None:
        """Poll one source if it is due and no other process does, and write down how it went."""
        token = secrets.token_hex(8)
        with _calm():
            if not await self._bus.redis.set(f"lease:{name}", token, nx=True, ex=LEASE_S):
                return
            try:
                if name in await self.due():  # another process may have just been there
                    await self._poll(name)
            finally:
                if await self._bus.redis.get(f"lease:{name}") == token.encode():
                    await self._bus.redis.delete(f"lease:{name}")

    async def _poll(self, name: str) -> None:
        before = orjson.loads(await self._bus.redis.get(cursor_key(name)) or b"{}")
        config = self._configs[name]
        state = (await self._states()).get(name, {"failures": 0, "items": 0})
        try:
            async with asyncio.timeout(LEASE_S - 30):
                poll = await self._sources[name].poll(before)
            correlation = f"poll-{secrets.token_hex(6)}"
            fresh = await publish_poll(self._bus, name, poll, before, correlation)
        except RedisError:
            raise
        except Exception as error:  # noqa: BLE001  # a driver's own fault must not poll its source in a hot loop
            reason = _reason(error)
            failures = int(state.get("failures") or 0) + 1
            wait = backoff(config.interval, failures, getattr(error, "retry_after", None))
            word = "refused" if isinstance(error, PermanentError) else "failing"
            log.warning("source failed", source=name, reason=reason, retry_in_s=round(wait.total_seconds()))
            update = {"state": word, "detail": reason, "failures": failures}
        else:
            wait = config.interval * random.uniform(0.95, 1.05)  # noqa: S311  # spreads polls, no secret
            log.info("source polled", source=name, items=len(poll.items), published=fresh, refused=len(poll.refusals))
            update = {"state": "ok", "detail": _detail(poll, fresh), "failures": 0}
            update["items"] = int(state.get("items") or 0) + fresh
        now = self._clock()
        times = {"last_poll": now.isoformat(), "next_poll": (now + wait).isoformat()}
        await self._write(name, {**state, **update, **times})

    async def _states(self) -> dict[str, dict[str, Any]]:
        rows = await self._bus.redis.hgetall(STATES)
        return {name.decode(): orjson.loads(value) for name, value in rows.items()}

    async def _write(self, name: str, state: dict[str, Any]) -> None:
        await self._bus.redis.hset(STATES, name, orjson.dumps(state))


@contextlib.contextmanager
def _calm() -> Iterator[None]:
    """Say in one line that Redis is away; the next round tries again."""
    try:
        yield
    except (RedisError, ConnectionError) as error:
        log.warning("the fetcher waits for Redis", error=str(error))


def _reason(error: Exception) -> str:
    """Say in one line what went wrong."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = " ".join(str(error).split())[:MAX_REASON]
    return text if isinstance(error, PaperwireError) else f"{type(error).__name__}: {text}"


def backoff(interval: timedelta, failures: int, retry_after: float | None) -> timedelta:
    """Wait longer after each failure in a row: a minute, doubling, up to a day; a named time is kept to."""
    wait = min(timedelta(minutes=2.0 ** min(failures - 1, 12)), MAX_BACKOFF)
    wait = max(wait, timedelta(seconds=min(interval.total_seconds(), 60)))
    return max(wait, timedelta(seconds=retry_after)) if retry_after else wait


def _detail(poll: Poll, fresh: int) -> str:
    refused = sum(not refusal.cleaned for refusal in poll.refusals)
    first = next((f": {r.where}: {r.reason}" for r in poll.refusals if not r.cleaned), "")
    words = f"{len(poll.items)} items, {fresh} new" if poll.items or not poll.detail else poll.detail
    return f"{words}, {refused} refused{first}" if refused else words
