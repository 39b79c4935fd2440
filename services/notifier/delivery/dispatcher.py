"""The loop that sends deliveries: claim what is due, attempt it, write the results.

Claims and results are written in batches, so that one round trip to Redis serves many deliveries.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from redis.exceptions import RedisError

from services.notifier.delivery.attempt import Attempts, PreparedAttempt
from services.notifier.delivery.claims import DeliveryClaims, Settlement
from shared.tasks import cancel, finish

GRACE: Final = 2.0
"""Seconds that attempts under way may still take when the process stops; slower ones are released."""
OUTAGE = (RedisError, OSError)
T = TypeVar("T")
log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class Pace:
    """The number of concurrent attempts, and the seconds between polls and of a lease."""

    concurrency: int
    poll: float
    lease: float


class Dispatcher:
    """Send due deliveries. Any number of processes share the work."""

    def __init__(self, claims: DeliveryClaims, attempts: Attempts, pace: Pace) -> None:
        self._claims = claims
        self._attempts = attempts
        self._pace = pace
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._claimed: set[str] = set()
        self._next_tidy = 0.0
        self._results: asyncio.Queue[Settlement] = asyncio.Queue()

    def wake(self) -> None:
        """Check at once for due deliveries."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; then finish the attempts under way, or release their deliveries."""
        helpers = [asyncio.create_task(self._write_results()), asyncio.create_task(self._renew_lease())]
        try:
            while True:
                await self._tidy()
                more = await self._fill()
                if not more:
                    await self._until_woken()
        finally:
            await finish(self._drain(helpers))

    async def _tidy(self) -> None:
        """Release claims whose answer from Redis was lost, once a lease. It must not run during a claim."""
        now = asyncio.get_running_loop().time()
        if now >= self._next_tidy:
            self._next_tidy = now + self._pace.lease
            if count := await self._until_redis_answers(lambda: self._claims.give_back(self._claimed)):
                log.info("lost_claims released", count=count)

    async def _until_woken(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.poll):
                await self._wake.wait()
        self._wake.clear()

    async def _fill(self) -> bool:
        """Start as many due deliveries as there is room for; return whether more may be due."""
        room = self._pace.concurrency - len(self._under_way)
        if room <= 0:
            return False
        ids = await self._until_redis_answers(lambda: self._claims.claim(room))
        self._claimed.update(ids)
        for prepared in await self._until_redis_answers(lambda: self._attempts.prepare(ids)) if ids else []:
            task = asyncio.create_task(self._attempt(prepared))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(ids) == room

    async def _attempt(self, prepared: PreparedAttempt) -> None:
        try:
            settlement = await self._attempts.make(prepared)
        except Exception:
            log.exception("attempt crashed", delivery=prepared.id)
            self._claimed.discard(prepared.id)  # a lost claim from now on: it is released and attempted again
            return
        self._results.put_nowait(settlement)

    async def _write_results(self) -> None:
        """Write results until Redis accepts them, as a lost result means a repeated delivery."""
        while True:
            batch = [await self._results.get()]
            while not self._results.empty():
                batch.append(self._results.get_nowait())
            held = await self._until_redis_answers(lambda batch=batch: self._claims.settle(batch))  # type: ignore[misc]
            if held < len(batch):
                log.warning("results discarded", reason="another process took over", count=len(batch) - held)
            for one in batch:
                self._claimed.discard(one.id)
                self._results.task_done()
            self.wake()  # their lanes have room again

    async def _renew_lease(self) -> None:
        """Renew the lease, and take over from processes that died."""
        while True:
            if count := await self._until_redis_answers(self._claims.beat):
                log.info("deliveries taken_over", count=count)
                self.wake()
            await asyncio.sleep(self._pace.lease / 3)

    async def _until_redis_answers(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a call until Redis answers."""
        while True:
            try:
                return await call()
            except OUTAGE as error:
                log.warning("deliveries delayed", error=str(error))
                await asyncio.sleep(self._pace.poll)

    async def _drain(self, helpers: list[asyncio.Task[None]]) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        await cancel(self._under_way)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._results.join()
        await cancel(helpers)
        try:
            await self._claims.release()
        except OUTAGE as error:
            log.warning("deliveries not_released", error=str(error))
