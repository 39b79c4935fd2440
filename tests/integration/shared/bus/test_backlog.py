"""What streams hold is on /metrics, in every process."""

from pathlib import Path

from prometheus_client import REGISTRY

from shared.bus import Bus, open_redis
from shared.bus.backlog import measure
from shared.bus.upkeep import lag
from shared.papers.streams import FETCHED
from tests.support import fetched, publish


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"stream": FETCHED.name, **labels})


async def test_waiting_pending_and_dead_entries_are_counted(bus: Bus) -> None:
    await publish(bus, FETCHED, *(fetched(n) for n in range(7)))
    await bus.redis.xreadgroup("enricher", "one", {FETCHED.name: ">"}, count=2)
    await bus.redis.xadd(FETCHED.dead, {"reason": "bad"})
    await measure(bus.redis)
    assert value("paperwire_backlog", group="enricher", state="waiting") == 5
    assert value("paperwire_backlog", group="enricher", state="pending") == 2
    assert value("paperwire_dead_letters") == 1


async def test_unknown_counts_are_null(bus: Bus, tmp_path: Path) -> None:
    await measure(bus.redis)
    assert value("paperwire_dead_letters") == 0
    nowhere = open_redis(f"unix://{tmp_path / 'nobody.sock'}")
    await measure(nowhere)
    await nowhere.aclose()
    assert value("paperwire_dead_letters") is None
    assert value("paperwire_backlog", group="enricher", state="waiting") is None


async def test_waiting_entries_are_counted_up_to_a_limit_where_redis_does_not_know(bus: Bus) -> None:
    await publish(bus, FETCHED, *(fetched(n) for n in range(7)))
    assert (await lag(bus.redis, FETCHED.name, "enricher", most=4))["waiting"] in {4, 7}  # Redis before 7, and later
