"""How the dispatcher stops, on a real Redis."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from services.notifier.channels.exchange import Answer
from services.notifier.channels.webhook import Webhook
from services.notifier.delivery.deliveries import ClaimLimits, Deliveries, DeliveryClaims, DeliveryState, Record
from services.notifier.delivery.dispatcher import Attempts, Dispatcher, Pace
from services.notifier.delivery.sender import Outgoing
from services.notifier.secrets.cipher import load_cipher
from services.notifier.secrets.vault import Vault
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.store import Row, Store
from shared.bus import Bus
from shared.tasks import cancel
from tests.integration.notifier.support import Clock

PACE = Pace(concurrency=8, poll=0.01, lease=5.0)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Slow:
    """A sender whose endpoint answers slowly."""

    def __init__(self, seconds: float) -> None:
        self.begun = asyncio.Event()
        self._seconds = seconds

    async def send(self, outgoing: Outgoing[Webhook]) -> Answer:
        self.begun.set()
        await asyncio.sleep(self._seconds)
        return Answer(self._seconds * 1_000, 200, body=outgoing.record.id)


class Interrupted(DeliveryClaims):
    """Claims whose client reports the first cancellation as a lost connection, as redis-py does at times."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        super().__init__(redis, "one", clock, ClaimLimits(4, 24, 5.0, 86_400))
        self.waits = asyncio.Event()
        self.swallowed = 0

    async def beat(self) -> int:
        try:
            self.waits.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.swallowed:
                raise
            self.swallowed += 1
            raise RedisConnectionError("the connection was closed") from None
        return 0


async def refuse(row: Row, reason: str) -> None:
    raise AssertionError(row, reason)


class Parts:
    """The parts that attempts need."""

    def __init__(self, redis: Redis, directory: Path) -> None:
        self.clock, self.redis = Clock(), redis
        self.vault = Vault(redis, self.clock, load_cipher(None, directory))
        self.deliveries, self.store = Deliveries(redis, self.clock, 86_400), Store(redis)

    def attempts(self, slow: Slow) -> Attempts:
        return Attempts(
            self.deliveries, self.store, self.vault, {"webhook": slow}, disable=refuse, move=refuse,
            clock=self.clock, random=lambda: 0.5,
        )  # fmt: skip

    async def write(self) -> None:
        """Write one delivery of one subscription."""
        channel = Webhook(type="webhook", url="https://example.org/hook")
        subscription = Subscription(
            id="s", name="s", must=("graph",), channel=channel, state=State(since=NOW), created_at=NOW, updated_at=NOW
        )
        await self.store.put_hidden(Row(owner="a", subscription=subscription))
        await self.vault.create("s")
        await self.deliveries.create(Record(id="d", subscription="s", owner="a", created_at=NOW), b"{}", channel)


@pytest.fixture
def parts(bus: Bus, tmp_path: Path) -> Parts:
    return Parts(bus.redis, tmp_path)


async def test_a_cancellation_that_the_client_swallows_once_does_not_hold_up_the_stop(parts: Parts) -> None:
    claims = Interrupted(parts.redis, parts.clock)
    running = asyncio.create_task(Dispatcher(claims, parts.attempts(Slow(0)), PACE).run())
    await claims.waits.wait()
    async with asyncio.timeout(10):
        await cancel([running])
    assert running.cancelled()
    assert claims.swallowed == 1


async def test_an_attempt_under_way_ends_although_the_stop_is_repeated(parts: Parts) -> None:
    await parts.write()
    slow = Slow(1.0)
    claims = DeliveryClaims(parts.redis, "one", parts.clock, ClaimLimits(4, 24, 5.0, 86_400))
    running = asyncio.create_task(Dispatcher(claims, parts.attempts(slow), PACE).run())
    await slow.begun.wait()
    await cancel([running])  # several times, as the attempt takes longer than it waits
    assert running.cancelled()
    (record,) = await parts.deliveries.records(["d"])
    assert record
    assert record.state is DeliveryState.DELIVERED
    assert not await parts.redis.exists("deliveries:alive:one")
