"""A group that stands still while work waits makes its process not ready."""

import time
from collections.abc import Sequence

from prometheus_client import REGISTRY

from shared.bus import Bus, Entry, Hop
from shared.bus.backlog import measure
from shared.bus.progress import STALLED_S, Progress, unfinished
from shared.papers.events import PaperFetched
from shared.papers.streams import FETCHED
from tests.support import fetched, publish, settled, until


async def look(bus: Bus, progress: Progress, seconds: float) -> str | None:
    """Look at the group `enricher` as if `seconds` had passed; return why it is stuck."""
    left = await unfinished(bus.redis, FETCHED.name, "enricher")
    progress.look(FETCHED.name, left, 1_000 + seconds, time.time() + seconds)
    return progress.trouble


async def test_a_group_is_stuck_when_entries_wait_and_nothing_is_settled(bus: Bus) -> None:
    """INVARIANT: waiting and pending entries count alike; a delivery or an acknowledgement is progress."""
    progress = Progress()
    assert await look(bus, progress, 10 * STALLED_S) is None, "nothing waits"
    await publish(bus, FETCHED, *(fetched(n) for n in range(4)))
    assert await look(bus, progress, 0) is None
    assert await look(bus, progress, STALLED_S - 1) is None
    assert "papers.fetched.v1 makes no progress" in (await look(bus, progress, STALLED_S) or "")
    [[_, rows]] = await bus.redis.xreadgroup("enricher", "one", {FETCHED.name: ">"}, count=2)
    assert await look(bus, progress, STALLED_S + 1) is None, "two were delivered"
    assert "nothing was settled for 120 seconds" in (await look(bus, progress, 2 * STALLED_S + 1) or "")
    await bus.redis.xack(FETCHED.name, "enricher", rows[0][0])
    assert await look(bus, progress, 2 * STALLED_S + 2) is None, "one was settled"
    assert "its oldest unfinished entry is 36" in (await look(bus, progress, 3 * STALLED_S + 2) or "")


async def test_the_process_is_not_ready_while_a_group_is_stuck(bus: Bus) -> None:
    async def handle(_: Sequence[Entry[PaperFetched]], __: Hop) -> None:
        """Do nothing."""

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    bus._watch._progress[FETCHED.name, "enricher"].trouble = "papers.fetched.v1 makes no progress"
    assert bus.trouble == "papers.fetched.v1 makes no progress"
    await publish(bus, FETCHED, fetched(1))
    await until(lambda: settled(bus, FETCHED, "enricher"))
    await until(lambda: bus.trouble is None)


async def test_the_age_of_the_oldest_unfinished_entry_is_a_metric(bus: Bus) -> None:
    def age() -> float | None:
        labels = {"stream": FETCHED.name, "group": "enricher"}
        return REGISTRY.get_sample_value("paperwire_oldest_unfinished_seconds", labels)

    await measure(bus.redis)
    assert age() == 0
    old = int((time.time() - 500) * 1000)
    await bus.redis.xadd(FETCHED.name, {"any": "thing"}, id=f"{old}-0")
    await measure(bus.redis)
    assert 500 <= (age() or 0) < 520
