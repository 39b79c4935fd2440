"""The loop that writes digests: what is due becomes one delivery, in one transaction, whoever else tries the same.

The due times in Redis only say when to look: whether the hour has come follows from the clock, the schedule and since
when something waits. So after a long silence one digest tells of all of it, and a lease or a change of schedule may
move a due time.
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
from redis.exceptions import RedisError, WatchError

from services.notifier.alerts import announcements as news
from services.notifier.alerts import digest_body as digest
from services.notifier.alerts import kept_matches
from services.notifier.alerts.digest_body import Period
from services.notifier.channels.registry import is_sent
from services.notifier.delivery.deliveries import Deliveries, DeliveryState, Record, key_of
from services.notifier.subscription.digest_schedule import MAX_WAIT_FOR_BATCH, Daily, Weekly, last_due, next_due
from services.notifier.subscription.due_set import DueSet
from services.notifier.subscription.match_keys import (
    DIGESTS_DUE,
    clear_gathered,
    count_key,
    gathered_key,
    last_key,
    match_key,
    since_key,
)
from services.notifier.subscription.store import Row, Store
from shared.board import LEDGER, DayRow
from shared.bus.upkeep import handled_until
from shared.moments import from_unix
from shared.papers.streams import STREAMS

"""The hash of announcement days: the fetcher writes one JSON object a `source|category|day`."""
_GROUP: Final = 16
"""Digests that one process takes at once."""
_LEASE: Final = 60.0
"""Seconds after which another process looks at what this one took."""
_READ: Final = 2 * digest.MAX_PAPERS
"""Matches that are read for a digest: several may be of one paper."""
_SOON: Final = 10.0
"""Seconds until what is not ready is looked at again."""
_REMEMBERED: Final = 90 * 86_400
"""Seconds that the hour of the last digest is known."""
_HOUR: Final = timedelta(hours=1)
_BEHIND: Final = timedelta(minutes=15)
"""How long after its hour a digest waits at most for what was published before it."""

log = structlog.get_logger("notifier")


class DigestWriter:
    """Writes digests, for one process; any number of them share the work. `clock` gives Unix seconds."""

    def __init__(
        self,
        redis: Redis,
        store: Store,
        deliveries: Deliveries,
        wake: Callable[[], None],
        clock: Callable[[], float],
        poll: float,
    ) -> None:
        """`wake` makes deliveries start; `poll` is in seconds."""
        self._redis = redis
        self._store = store
        self._deliveries = deliveries
        self._wake = wake
        self._clock = clock
        self._poll = poll
        self._due = DueSet(redis, DIGESTS_DUE, _LEASE)

    async def run(self) -> None:
        """Write what is due until cancelled."""
        while True:
            try:
                busy = await self.write_due()
            except (RedisError, OSError) as error:
                log.warning("digests wait for Redis", error=str(error))
                busy = 0
            if not busy:
                await asyncio.sleep(self._poll)

    async def write_due(self) -> int:
        """Look at some subscriptions that are due; give how many."""
        names = await self._due.claim(self._clock(), _GROUP)
        if not names:
            return 0
        rows = await self._store.several(names)
        ledger = list((await LEDGER.rows(self._redis)).values())
        known = min([await handled_until(self._redis, stream.name) for stream in STREAMS])
        started = time.perf_counter()
        looks = [self._look(name, row, ledger, known) for name, row in zip(names, rows, strict=True)]
        if written := sum(await asyncio.gather(*looks)):
            log.info("digests written", count=written, seconds=round(time.perf_counter() - started, 2))
            self._wake()
        return len(names)

    async def _look(self, name: str, row: Row | None, ledger: list[DayRow], known: float) -> bool:
        """Write a digest if its hour has come and it is ready, else say when to look again; tell whether it was."""
        if row is None or not is_sent(row.subscription.channel):
            await self._drop(name)
            return False
        now, schedule = from_unix(self._clock()), row.subscription.schedule
        if isinstance(schedule, str):  # instant, and it had digests until just now
            until, following = now, now + _HOUR
        else:
            until, following = last_due(schedule, now), next_due(schedule, now)
        if not row.subscription.active or not await self._is_time(row, until):
            return await self._later(name, following)
        if not self._is_ready(row, until, now, ledger, known):
            return await self._later(name, now + timedelta(seconds=_SOON))
        return await self._write(row, until, ledger)

    async def _is_time(self, row: Row, until: datetime) -> bool:
        """Tell whether the hour has come since something waits, and none was written for it by any clock.

        While the digest before is still on its way this one waits too: so a mail server that comes back after a
        fortnight brings one old digest and one of all since, not fourteen.
        """
        name = row.subscription.id
        since, last = await self._redis.mget([since_key(name), last_key(name)])
        if last is None:
            return since is None or float(since) <= until.timestamp()
        before = from_unix(float(last))
        raw = await self._redis.get(key_of(digest.digest_id(name, before)))
        waits = raw and Record.model_validate_json(raw).state in (DeliveryState.PENDING, DeliveryState.HELD)
        return max(before.timestamp(), float(since or 0)) < until.timestamp() and not waits

    @staticmethod
    def _is_ready(row: Row, until: datetime, now: datetime, ledger: list[DayRow], known: float) -> bool:
        """Tell whether all that belongs into a digest is here, or waiting for it has lasted long enough."""
        schedule = row.subscription.schedule
        if known < until.timestamp() and now < until + _BEHIND:
            return False
        if isinstance(schedule, Daily | Weekly) and schedule.when_complete and now < until + MAX_WAIT_FOR_BATCH:
            return news.is_complete(ledger, row.subscription, until.astimezone(_zone(row)).date())
        return True

    async def _write(self, row: Row, until: datetime, ledger: list[DayRow]) -> bool:
        """Turn what is gathered into a delivery; what is gathered meanwhile makes it begin again."""
        name = row.subscription.id
        async with self._redis.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(gathered_key(name), count_key(name), last_key(name))
                    body = await self._composed(pipe, row, until, ledger)
                    pipe.multi()
                    clear_gathered(pipe, name)
                    if body is not None:
                        pipe.set(last_key(name), until.timestamp(), ex=_REMEMBERED)
                        self._deliveries.add(pipe, _record(row, until), body, row.subscription.channel)
                    await pipe.execute()
                except WatchError:
                    continue
                return body is not None

    async def _composed(self, pipe: Pipeline, row: Row, until: datetime, ledger: list[DayRow]) -> bytes | None:
        """Compose what is gathered; None if nothing of it is left, as when another process was first."""
        subscription = row.subscription
        names = [name.decode() for name in await pipe.zrevrange(gathered_key(subscription.id), 0, _READ - 1)]
        alerts = kept_matches.present(await pipe.mget([match_key(name) for name in names])) if names else []
        if not alerts:
            return None
        total, last = await pipe.mget([count_key(subscription.id), last_key(subscription.id)])
        period = Period(from_unix(float(last)) if last else None, until)
        note = news.sentence(ledger, subscription, until.astimezone(_zone(row)).date())
        return digest.compose(subscription, alerts, max(int(total or 0), len(alerts)), period, note)

    async def _later(self, name: str, moment: datetime) -> bool:
        await self._redis.zadd(DIGESTS_DUE, {name: moment.timestamp()}, xx=True)
        return False

    async def _drop(self, name: str) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            clear_gathered(pipe, name)
            await pipe.execute()


def _zone(row: Row) -> ZoneInfo:
    schedule = row.subscription.schedule
    return ZoneInfo("UTC" if isinstance(schedule, str) else schedule.timezone)


def _record(row: Row, until: datetime) -> Record:
    return Record(
        id=digest.digest_id(row.subscription.id, until),
        subscription=row.subscription.id,
        owner=row.owner,
        created_at=until,
        next_attempt_at=until,
    )
