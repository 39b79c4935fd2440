"""A digest that was sent is known after a power cut, so it is not written again with other contents under its id."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from embedded.redis import EmbeddedRedis
from services.notifier.alerts.planner import gathered_key, last_key
from services.notifier.bootstrap import ClockAndRandom
from tests.integration.notifier.alerts.test_digests import DAILY, DAY, gathered, look, moment, paper
from tests.integration.notifier.support import Clock, Receiver, indexed, notifier
from tests.power_cut import Disk, disk
from tests.support import until

DUE = "2026-03-24T07:00"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Disk]:
    with disk(tmp_path) as made:
        yield made


async def test_a_digest_that_was_sent_is_known_after_a_power_cut(
    device: Disk, tmp_path: Path, qdrant_url: str, receiver: Receiver
) -> None:
    """INVARIANT: three in a row, so that the sync that Redis makes once a second cannot be what keeps them."""
    clock = Clock(moment("2026-03-23T12:00"))
    async with (
        EmbeddedRedis(device.root / "redis") as server,
        notifier(server.url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5), digest_poll=60) as wire,
    ):
        made = await wire.subscribe(receiver.url(), query="folding cranes", sensitivity=0.1, schedule=DAILY)
        for day in range(3):
            await gathered(wire, indexed(paper(day, f"folding cranes {day}")))
            clock.now = due = moment(DUE) + day * DAY
            await look(wire)
            await until(lambda day=day: len(receiver.arrived) == day + 1)  # type: ignore[misc]
            after = device.cut_power()
            async with EmbeddedRedis(after / "redis") as restarted, Redis.from_url(restarted.url) as client:
                assert float(await client.get(last_key(made["id"])) or 0) == due
                assert await client.zcard(gathered_key(made["id"])) == 0
