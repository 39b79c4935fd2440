"""The poller: polls each source when it is due; leases make sure that one process at a time polls a source."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import orjson
import structlog
from redis.exceptions import RedisError

from services.fetcher.http.polite import HostBusyError
from services.fetcher.ledger.observation import Observation
from services.fetcher.polling.disk_space import DiskState, DiskWatch
from services.fetcher.polling.outcome import after, backoff, cursor_key, detail, later, publish_poll, reason
from services.fetcher.polling.source_store import LEASE_S, Leases, SourceStore
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.port import Cursor, Poll, Source
from services.fetcher.sources.registry import BY_ID
from shared.board import SOURCES, SourceRow
from shared.bus import Bus
from shared.errors import PermanentError
from shared.outbound import UNRESOLVED
from shared.tasks import cancel

TICK_S = 0.5
OUTAGE_S = 2.0
"""Seconds until the next round after one that Redis failed."""
CLAIM = 64
"""Sources leased at once: if hundreds are due, the first are polled before the last are leased."""
_REDIS_FAILURES = (RedisError, ConnectionError)
POLL_S = 900
"""Seconds for a whole poll, including the waits for its hosts."""
log = structlog.get_logger("fetcher")


class DayLedger(Protocol):
    """Where the poller records what announcement days brought."""

    async def record(self, source: str, observed: Sequence[Observation]) -> None:
        """Record what a poll saw."""

    async def failed(self, source: str, reason: str) -> None:
        """Record that a poll failed."""


class Poller:
    """Polls the sources that are due concurrently; a slow or failing one never delays the others."""

    def __init__(  # noqa: PLR0913  # its collaborators, and the limits
        self,
        bus: Bus,
        make: Callable[[SourceConfig], Source | None],
        ledger: DayLedger,
        *,
        most: int = 1_000,
        offline: bool = False,
        disk: DiskWatch | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`make` returns the driver of a source, or None if this process cannot poll it; `most` polls run at once.

        `disk` knows what the free space permits: while it is short, no poll is started.

        A `clock` replaces both the local clock and that of Redis.
        """
        self._bus = bus
        self._make = make
        self._ledger = ledger
        self._most = most
        self._disk = disk
        self._clock = clock or (lambda: datetime.now(UTC))
        self._store = SourceStore(bus.redis)
        self._leases = Leases(bus.redis, secrets.token_hex(8), offline=offline, clock=clock)
        self._revision = -1
        self._sources: dict[str, tuple[SourceConfig, Source | None]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._renewed = 0.0

    async def run(self) -> None:
        """Poll until cancelled; polls in progress are then abandoned, and another process may repeat them at once."""
        try:
            while True:
                pause = OUTAGE_S
                with self._without_redis("polling", OUTAGE_S):
                    await self.round()
                    pause = TICK_S
                await asyncio.sleep(pause)
        finally:
            await cancel(self._running.values())

    async def round(self) -> None:
        """Apply changes of the configuration, renew leases, and start the polls that are due."""
        await self.refresh()
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        now = self._clock().timestamp()
        if self._running and not 0 <= now - self._renewed < LEASE_S / 3:
            await self._leases.renew(self._running)
            self._renewed = now
        if self._disk and self._disk.state is DiskState.PAUSED:
            return
        while names := await self._leases.claim(min(CLAIM, self._most - len(self._running))):
            # A source whose lease expired while we poll it (the loop was blocked) is leased again; its poll goes on.
            for name, row, raw in await self._remembered([name for name in names if name not in self._running]):
                self._running[name] = asyncio.create_task(self._poll(name, SOURCES.read(row) or {}, raw))

    async def _remembered(self, names: Sequence[str]) -> list[tuple[str, bytes | None, bytes | None]]:
        """Read the states and cursors of sources in one round trip: hundreds may be due at once."""
        if not names:
            return []
        async with self._bus.redis.pipeline(transaction=False) as pipe:
            pipe.hmget(SOURCES.key, names)
            pipe.mget([cursor_key(name) for name in names])
            states, cursors = await pipe.execute()
        return list(zip(names, states, cursors, strict=True))

    async def settled(self) -> None:
        """Wait until no poll is in progress."""
        await asyncio.gather(*self._running.values())

    async def refresh(self) -> None:
        """Apply what commands have changed since the last look."""
        revision = await self._store.revision()
        if revision == self._revision:
            return
        before, found = self._sources, await self._store.all()
        for name, (config, _) in before.items():
            if name in self._running and (name not in found or found[name].config != config):
                self._running[name].cancel()
        self._sources = {
            name: before[name] if name in before and before[name][0] == source.config else self._made(source.config)
            for name, source in found.items()
        }
        for name, state in (await self._store.states()).items():
            await self._show_offline(name, state)
        self._revision = revision

    def _made(self, config: SourceConfig) -> tuple[SourceConfig, Source | None]:
        return config, self._make(config) if config.enabled else None

    async def _show_offline(self, name: str, state: SourceRow) -> None:
        """Show in the status which enabled sources are not polled because `offline` is set."""
        if name not in self._sources or not state["enabled"]:
            return
        away, shown = self._sources[name][1] is None, state["state"] == "offline"
        if away != shown:
            word = "offline" if away else "waiting"
            await SOURCES.put(self._bus.redis, {name: {**state, "state": word}})

    @contextmanager
    def _without_redis(self, part: str, retry_s: float) -> Iterator[None]:
        """Log failures of Redis in a block instead of raising them: the part tries again in `retry_s` seconds."""
        try:
            yield
        except _REDIS_FAILURES as error:
            self._bus.outages.met(part, error, retry_s)
        else:
            if part in self._bus.outages.causes:
                self._bus.outages.over(part)

    async def _poll(self, name: str, before: SourceRow, cursor: bytes | None) -> None:
        """Poll one leased source, given its state and cursor, and store the result."""
        wait, state = timedelta(minutes=1), b""  # the values if Redis fails during the poll
        try:
            with self._without_redis(f"polling of {name}", wait.total_seconds()):
                config, source = self._sources.get(name, (None, None))
                if config and source:
                    wait, update = await self._polled(config, source, before, orjson.loads(cursor or b"{}"))
                    now = self._clock()
                    times: SourceRow = {"last_poll": now.isoformat(), "next_poll": (now + wait).isoformat()}
                    state = SOURCES.dump({**update, **times})
        except asyncio.CancelledError:
            wait = timedelta()
            raise
        finally:
            with self._without_redis(f"leases of {name}", wait.total_seconds()):
                await self._leases.settle(name, wait.total_seconds(), state)

    async def _polled(
        self, config: SourceConfig, source: Source, before: SourceRow, cursor: Cursor
    ) -> tuple[timedelta, SourceRow]:
        """Poll and publish; return the wait until the next poll, and the state to show."""
        try:
            async with asyncio.timeout(POLL_S):
                poll = await source.poll(_driver_cursor(cursor))
            return await self._succeeded(config, before, poll, cursor)
        except RedisError:
            raise
        except HostBusyError as error:
            wait = later(timedelta(seconds=error.retry_after or 60), random.random())  # noqa: S311  # no secret
            return wait, {**before, "state": "waiting", "detail": str(error)}
        except Exception as error:  # noqa: BLE001  # an error in a driver must not make its source poll in a tight loop
            return await self._failed(config, before, error)

    async def _succeeded(
        self, config: SourceConfig, before: SourceRow, poll: Poll, cursor: Cursor
    ) -> tuple[timedelta, SourceRow]:
        name = config.name
        if not await self._leases.held(name):
            return timedelta(), {}
        if (part := f"source {name}") in self._bus.outages.causes:
            self._bus.outages.over(part)
        fresh = await publish_poll(self._bus, name, poll, cursor, f"poll-{secrets.token_hex(6)}")
        if poll.observed:
            await self._ledger.record(name, poll.observed)
        log.info("source polled", source=name, items=len(poll.items), published=fresh, refused=len(poll.refusals))
        update: SourceRow = {"state": poll.state, "detail": detail(poll, fresh), "failures": 0}
        items = int(before.get("items") or 0) + fresh
        wait = after(config.interval, poll.again, poll.fresh_for, random.random())  # noqa: S311  # no secret
        return wait, {**before, **update, "items": items}

    async def _failed(self, config: SourceConfig, before: SourceRow, error: Exception) -> tuple[timedelta, SourceRow]:
        failures = int(before.get("failures") or 0) + 1
        wait = backoff(config.interval, failures, getattr(error, "retry_after", None))
        text = reason(error)
        cause = UNRESOLVED if UNRESOLVED in text else None
        self._bus.outages.began(f"source {config.name}", text, wait.total_seconds(), cause=cause)
        if BY_ID[config.type].announces:
            await self._ledger.failed(config.name, text)
        word = "refused" if isinstance(error, PermanentError) else "failing"
        return wait, {**before, "state": word, "detail": text, "failures": failures}


def _driver_cursor(cursor: Cursor) -> Cursor:
    """Return the part of the cursor that belongs to the driver: the marks of items belong to the poller."""
    return {name: value for name, value in cursor.items() if name != "marks"}
