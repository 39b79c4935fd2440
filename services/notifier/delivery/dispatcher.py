"""The loop that sends deliveries: claim what is due, attempt it, write the results.

Claims and results are written in batches, so that one round trip to Redis serves many deliveries.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog
from cryptography.fernet import InvalidToken
from redis.exceptions import RedisError

from services.notifier.channels.exchange import Answer
from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery import retry
from services.notifier.delivery.deliveries import (
    Attempt,
    Deliveries,
    DeliveryClaims,
    DeliveryState,
    Record,
    Settlement,
    lane_of,
)
from services.notifier.delivery.retry import Outcome, Verdict
from services.notifier.delivery.sender import Outgoing, Senders
from services.notifier.fields.secret import Secret
from services.notifier.secrets.vault import Secrets, Vault
from services.notifier.subscription.store import Row, Store
from shared import telemetry
from shared.moments import from_unix
from shared.outages import outage
from shared.tasks import cancel, finish

GRACE: Final = 2.0
"""Seconds that attempts under way may still take when the process stops; slower ones are released."""
OUTAGE = (RedisError, OSError)
T = TypeVar("T")
STATES: Final = {
    Outcome.DELIVERED: DeliveryState.DELIVERED,
    Outcome.RETRY: DeliveryState.PENDING,
    Outcome.GONE: DeliveryState.FAILED,
    Outcome.FAILED: DeliveryState.FAILED,
}
UNREADABLE: Final = "Its secret cannot be read: rotate the secret, set the channel again, then resume."
_MAX_DESTINATIONS: Final = 4_096
"""Destinations that are cached, as many as rows are."""
Disable = Callable[[Row, str], Awaitable[None]]
Move = Callable[[Row, str], Awaitable[None]]

log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of a row: its channel with decrypted secrets, these secrets, and its lane."""

    row: Row
    channel: AnyChannel
    secrets: tuple[Secret, ...]
    lane: str


@dataclass(frozen=True, slots=True)
class PreparedAttempt:
    """A claimed delivery with what its attempt needs; a part that no longer exists is None."""

    id: str
    record: Record | None
    body: bytes | None
    row: Row | None
    secrets: Secrets | None


class Attempts:
    """Make attempts at deliveries."""

    def __init__(  # noqa: PLR0913  # its collaborators, by name
        self,
        deliveries: Deliveries,
        store: Store,
        vault: Vault,
        senders: Senders,
        *,
        disable: Disable,
        move: Move,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        """Take the `senders` by type of channel, and what changes a subscription after an answer.

        `disable` disables it for a reason, `move` keeps the new id of its endpoint.

        `clock` returns Unix seconds, `random` a number from 0 to 1.
        """
        self._deliveries = deliveries
        self._store = store
        self._vault = vault
        self._senders = senders
        self._disable = disable
        self._move = move
        self._clock = clock
        self._random = random
        self._destinations: dict[str, Destination] = {}

    async def prepare(self, ids: Sequence[str]) -> list[PreparedAttempt]:
        """Read what the attempts of claimed deliveries need."""
        records, bodies = await asyncio.gather(self._deliveries.records(ids), self._deliveries.bodies(ids))
        ids_ = [record.subscription if record else "" for record in records]
        rows, secrets = await asyncio.gather(self._store.several(ids_), self._vault.several(ids_))
        claims = [PreparedAttempt(*one) for one in zip(ids, records, bodies, rows, secrets, strict=True)]
        return [await self._with_active_subscription(prepared) for prepared in claims]

    async def _with_active_subscription(self, prepared: PreparedAttempt) -> PreparedAttempt:
        """Replace the subscription of a merged alert, if it is not active, by another one of the alert that is."""
        record = prepared.record
        if record is None or not record.also or (prepared.row and prepared.row.subscription.active):
            return prepared
        rows, secrets = await asyncio.gather(self._store.several(record.also), self._vault.several(record.also))
        active = (one for one in zip(rows, secrets, strict=True) if one[0] and one[0].subscription.active)
        row, secret = next(active, (prepared.row, prepared.secrets))
        return replace(prepared, row=row, secrets=secret)

    async def make(self, prepared: PreparedAttempt) -> Settlement:
        """Make an attempt, if the delivery is still pending and its subscription active."""
        record, row = prepared.record, prepared.row
        if record is None or record.state is not DeliveryState.PENDING:
            return Settlement(prepared.id, record)
        if row is None or prepared.body is None:
            return _ended(record, DeliveryState.FAILED)  # its subscription was deleted, or its retention is over
        if not row.subscription.active:
            return _ended(record, DeliveryState.HELD)
        now, secrets, destination = self._clock(), prepared.secrets, self._destination(row)
        if secrets is None or destination is None:
            await self._disable(row, UNREADABLE)
            return _ended(record, DeliveryState.HELD)
        outgoing = Outgoing(record, row.subscription, destination.channel, prepared.body, secrets, now)
        answer = retry.redacted_answer(await self._sent(outgoing), destination.secrets)
        if answer.moved:
            await self._move(row, answer.moved)
        verdict = self._judge(record, answer)
        telemetry.DELIVERIES.labels(destination.channel.type, verdict.outcome.value).inc()
        if reason := await self._reason_to_disable(outgoing, destination.lane, answer, verdict):
            await self._disable(row, reason)
        return _settlement(record, destination.lane, now, answer, verdict)

    def _destination(self, row: Row) -> Destination | None:
        """Return the destination of a row, None if its secrets cannot be decrypted.

        The store returns the same object while a row does not change.
        """
        known = self._destinations.get(row.subscription.id)
        if known is None or known.row is not row:
            try:
                channel = self._vault.open(row.subscription.channel)
            except InvalidToken:
                return None
            known = Destination(row, channel, channel.secrets(), lane_of(row.owner, row.subscription.channel))
            if len(self._destinations) >= _MAX_DESTINATIONS:
                self._destinations.clear()
            self._destinations[row.subscription.id] = known
        return known

    async def _sent(self, outgoing: Outgoing[AnyChannel]) -> Answer:
        try:
            return await self._senders[outgoing.channel.type].send(outgoing)
        except Exception as error:  # a defect of ours: retry by the schedule, not at once forever
            if outage(error):
                raise  # nothing was sent, and the endpoint has no part in it
            log.exception("attempt failed", delivery=outgoing.record.id, channel=outgoing.channel.type)
            return Answer(0.0, error="Paperwire failed to send this. The error is in its log.")

    async def _reason_to_disable(
        self, outgoing: Outgoing[AnyChannel], lane: str, answer: Answer, verdict: Verdict
    ) -> str | None:
        """Return why to disable the subscription, or None. Resuming a subscription starts the period again."""
        if verdict.outcome is Outcome.GONE:
            return retry.reason_gone(answer)
        if verdict.outcome is Outcome.DELIVERED or outgoing.record.test:
            return None
        failing = await self._deliveries.failing_since(lane) or outgoing.at
        since = max(failing, outgoing.subscription.state.since.timestamp())
        if outgoing.at - since < retry.DISABLE_AFTER:
            return None
        return f"The endpoint has failed since {from_unix(since):%Y-%m-%d %H:%M} UTC, for more than five days."

    def _judge(self, record: Record, answer: Answer) -> Verdict:
        return retry.judge(
            answer,
            attempt=record.attempts + 1,
            now=self._clock(),
            random=self._random,
            schedule=retry.TEST_SCHEDULE if record.test else retry.SCHEDULE,
        )


def _ended(record: Record, state: DeliveryState) -> Settlement:
    return Settlement(record.id, record.model_copy(update={"state": state, "next_attempt_at": None}))


def _settlement(record: Record, lane: str, at: float, answer: Answer, verdict: Verdict) -> Settlement:
    following = None if verdict.retry_at is None else from_unix(verdict.retry_at)
    changes = {"state": STATES[verdict.outcome], "attempts": record.attempts + 1, "next_attempt_at": following}
    attempt = Attempt(
        at=from_unix(at), status=answer.status, latency_ms=answer.latency_ms, error=answer.error, answer=answer.body
    )
    return Settlement(
        record.id,
        record.model_copy(update=changes),
        lane,
        attempt,
        verdict.retry_at,
        verdict.pause_until,
        verdict.outcome is Outcome.DELIVERED,
    )


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
        self._outage: str | None = None
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
                log.info("claims released", count=count)

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
        except Exception as error:
            if what := outage(error):
                log.warning("attempt delayed", delivery=prepared.id, reason=what)
            else:
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
                log.info("deliveries reassigned", count=count)
                self.wake()
            await asyncio.sleep(self._pace.lease / 3)

    async def _until_redis_answers(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a call until Redis answers; the beginning and the end of an outage are logged."""
        while True:
            try:
                answer = await call()
            except OUTAGE as error:
                if self._outage != (what := outage(error) or str(error)):
                    self._outage = what
                    log.warning("deliveries delayed", error=what)
                await asyncio.sleep(self._pace.poll)
            else:
                if self._outage:
                    self._outage = None
                    log.info("deliveries resumed")
                return answer

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
            log.warning("release failed", error=str(error))
