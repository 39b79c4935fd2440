"""Checks of conditions in plain words: alerts that wait for the language model, and the loop that asks it.

The hop that finds a match writes its alert as one that waits, which takes no request. The loop asks the model. Then it
turns the alert into a delivery or a kept match, or records that the paper does not meet the condition: in one
transaction, and only if the alert still waits, so that it is written once, whatever process is killed. An alert waits
for a while at most; then it goes without a check.
"""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from services.notifier.alerts.planner import PlannedAlert, check_key, waiting_key
from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.matching import alert_body
from services.notifier.matching.condition_outcome import Outcome, unchecked
from services.notifier.matching.judge import NOT_SET_UP, Judge
from services.notifier.subscription.due_set import DueSet
from services.notifier.subscription.store import Row, Store
from shared.bus.outage_log import OutageLog
from shared.coordination.durability import durable
from shared.llm.language_model import LaterError
from shared.outages import POSSIBLE_OUTAGES

CHECKS_DUE: Final = "checks:due"
"""The alerts that wait, by the Unix seconds at which to check them."""
MAX_WAIT_S: Final = 120.0
"""Seconds that an alert that is sent at once waits for its check at most."""
MAX_DIGEST_WAIT_S: Final = 3_600.0
"""The same of one for a digest or a feed."""
_AT_ONCE: Final = 4
"""Checks of one process at the same time."""
_LEASE_S: Final = 300.0
"""Seconds after which another process may check the same alert; a request with its repetitions takes less."""
_IDLE_S: Final = 60.0
"""Seconds between polls without a model: only what another process found with one can wait then."""
STALE_S: Final = 86_400
"""Seconds after which an alert goes without a check, whatever the model can do: it is kept until then and longer."""
_LATE: Final = "it waited for a day"
_SAMPLE: Final = "a sample paper spends nothing of the budget"
log = structlog.get_logger("notifier")


class ConditionChecks:
    """Keep alerts until they are checked, and check them. Any number of processes share the work."""

    def __init__(  # noqa: PLR0913, PLR0917  # its collaborators
        self,
        redis: Redis,
        store: Store,
        write: Callable[[Pipeline, PlannedAlert], None],
        deliveries: Deliveries,
        judge: Judge,
        wake: Callable[[], None],
        clock: Callable[[], float],
        poll: float,
    ) -> None:
        """Take `write`, which adds an alert to a transaction, and `wake`, which starts deliveries.

        `clock` returns Unix seconds; `poll` is the seconds between polls.
        """
        self._redis = redis
        self._store = store
        self._write_alert = write
        self._deliveries = deliveries
        self._judge = judge
        self._wake = wake
        self._clock = clock
        self._poll = poll
        self._outages = OutageLog()
        self._due = DueSet(redis, CHECKS_DUE, _LEASE_S, MAX_DIGEST_WAIT_S)

    def add(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Write an alert whose subscription has a condition; without a model it goes without a check."""
        if alert.only_if and not self._judge.works:
            self._write_alert(pipe, _told(alert, unchecked(alert.only_if, NOT_SET_UP)))
            return
        id_, waiting, now = alert.record.id, waiting_key(alert.record.subscription), self._clock()
        pipe.set(check_key(id_), _packed(alert, now), nx=True)
        pipe.zadd(CHECKS_DUE, {id_: now}, nx=True)
        pipe.zadd(waiting, {id_: now}, nx=True)

    async def run(self) -> None:
        """Check alerts until cancelled."""
        while True:
            busy = 0
            with self._outages.logged("checks of conditions", self._poll, *POSSIBLE_OUTAGES):
                busy = await self.check_due()
            if not busy:
                await asyncio.sleep(self._poll if self._judge.works else _IDLE_S)

    async def check_due(self) -> int:
        """Check alerts that are due, some at the same time; return how many."""
        ids = await self._due.claim(self._clock(), _AT_ONCE)
        if written := sum(await asyncio.gather(*(self._check(id_) for id_ in ids))):
            await durable(self._redis)  # a power cut must not take back what was decided about what was sent
            log.info("conditions checked", count=written)
            self._wake()
        return len(ids)

    async def _check(self, id_: str) -> bool:
        """Check an alert, and write it; return False if it waits on, or is gone."""
        raw: Any = await self._redis.get(check_key(id_))
        if raw is None:
            await self._redis.zrem(CHECKS_DUE, id_)
            return False
        waiting: dict[str, Any] = orjson.loads(zlib.decompress(raw))
        row = (await self._store.several([waiting["record"]["subscription"]]))[0]
        if row is None:
            return await self._settle(id_, lambda _: None, waiting["record"]["subscription"])
        alert = _unpacked(waiting, row)
        try:
            outcome = await self._outcome(alert, waiting)
        except LaterError as error:
            return await self._wait(alert, error.retry_after or 1.0)
        return await self._settle(id_, lambda pipe: self._write(pipe, alert, outcome), row.subscription.id)

    async def _outcome(self, alert: PlannedAlert, waiting: dict[str, Any]) -> Outcome | None:
        """Return the outcome of the condition that the subscription has now; None if it has none any more.

        Raises:
            LaterError: there is time to try again.

        """
        if alert.only_if is None:
            return None
        if self._clock() >= waiting["since"] + STALE_S:
            return unchecked(alert.only_if, _LATE)
        paper = waiting["body"]["data"]["paper"]
        if paper.get("sample"):
            return unchecked(alert.only_if, _SAMPLE)
        try:
            return await self._judge.decide(paper["title"], paper["abstract"], alert.only_if)
        except LaterError as error:
            longest = MAX_WAIT_S if alert.is_sent_at_once else MAX_DIGEST_WAIT_S
            if self._clock() + (error.retry_after or 0.0) < waiting["since"] + longest:
                raise
            return unchecked(alert.only_if, str(error))

    def _write(self, pipe: Pipeline, alert: PlannedAlert, outcome: Outcome | None) -> None:
        told = _told(alert, outcome) if outcome else alert
        if outcome and outcome.verdict == "no":
            self._deliveries.decline(pipe, told.record, told.body, outcome)
        else:
            self._write_alert(pipe, told)

    async def _wait(self, alert: PlannedAlert, seconds: float) -> bool:
        await self._redis.zadd(CHECKS_DUE, {alert.record.id: self._clock() + seconds}, xx=True)
        return False

    async def _settle(self, id_: str, write: Callable[[Pipeline], None], subscription: str) -> bool:
        """Write what came of an alert, if it still waits; another process may have been faster."""
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(check_key(id_))
            if not await pipe.exists(check_key(id_)):
                return False
            pipe.multi()
            write(pipe)
            pipe.delete(check_key(id_))
            pipe.zrem(CHECKS_DUE, id_)
            pipe.zrem(waiting_key(subscription), id_)
            try:
                await pipe.execute()
            except WatchError:
                return False
        return True


def _told(alert: PlannedAlert, outcome: Outcome) -> PlannedAlert:
    return replace(alert, body=alert_body.with_outcome(alert.body, outcome))


def _packed(alert: PlannedAlert, since: float) -> bytes:
    fields = {"record": alert.record.model_dump(mode="json"), "rank": alert.rank, "published": alert.published}
    return zlib.compress(orjson.dumps({**fields, "since": since, "body": orjson.Fragment(alert.body)}), 1)


def _unpacked(waiting: dict[str, Any], row: Row) -> PlannedAlert:
    """Return a waiting alert for its subscription as it is now."""
    one = row.subscription
    return PlannedAlert(
        record=Record.model_validate(waiting["record"]),
        body=orjson.dumps(waiting["body"]),
        channel=one.channel,
        schedule=one.schedule,
        rank=waiting["rank"],
        published=waiting["published"],
        only_if=one.only_if,
    )
