"""The configuration of sources in Redis: the file seeds it, commands change it, pollers follow."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from services.fetcher.ledger.ledger import Ledger
from services.fetcher.ledger.observation import Observation
from services.fetcher.polling.outcome import cursor_key
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import DUE_LIVE, DUE_LOCAL, SourceStore
from services.fetcher.sources.port import Poll, Source
from services.search.api.instance_state import InstanceState
from shared.board import SOURCES
from shared.bus import Bus
from shared.errors import TransientError
from tests.integration.fetcher.support import Clock, Scripted, config
from tests.support import item, until


class Unwritten:
    async def record(self, source: str, observed: Sequence[Observation]) -> None: ...

    async def failed(self, source: str, reason: str) -> None: ...


@pytest.fixture
def store(bus: Bus) -> SourceStore:
    return SourceStore(bus.redis)


async def names(store: SourceStore) -> dict[str, str]:
    return {name: source.origin for name, source in (await store.all()).items()}


async def test_the_file_overrides_its_own_sources_and_commands_keep_the_others(store: SourceStore) -> None:
    await store.seed([config("a"), config("b")])
    await store.add(config("mine"))
    await store.add(config("a", interval="6h"))
    await store.seed([config("a"), config("c")])
    assert await names(store) == {"a": "file", "c": "file", "mine": "command"}
    assert (await store.all())["a"].config == config("a")


async def test_a_start_with_the_same_file_changes_nothing(bus: Bus, store: SourceStore) -> None:
    """INVARIANT: a restart asks no source before its time."""
    await store.seed([config("a")])
    await bus.redis.zadd(DUE_LIVE, {"a": 5_000_000_000})
    revision = await store.revision()
    await store.seed([config("a")])
    assert await store.revision() == revision
    assert await bus.redis.zscore(DUE_LIVE, "a") == 5_000_000_000


async def test_a_removed_source_leaves_no_keys(bus: Bus, store: SourceStore) -> None:
    await store.seed([config("a")])
    await bus.redis.set(cursor_key("a"), "{}")
    found = await store.remove("a")
    assert found
    assert found.config == config("a")
    assert await store.remove("a") is None
    assert [key for key in await bus.redis.keys("*") if b"papers." not in key] == [b"sources:revision"]


async def test_a_source_with_a_new_address_starts_without_a_cursor(bus: Bus, store: SourceStore) -> None:
    """INVARIANT: the validators of one address are not sent to another."""
    await store.add(config("a"))
    await bus.redis.set(cursor_key("a"), '{"etag":"1"}')
    await store.add(config("a", interval="6h"))
    assert await bus.redis.exists(cursor_key("a"))
    await store.add(config("a", url="https://other.example/"))
    assert not await bus.redis.exists(cursor_key("a"))


async def test_the_secrets_of_an_address_are_not_shown(bus: Bus, store: SourceStore) -> None:
    """INVARIANT: the status, which anybody may read, has neither the password nor the token of a private feed."""
    await store.add(config("a", url="https://me:pass@x.example/feed?token=one"))
    assert (await store.states())["a"]["url"] == "https://x.example/feed?…"
    await bus.redis.set(cursor_key("a"), b"{}")
    await store.add(config("a", url="https://me:pass@x.example/feed?token=two"))
    assert not await bus.redis.exists(cursor_key("a")), "what is not shown still points elsewhere"


async def test_a_disabled_source_is_shown_and_not_polled(bus: Bus, store: SourceStore) -> None:
    await store.add(config("a", enabled=False))
    assert (await store.states())["a"]["state"] == "disabled"
    assert await bus.redis.zcard(DUE_LIVE) == 0
    assert not await store.hasten("a")
    await store.add(config("a"))
    assert await bus.redis.zscore(DUE_LIVE, "a") == 0


async def test_folders_of_two_sources_are_separate(bus: Bus, store: SourceStore) -> None:
    folder: dict[str, Any] = {"type": "folder", "url": None, "path": "/in"}
    await store.seed([config("a"), config("f", **folder)])
    assert await bus.redis.zrange(DUE_LOCAL, 0, -1) == [b"f"]
    offline = Poller(
        bus,
        lambda c: None if c.type == "feed" else Scripted(c.name, Poll()),
        Unwritten(),
        offline=True,
        clock=Clock(),
    )
    await offline.round()
    await offline.settled()
    states = await store.states()
    assert (states["a"]["state"], states["f"]["state"]) == ("offline", "ok")
    online = Poller(bus, lambda c: Scripted(c.name, Poll()), Unwritten(), clock=Clock())
    await online.round()
    await online.settled()
    assert (await store.states())["a"]["state"] == "ok"


async def test_a_running_poller_follows_changes(bus: Bus, store: SourceStore) -> None:
    made: list[Scripted] = []

    def make(found: Any) -> Source:
        made.append(Scripted(found.name, Poll([item(1)])))
        return made[-1]

    polling = Poller(bus, make, Unwritten(), clock=Clock())
    await polling.round()
    await store.add(config("a"))
    await polling.round()
    await polling.settled()
    assert [source.name for source in made] == ["a"]
    assert len(made[0].asked) == 1
    await polling.round()
    await store.hasten("a")
    await polling.round()
    await polling.settled()
    assert len(made[0].asked) == 2
    await store.remove("a")
    await polling.round()
    assert await bus.redis.hlen(SOURCES.key) == 0


async def test_a_source_removed_during_its_poll_publishes_nothing(bus: Bus, store: SourceStore) -> None:
    source = Scripted("a", Poll([item(1)]))
    source.gate.clear()
    polling = Poller(bus, lambda _: source, Unwritten(), clock=Clock())
    await store.add(config("a"))
    await polling.round()
    await until(lambda: source.asked)
    assert await store.hasten("a"), "it is being polled"
    await store.remove("a")
    source.gate.set()
    await polling.settled()
    assert await bus.redis.xlen("papers.fetched.v1") == 0
    assert await bus.redis.hgetall(SOURCES.key) == {}


async def test_a_state_is_json_with_all_fields(store: SourceStore, bus: Bus) -> None:
    await store.add(config("a"))
    row = orjson.loads(await bus.redis.hget(SOURCES.key, "a"))
    assert row["url"] == "https://a.example/feed"
    assert (row["state"], row["items"], row["last_poll"], row["enabled"]) == ("waiting", 0, None, True)


async def test_the_status_shows_the_counts_of_an_announcement(bus: Bus, store: SourceStore) -> None:
    """INVARIANT: what the fetcher writes in the ledger is what `/v1/status` reads."""
    clock = Clock()
    seen = Observation("cs.AI", clock.now.date().isoformat(), received=3, expected=3, counts={"new": 2, "revised": 1})
    ledger = Ledger(bus.redis, clock)
    names = ("good", "bad", "feed")
    sources = {
        "good": Scripted("good", Poll([item(1)], observed=(seen,))),
        "bad": Scripted("bad", TransientError("the source answers 503")),
        "feed": Scripted("feed", TransientError("the source answers 503")),
    }
    kinds: dict[str, dict[str, Any]] = {name: {"type": "huggingface", "url": None} for name in ("good", "bad")}
    await store.seed([config(name, **kinds.get(name, {})) for name in names])
    polling = Poller(bus, lambda found: sources[found.name], ledger, clock=clock)
    await polling.round()
    await polling.settled()
    rows = {row["source"]: row for row in await InstanceState(bus.redis).ledger()}
    assert (rows["good"]["category"], rows["good"]["received"], rows["good"]["state"]) == ("cs.AI", 3, "complete")
    assert (rows["bad"]["state"], rows["bad"]["reason"]) == ("failing", "the source answers 503")
    assert "feed" not in rows, "a feed has no announcement days"
