"""The configured sources in Redis: their tables, their due times, and the leases of those that are being polled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, SerializeAsAny
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.fetcher.polling.outcome import cursor_key
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.registry import BY_ID
from services.fetcher.sources.sources_file import parse_source
from shared.board import SOURCES, SourceRow
from shared.bus import scripts

CONFIG: Final = "sources:config"
REVISION: Final = "sources:revision"
"""A counter that every change increments: pollers compare it to notice changes."""
DUE_LIVE: Final = "sources:due:live"
DUE_LOCAL: Final = "sources:due:local"
"""Sorted sets: source → when it is due (seconds since 1970); while a source is leased, when the lease ends. Those that
need a network stand apart, for the fetchers that have none."""
LEASES: Final = "sources:leases"
"""A hash: source → who polls it now."""
WAITS: Final = "sources:waits"
"""A hash: source → the seconds that its present wait or lease takes in all."""
LEASE_S: Final = 30.0
"""A lease that is not renewed for so long is another's to take: its process was killed, or hangs."""
CLAIMED: Final = "sources:claimed"
"""The time of the last claim (seconds since 1970): the clock was put right when it is ahead of now."""
_KEYS: Final = [DUE_LIVE, DUE_LOCAL, LEASES, SOURCES.key, WAITS, CLAIMED]


def _parsed(value: object) -> object:
    """Read a stored table as the model of its type; earlier versions stored an empty `categories` with every type."""
    if isinstance(value, dict):
        return parse_source({name: given for name, given in value.items() if given != []}, "A stored source")
    return value


class ConfiguredSource(BaseModel):
    """A source and its origin: the sources file, which removes it by no longer listing it, or a command."""

    model_config = ConfigDict(frozen=True)

    config: Annotated[SerializeAsAny[SourceConfig], BeforeValidator(_parsed)]
    origin: Literal["file", "command"]


class SourceStore:
    """Reads and changes the configured sources."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        """The caller closes the client."""
        self._redis = redis

    async def revision(self) -> int:
        """Return how many changes there were so far."""
        return int(await self._redis.get(REVISION) or 0)

    async def all(self) -> dict[str, ConfiguredSource]:
        """Return every source by name."""
        rows = await self._redis.hgetall(CONFIG)
        return {name.decode(): ConfiguredSource.model_validate_json(rows[name]) for name in sorted(rows)}

    async def states(self) -> dict[str, SourceRow]:
        """Return the state of every source by name."""
        return await SOURCES.rows(self._redis)

    async def seed(self, configs: Sequence[SourceConfig]) -> None:
        """Apply the sources file: it overrides the sources it lists; those that a command added stay."""
        listed = {config.name: ConfiguredSource(config=config, origin="file") for config in configs}
        gone = [name for name, source in (await self.all()).items() if source.origin == "file" and name not in listed]
        await self._change(listed, gone)

    async def add(self, config: SourceConfig) -> None:
        """Add a source, or replace the one of the same name."""
        await self._change({config.name: ConfiguredSource(config=config, origin="command")}, [])

    async def remove(self, name: str) -> ConfiguredSource | None:
        """Remove a source, its cursor and its state; return what was removed, or None."""
        found = (await self.all()).get(name)
        if found:
            await self._change({}, [name])
        return found

    async def hasten(self, name: str) -> bool:
        """Make a source due now, unless it is being polled already; return False when it is disabled."""
        script = scripts.register(self._redis, __package__ or "", "hasten_source")
        return bool(await script(keys=[DUE_LIVE, DUE_LOCAL, LEASES], args=[name]))

    async def _change(self, listed: Mapping[str, ConfiguredSource], gone: Sequence[str]) -> None:
        """Write some sources and delete others in one transaction; unchanged sources are not written."""
        known, states = await self.all(), await self.states()
        written = {name: source for name, source in listed.items() if known.get(name) != source}
        gone = [*gone, *(states.keys() - known.keys() - listed.keys())]
        if not written and not gone:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            for name, source in written.items():
                before = known.get(name)
                moved = before is None or _target(before.config) != _target(source.config)
                _write(pipe, source, {} if moved else states.get(name, {}), reset=moved)
            for name in gone:
                pipe.hdel(CONFIG, name)
                SOURCES.drop(pipe, [name])
                _unschedule(pipe, name)
                pipe.delete(cursor_key(name))
            pipe.incr(REVISION)
            await pipe.execute()


def _target(config: SourceConfig) -> tuple[str, str]:
    """Return what a source polls: when this changes, its cursor no longer applies."""
    return config.type, config.target


def _write(pipe: "Pipeline[bytes]", source: ConfiguredSource, state: SourceRow, *, reset: bool) -> None:
    config = source.config
    row: SourceRow = {"name": config.name, "type": config.type, "url": config.shown_target, "enabled": config.enabled}
    row |= {"state": "waiting" if config.enabled else "disabled", "detail": "", "next_poll": None, "failures": 0}
    row |= {"last_poll": state.get("last_poll"), "items": state.get("items", 0)}
    pipe.hset(CONFIG, config.name, source.model_dump_json(exclude_none=True))
    SOURCES.put(pipe, {config.name: row})
    _unschedule(pipe, config.name)
    if config.enabled:
        pipe.zadd(DUE_LIVE if BY_ID[config.type].live else DUE_LOCAL, {config.name: 0})
    if reset:
        pipe.delete(cursor_key(config.name))


def _unschedule(pipe: "Pipeline[bytes]", name: str) -> None:
    """Delete the lease and the due time of a source."""
    pipe.hdel(LEASES, name)
    pipe.hdel(WAITS, name)
    pipe.zrem(DUE_LIVE, name)
    pipe.zrem(DUE_LOCAL, name)


class Leases:
    """The due times of sources, and the leases of one holder."""

    def __init__(
        self,
        redis: "Redis[bytes]",
        holder: str,
        *,
        offline: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`holder` names this process among all; an `offline` one claims only what needs no network.

        Time is Redis's, unless a `clock` gives it.
        """
        self._redis = redis
        self._clock = clock
        self._holder = holder
        self._first = 2 if offline else 1
        self._claim = scripts.register(redis, __package__ or "", "claim_sources")
        self._renew = scripts.register(redis, __package__ or "", "renew_sources")
        self._settle = scripts.register(redis, __package__ or "", "settle_source")

    async def claim(self, most: int) -> list[str]:
        """Lease up to `most` sources that are due, the longest due first."""
        names = await self._claim(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, most, self._first])
        return [name.decode() for name in names]

    async def renew(self, names: Iterable[str]) -> None:
        """Extend the leases of polls in progress."""
        await self._renew(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, *names])

    async def held(self, name: str) -> bool:
        """Return whether a lease is still ours: the source may have been removed, changed or claimed by another."""
        return bool(await self._redis.hget(LEASES, name) == self._holder.encode())

    async def settle(self, name: str, wait: float, state: bytes = b"") -> bool:
        """End a lease: write that the source is due again in `wait` seconds, and its state; False when it was lost."""
        return bool(await self._settle(keys=_KEYS, args=[self._now(), wait, self._holder, name, state]))

    def _now(self) -> int | str:
        """Return the time in ms for a script, or nothing, which means the time of Redis."""
        return int(self._clock().timestamp() * 1000) if self._clock else ""
