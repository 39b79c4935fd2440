"""The sources as they are configured: a Redis hash that the file seeds and commands change, while pollers run."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.fetcher.polling.leases import DUE_LIVE, DUE_LOCAL, LEASES
from services.fetcher.polling.publishing import cursor_key
from services.fetcher.sources.config import SourceConfig
from shared.board import SOURCES, SourceRow

CONFIG: Final = "sources:config"
REVISION: Final = "sources:revision"
"""A counter that goes up with every change: what pollers look at to learn that there was one."""
_HASTEN: Final = """
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return 1 end
return (redis.call('ZADD', KEYS[1], 'XX', 'CH', 0, ARGV[1]) + redis.call('ZADD', KEYS[2], 'XX', 'CH', 0, ARGV[1]))
"""


class Registered(BaseModel):
    """A source, and who named it: the file, which takes it back when it names it no more, or a command."""

    model_config = ConfigDict(frozen=True)

    config: SourceConfig
    origin: Literal["file", "command"]


class Registry:
    """Reads and changes the configuration of sources."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        """Use a client that stays the caller's."""
        self._redis = redis

    async def revision(self) -> int:
        """Count the changes so far."""
        return int(await self._redis.get(REVISION) or 0)

    async def all(self) -> dict[str, Registered]:
        """Give every source by name."""
        rows = await self._redis.hgetall(CONFIG)
        return {name.decode(): Registered.model_validate_json(rows[name]) for name in sorted(rows)}

    async def states(self) -> dict[str, SourceRow]:
        """Return the state of every source by name."""
        return await SOURCES.rows(self._redis)

    async def seed(self, configs: Sequence[SourceConfig]) -> None:
        """Take over the sources of the file: it wins for those it names; those that a command added stay."""
        named = {config.name: Registered(config=config, origin="file") for config in configs}
        gone = [name for name, source in (await self.all()).items() if source.origin == "file" and name not in named]
        await self._change(named, gone)

    async def add(self, config: SourceConfig) -> None:
        """Add a source, or put it in the place of the one of its name."""
        await self._change({config.name: Registered(config=config, origin="command")}, [])

    async def remove(self, name: str) -> Registered | None:
        """Remove a source with all that is remembered of it; give what it was, or None."""
        found = (await self.all()).get(name)
        if found:
            await self._change({}, [name])
        return found

    async def hasten(self, name: str) -> bool:
        """Make a source due now; one that is just being polled is left to that. False when it is not enabled."""
        script = self._redis.register_script(_HASTEN)
        return bool(await script(keys=[DUE_LIVE, DUE_LOCAL, LEASES], args=[name]))

    async def _change(self, named: Mapping[str, Registered], gone: Sequence[str]) -> None:
        """Write sources and drop others, in one transaction; what is written as it was is left alone."""
        known, states = await self.all(), await self.states()
        written = {name: source for name, source in named.items() if known.get(name) != source}
        gone = [*gone, *(states.keys() - known.keys() - named.keys())]
        if not written and not gone:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            for name, source in written.items():
                before = known.get(name)
                elsewhere = before is None or _aim(before.config) != _aim(source.config)
                _write(pipe, source, {} if elsewhere else states.get(name, {}), anew=elsewhere)
            for name in gone:
                pipe.hdel(CONFIG, name)
                SOURCES.drop(pipe, [name])
                _forget(pipe, name)
                pipe.delete(cursor_key(name))
            pipe.incr(REVISION)
            await pipe.execute()


def _aim(config: SourceConfig) -> tuple[str, str]:
    """Say where a source points: pointed elsewhere, what it remembers is of no use."""
    return config.type, config.target


def _write(pipe: "Pipeline[bytes]", source: Registered, state: SourceRow, *, anew: bool) -> None:
    config = source.config
    row: SourceRow = {"name": config.name, "type": config.type, "url": config.what, "enabled": config.enabled}
    row |= {"state": "waiting" if config.enabled else "disabled", "detail": "", "next_poll": None, "failures": 0}
    row |= {"last_poll": state.get("last_poll"), "items": state.get("items", 0)}
    pipe.hset(CONFIG, config.name, source.model_dump_json(exclude_none=True))
    SOURCES.put(pipe, {config.name: row})
    _forget(pipe, config.name)
    if config.enabled:
        pipe.zadd(DUE_LIVE if config.live else DUE_LOCAL, {config.name: 0})
    if anew:
        pipe.delete(cursor_key(config.name))


def _forget(pipe: "Pipeline[bytes]", name: str) -> None:
    """Take a source from whoever polls it, and from those that are due."""
    pipe.hdel(LEASES, name)
    pipe.zrem(DUE_LIVE, name)
    pipe.zrem(DUE_LOCAL, name)
