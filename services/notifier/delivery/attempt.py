"""One attempt at one delivery: what it needs, the request, and what follows from the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

import structlog

from services.notifier.channels.exchange import Answer
from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery import retry
from services.notifier.delivery.claims import Settlement
from services.notifier.delivery.deliveries import Attempt, Deliveries, DeliveryState, Record
from services.notifier.delivery.lanes import lane_of
from services.notifier.delivery.retry import Outcome, Verdict
from services.notifier.delivery.sender import Outgoing, Senders
from services.notifier.fields.secret import Secret, redacted
from services.notifier.secrets.vault import Secrets, Vault
from services.notifier.subscription.store import Row, Store
from shared import telemetry
from shared.moments import from_unix

STATES: Final = {
    Outcome.DELIVERED: DeliveryState.DELIVERED,
    Outcome.RETRY: DeliveryState.PENDING,
    Outcome.GONE: DeliveryState.FAILED,
    Outcome.FAILED: DeliveryState.FAILED,
}
log = structlog.get_logger("notifier")
_MAX_DESTINATIONS: Final = 4_096
"""Destinations that are cached, as many as rows are."""
Disable = Callable[[Row, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the deliveries of a row go: its channel with decrypted secrets, these secrets, and its lane."""

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
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        """Take the `senders` by type of channel, and `disable`, which disables a subscription for a reason.

        `clock` returns Unix seconds, `random` a number from 0 to 1.
        """
        self._deliveries = deliveries
        self._store = store
        self._vault = vault
        self._senders = senders
        self._disable = disable
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
        if row is None or prepared.body is None or prepared.secrets is None:
            return _ended(record, DeliveryState.FAILED)  # its subscription was deleted, or its retention is over
        if not row.subscription.active:
            return _ended(record, DeliveryState.HELD)
        now, destination = self._clock(), self._destination(row)
        outgoing = Outgoing(record, row.subscription, destination.channel, prepared.body, prepared.secrets, now)
        answer = _redacted_answer(await self._sent(outgoing), destination.secrets)
        verdict = self._judge(record, answer)
        telemetry.DELIVERIES.labels(destination.channel.type, verdict.outcome.value).inc()
        if reason := await self._reason_to_disable(outgoing, destination.lane, answer, verdict):
            await self._disable(row, reason)
        return _settlement(record, destination.lane, now, answer, verdict)

    def _destination(self, row: Row) -> Destination:
        """Return the destination of a row. The store returns the same object while a row does not change."""
        known = self._destinations.get(row.subscription.id)
        if known is None or known.row is not row:
            channel = self._vault.open(row.subscription.channel)
            known = Destination(row, channel, channel.secrets(), lane_of(row.owner, row.subscription.channel))
            if len(self._destinations) >= _MAX_DESTINATIONS:
                self._destinations.clear()
            self._destinations[row.subscription.id] = known
        return known

    async def _sent(self, outgoing: Outgoing[AnyChannel]) -> Answer:
        try:
            return await self._senders[outgoing.channel.type].send(outgoing)
        except Exception:  # a defect of ours: retry by the schedule, not at once forever
            log.exception("attempt failed", delivery=outgoing.record.id, channel=outgoing.channel.type)
            return Answer(0.0, error="Paperwire failed to send this. The error is in its log.")

    async def _reason_to_disable(
        self, outgoing: Outgoing[AnyChannel], lane: str, answer: Answer, verdict: Verdict
    ) -> str | None:
        """Return why to disable the subscription, or None. Resuming a subscription starts the period again."""
        if verdict.outcome is Outcome.GONE:
            return answer.error or f"The endpoint answered {_status_text(answer.status)}."
        if verdict.outcome is Outcome.DELIVERED or outgoing.record.test:
            return None
        failing = await self._deliveries.failing_since(lane) or outgoing.at
        since = max(failing, outgoing.subscription.state.since.timestamp())
        if outgoing.at - since < retry.DISABLE_AFTER:
            return None
        return f"The endpoint has failed since {from_unix(since):%Y-%m-%d %H:%M} UTC, for more than five days."

    def _judge(self, record: Record, answer: Answer) -> Verdict:
        return retry.judge(
            status=answer.verdict_status,
            retry_after=answer.retry_after,
            attempt=record.attempts + 1,
            now=self._clock(),
            random=self._random,
            schedule=retry.TEST_SCHEDULE if record.test else retry.SCHEDULE,
        )


def _redacted_answer(answer: Answer, secrets: Sequence[Secret]) -> Answer:
    """Redact the secrets that an answer echoes."""
    error = redacted(answer.error, secrets) if answer.error else None
    return replace(answer, error=error, body=redacted(answer.body, secrets)) if secrets else answer


def _status_text(status: int | None) -> str:
    phrases = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
    return phrases.get(status or 0, str(status))


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
