"""The loop that writes digests: the matches of a subscription become one delivery, in one transaction.

A due time in Redis only says when to check a subscription. Whether its digest is due follows from the clock, the
schedule and the time of its first waiting match. So after an outage one digest covers the whole period, and a lease
or a new schedule may move a due time.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from services.notifier.alerts import announcements, digest_body
from services.notifier.alerts.digest_body import Period
from services.notifier.alerts.matched_until import MatchedUntil
from services.notifier.alerts.planner import (
    CHECK_EVERY,
    DIGESTS_DUE,
    FIRST_GATHERED,
    FIRST_PUBLISHED,
    clear_gathered,
    count_key,
    decode_kept,
    drop_bodies,
    feed_key,
    gathered_key,
    last_key,
    match_key,
    waiting_key,
)
from services.notifier.delivery.deliveries import Deliveries, DeliveryState, Record, key_of, read_record
from services.notifier.subscription.digest_schedule import MAX_WAIT_FOR_BATCH, Daily, Weekly, last_due, next_due
from services.notifier.subscription.due_set import DueSet
from services.notifier.subscription.store import Row, Store
from shared.board import LEDGER, DayRow
from shared.bus.outage_log import OutageLog
from shared.coordination.durability import durable
from shared.moments import from_unix
from shared.outages import POSSIBLE_OUTAGES

_BATCH_SIZE: Final = 16
"""Digests that a process claims at once."""
_LEASE: Final = 60.0
"""Seconds after which another process may claim the same digests."""
_MAX_READ: Final = 2 * digest_body.MAX_PAPERS
"""The most matches that are read for a digest; several may be of one paper."""
_RECHECK: Final = 10.0
"""Seconds until a digest that is not ready is checked again."""
_LAST_LIFETIME: Final = 90 * 86_400
"""Seconds that the due time of the last digest is kept."""
_HOUR: Final = timedelta(hours=1)
_MAX_LAG: Final = timedelta(minutes=15)
"""How long after its due time a digest waits at most for papers that were published before it."""

log = structlog.get_logger("notifier")


class DigestWriter:
    """Write digests. Any number of processes share the work."""

    def __init__(
        self,
        redis: Redis,
        store: Store,
        deliveries: Deliveries,
        wake: Callable[[], None],
        clock: Callable[[], float],
        poll: float,
    ) -> None:
        """Take `wake`, which starts deliveries, a `clock` that returns Unix seconds, and the seconds between polls."""
        self._redis = redis
        self._store = store
        self._deliveries = deliveries
        self._wake = wake
        self._clock = clock
        self._poll = poll
        self._due = DueSet(redis, DIGESTS_DUE, _LEASE, CHECK_EVERY)
        self._matched = MatchedUntil(redis, clock)
        self._started = clock()
        self._outages = OutageLog()

    async def run(self) -> None:
        """Write digests that are due, until cancelled."""
        while True:
            busy = 0
            with self._outages.logged("digests", self._poll, *POSSIBLE_OUTAGES):
                busy = await self.write_due()
            if not busy:
                await asyncio.sleep(self._poll)

    async def write_due(self) -> int:
        """Check subscriptions that are due, and write their digests; return how many were checked."""
        ids = await self._due.claim(self._clock(), _BATCH_SIZE)
        if not ids:
            return 0
        rows = await self._store.several(ids)
        ledger = list((await LEDGER.rows(self._redis)).values())
        known = await self._matched.advance()
        started = time.perf_counter()
        checks = [self._check(id_, row, ledger, known) for id_, row in zip(ids, rows, strict=True)]
        if written := sum(await asyncio.gather(*checks)):
            await durable(self._redis)  # a power cut must not take back what was sent under the same id
            log.info("digests written", count=written, seconds=round(time.perf_counter() - started, 2))
            self._wake()
        return len(ids)

    async def _check(self, id_: str, row: Row | None, ledger: list[DayRow], known: float) -> bool:
        """Write a digest if it is due and ready, otherwise set when to check again; return whether it was written."""
        if row is None or row.subscription.channel.transport is None:
            await self._clear(id_)
            return False
        now, schedule = from_unix(self._clock()), row.subscription.schedule
        if isinstance(schedule, str):  # it had digests until its schedule changed
            until, following = now, now + _HOUR
        else:
            until, following = last_due(schedule, now), next_due(schedule, now)
        if not row.subscription.active or not await self._is_due(row, until):
            return await self._postpone(id_, following)
        if not await self._is_ready(row, until, now, ledger, known):
            return await self._postpone(id_, now + timedelta(seconds=_RECHECK))
        return await self._write(row, until, ledger)

    async def _is_due(self, row: Row, until: datetime) -> bool:
        """Return whether a due time has passed since the first waiting paper, and its digest was not written yet.

        While the previous digest is not delivered, the next one waits too: a mail server that comes back after a
        fortnight receives one old digest and one for the time since, not fourteen.
        """
        id_ = row.subscription.id
        now, since = self._clock(), await self._redis.zscore(FIRST_PUBLISHED, id_) or 0.0
        if since > now:
            since = 0.0  # the clock was put right meanwhile
        last = await self._redis.get(last_key(id_))
        if last is None:
            return since <= until.timestamp()
        if float(last) > now + CHECK_EVERY:  # the clock was put right by more than that: hours to come are not told yet
            await self._redis.set(last_key(id_), until.timestamp(), ex=_LAST_LIFETIME)
            return False
        before = from_unix(float(last))
        record = read_record(await self._redis.get(key_of(digest_body.digest_id(id_, before))))
        waits = record and record.state in (DeliveryState.PENDING, DeliveryState.HELD)
        return max(before.timestamp(), since) < until.timestamp() and not waits

    async def _is_ready(self, row: Row, until: datetime, now: datetime, ledger: list[DayRow], known: float) -> bool:
        """Return whether all papers of the digest are matched and checked, or the longest wait for them is over.

        The wait begins at the due time; later if the first match, or this process after a stop, came later.
        """
        schedule = row.subscription.schedule
        if known < until.timestamp() or await self._redis.zcard(waiting_key(row.subscription.id)):
            first = await self._redis.zscore(FIRST_GATHERED, row.subscription.id) or 0.0
            begun = max(from_unix(one) for one in (until.timestamp(), first, self._started) if one <= now.timestamp())
            if now < begun + _MAX_LAG:
                return False
        if isinstance(schedule, Daily | Weekly) and schedule.when_complete and now < until + MAX_WAIT_FOR_BATCH:
            return announcements.is_complete(ledger, row.subscription, until.astimezone(_zone(row)).date())
        return True

    async def _write(self, row: Row, until: datetime, ledger: list[DayRow]) -> bool:
        """Turn the waiting matches into a delivery; start again if a match arrives meanwhile.

        If another process wrote this digest while this one was slow, the matches that wait now are for the next one.
        """
        id_ = row.subscription.id
        async with self._redis.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(gathered_key(id_), count_key(id_), last_key(id_))
                    last = await pipe.get(last_key(id_))
                    if last is not None and float(last) >= until.timestamp():
                        return False
                    body = await self._composed(pipe, row, until, ledger)
                    finished = await self._finished(pipe, id_)
                    record = _record(row, until)
                    if await pipe.exists(key_of(record.id)):  # a wrong clock told this hour before it came
                        record = record.model_copy(update={"id": digest_body.digest_id(id_, from_unix(self._clock()))})
                    pipe.multi()
                    clear_gathered(pipe, id_)
                    drop_bodies(pipe, finished)
                    if body is not None:
                        pipe.set(last_key(id_), until.timestamp(), ex=_LAST_LIFETIME)
                        self._deliveries.add(pipe, record, body, row.subscription.channel)
                    await pipe.execute()
                except WatchError:
                    continue
                return body is not None

    @staticmethod
    async def _finished(pipe: Pipeline, id_: str) -> list[str]:
        """Return the waiting matches that are not in the feed of the subscription too."""
        gathered = await pipe.zrange(gathered_key(id_), 0, -1)
        listed = set(await pipe.lrange(feed_key(id_), 0, -1))
        return [match.decode() for match in gathered if match not in listed]

    async def _composed(self, pipe: Pipeline, row: Row, until: datetime, ledger: list[DayRow]) -> bytes | None:
        """Return the digest of the waiting matches; None if none are left, as another process was first."""
        subscription = row.subscription
        ids = [id_.decode() for id_ in await pipe.zrevrange(gathered_key(subscription.id), 0, _MAX_READ - 1)]
        alerts = decode_kept(await pipe.mget([match_key(id_) for id_ in ids])) if ids else []
        if not alerts:
            return None
        total, last = await pipe.mget([count_key(subscription.id), last_key(subscription.id)])
        period = Period(from_unix(float(last)) if last else None, until)
        note = announcements.sentence(ledger, subscription, until.astimezone(_zone(row)).date())
        number = max(int(total or 0), len(alerts))
        return await asyncio.to_thread(digest_body.compose, subscription, alerts, number, period, note)

    async def _postpone(self, id_: str, moment: datetime) -> bool:
        due = min(moment.timestamp(), self._clock() + CHECK_EVERY)
        await self._redis.zadd(DIGESTS_DUE, {id_: due}, xx=True)
        return False

    async def _clear(self, id_: str) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            clear_gathered(pipe, id_)
            await pipe.execute()


def _zone(row: Row) -> ZoneInfo:
    schedule = row.subscription.schedule
    return ZoneInfo("UTC" if isinstance(schedule, str) else schedule.timezone)


def _record(row: Row, until: datetime) -> Record:
    return Record(
        id=digest_body.digest_id(row.subscription.id, until),
        subscription=row.subscription.id,
        owner=row.owner,
        created_at=until,
        next_attempt_at=until,
    )
