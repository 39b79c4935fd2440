"""The loop that sends: claims what is due, attempts it, writes what came of it.

Claims and results are written in groups, as many as have come together, so that Redis is asked once for many.
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
"""Seconds that attempts on the way may still take when the process stops; those that take longer are given back."""
OUTAGE = (RedisError, OSError)
T = TypeVar("T")
log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once, and how often to look (seconds)."""

    concurrency: int
    poll: float
    lease: float


class Dispatcher:
    """Sends what is due, for one process; any number of processes share the claim."""

    def __init__(self, claims: DeliveryClaims, attempts: Attempts, pace: Pace) -> None:
        self._claims = claims
        self._attempts = attempts
        self._pace = pace
        self._wake = asyncio.Event()
        self._flying: set[asyncio.Task[None]] = set()
        self._mine: set[str] = set()
        self._tidy_at = 0.0
        self._done: asyncio.Queue[Settlement] = asyncio.Queue()

    def wake(self) -> None:
        """Look at once for what is due."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; then what is on the way ends or is given back."""
        helpers = [asyncio.create_task(self._settling()), asyncio.create_task(self._beating())]
        try:
            while True:
                await self._tidy()
                more = await self._fill()
                if not more:
                    await self._until_woken()
        finally:
            await finish(self._drain(helpers))

    async def _tidy(self) -> None:
        """Once a lease, give back what got lost between Redis and here. Not while claiming: that would look lost."""
        now = asyncio.get_running_loop().time()
        if now >= self._tidy_at:
            self._tidy_at = now + self._pace.lease
            if count := await self._stubbornly(lambda: self._claims.give_back(self._mine)):
                log.info("gave back deliveries that got lost on the way", count=count)

    async def _until_woken(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.poll):
                await self._wake.wait()
        self._wake.clear()

    async def _fill(self) -> bool:
        """Start what is due as far as there is room; tell whether there may be more to do at once."""
        room = self._pace.concurrency - len(self._flying)
        if room <= 0:
            return False
        ids = await self._stubbornly(lambda: self._claims.claim(room))
        self._mine.update(ids)
        claims = await self._stubbornly(lambda: self._attempts.prepare(ids)) if ids else []
        for claim in claims:
            task = asyncio.create_task(self._fly(claim))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return len(ids) == room

    async def _fly(self, claim: PreparedAttempt) -> None:
        try:
            settlement = await self._attempts.make(claim)
        except Exception:
            log.exception("attempt broke off", delivery=claim.id)
            self._mine.discard(claim.id)  # a stray now: it is tried again
            return
        self._done.put_nowait(settlement)

    async def _settling(self) -> None:
        """Write results, for as long as it takes: a result that is lost is a delivery made twice."""
        while True:
            batch = [await self._done.get()]
            while not self._done.empty():
                batch.append(self._done.get_nowait())
            held = await self._stubbornly(lambda batch=batch: self._claims.settle(batch))  # type: ignore[misc]
            if held < len(batch):
                log.warning("deliveries were taken over meanwhile", count=len(batch) - held)
            for one in batch:
                self._mine.discard(one.id)
                self._done.task_done()
            self.wake()  # endpoints have room again

    async def _beating(self) -> None:
        """Prove to be alive, and take over from the dead."""
        while True:
            if count := await self._stubbornly(self._claims.beat):
                log.info("took over deliveries of processes that are gone", count=count)
                self.wake()
            await asyncio.sleep(self._pace.lease / 3)

    async def _stubbornly(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask Redis until it answers."""
        while True:
            try:
                return await call()
            except OUTAGE as error:
                log.warning("deliveries wait for Redis", error=str(error))
                await asyncio.sleep(self._pace.poll)

    async def _drain(self, helpers: list[asyncio.Task[None]]) -> None:
        if self._flying:
            await asyncio.wait(self._flying, timeout=GRACE)
        await cancel(self._flying)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._done.join()
        await cancel(helpers)
        try:
            await self._claims.release()
        except OUTAGE as error:
            log.warning("others will take over deliveries when the lease ends", error=str(error))
