"""Refreshing: requests to one provider about the works that are due, and amendments by the answers."""

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from redis.exceptions import RedisError, WatchError

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Asked
from services.enricher.providers.quotas import QuotaSpentError
from services.enricher.refresh.amendments import Amendments
from services.enricher.refresh.board import Board
from services.enricher.refresh.cache import Cache
from services.enricher.refresh.due_works import LEASE_S, DueWorks, Turn
from services.enricher.refresh.schedule import schedule
from services.enricher.works.records import Samples, read_known, write_known
from services.enricher.works.work import Work
from shared.bus import Bus, Hop
from shared.coordination.breaker import Breaker
from shared.errors import TransientError
from shared.outbound import UNRESOLVED
from shared.papers.events import PaperEnriched
from shared.papers.streams import ENRICHED, FETCHED

POLL_S: Final = 1.0
"""Seconds between two rounds when nothing is due."""
MAX_ASK_S: Final = LEASE_S / 2
PART: Final = 32
"""Works of one transaction: the more, the likelier that another enricher changes one of them."""
BUSY: Final = 100
"""Pending papers from which refreshing waits, so that it does not slow the papers down."""
MAX_BUSY_POLLS: Final = 60
"""Polls, half a second apart, after which answers are written although papers are pending: leases end."""
Enroll = Callable[[Hop, Sequence[Work], Sequence[PaperEnriched], datetime], None]
"""What makes the works of a transaction due with other providers, by the events about them."""


class Refresher:
    """Sends requests to one provider, as often as its quota, its breaker and the schedule allow."""

    def __init__(
        self,
        provider: Asked,
        bus: Bus,
        samples: Samples,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
        enroll: Enroll | None = None,
    ) -> None:
        """`clock` returns the time in UTC, `jitter` a number between 0 and 1."""
        self._provider = provider
        self._bus = bus
        self._samples = samples
        self._clock = clock
        self._jitter = jitter
        self._part = f"provider {provider.id}"
        self._due = DueWorks(bus.redis, provider.id)
        self._breaker = Breaker(bus.redis, provider.id)
        self._cache = Cache(bus.redis, provider.id, clock, provider.unknown_s)
        self._enroll = enroll
        self._board = Board(bus.redis, provider, clock)

    async def run(self) -> None:
        """Run rounds until cancelled; works with a request under way then become due again."""
        while True:
            wait = POLL_S
            with self._bus.outages.logged(f"refreshing by {self._provider.id}", POLL_S, RedisError, ConnectionError):
                wait = await self.run_round()
                await self.show()
            await asyncio.sleep(min(wait, POLL_S))

    async def run_round(self) -> float:
        """Request the works that are due, if the breaker allows; return the seconds until the next round."""
        now = self._now()
        standing = await self._breaker.standing(now)
        if standing.until > now:
            return standing.until - now
        if await self._is_busy():
            return POLL_S
        claimed = await self._due.claim(now, self._provider.batch)
        if not claimed:
            return POLL_S
        turns, wait = {work: Turn(band, now) for work, band in claimed.items()}, POLL_S
        try:
            works = await self._read(list(claimed))
            wanted = {due_id: work for due_id, work in works.items() if self._provider.wants(work)}
            answers, wait = await self._answers(list(wanted.values()))
            turns = {due_id: self._retry(claimed[due_id], wait) for due_id in wanted}
            unanswered = {due_id: turn for due_id, turn in turns.items() if works[due_id].paper.id not in answers}
            turns = unanswered | await self._amend(answers)  # when this is cancelled, all of them become due again
        finally:
            await self._due.settle(claimed, turns)
        return wait

    async def show(self) -> None:
        """Show the state of the provider on the board."""
        now = self._now()
        await self._board.show(await self._breaker.standing(now), await self._due.backlog(now))

    def _retry(self, band: int, wait: float) -> Turn:
        """Return the turn of a work without an answer, in random order.

        In a fixed order, a work whose request always fails would be asked about before its neighbours for ever.
        """
        return Turn(band, self._now() + wait - self._jitter() * POLL_S)

    def _now(self) -> float:
        return self._clock().timestamp()

    async def _read(self, due_ids: Sequence[str]) -> dict[str, Work]:
        """Read works by the ids that they are due under, which may be past ones."""
        works: dict[str, Work] = {}
        for start in range(0, len(due_ids), PART):  # in parts, so that other tasks of this process can run between
            part = due_ids[start : start + PART]
            async with self._bus.hop("enricher") as hop:
                known = await read_known(hop, part)
            works |= {due_id: work for due_id in part if (work := known.find(due_id))}
        return works

    async def _answers(self, works: Sequence[Work]) -> tuple[dict[str, Facts], float]:
        """Return the answers about works, cached or new, and the seconds until the missing ones are available."""
        cached = await self._cache.get([work.paper.id for work in works])
        new = [work for work in works if work.paper.id not in cached]
        answers, wait = await self._ask(new) if new else ({}, 0.0)
        return {**cached, **answers}, wait

    async def _ask(self, works: Sequence[Work]) -> tuple[Answers, float]:
        if not await self._breaker.enter(self._now()):
            return {}, POLL_S
        try:
            async with asyncio.timeout(MAX_ASK_S):
                answers = await self._provider.ask(works)
        except QuotaSpentError as error:
            return {}, error.retry_after or POLL_S
        except RedisError:
            raise
        except Exception as error:  # noqa: BLE001  # an error in the code of a provider opens the breaker too
            return {}, await self._record_failure(error)
        await self._breaker.succeeded()
        self._bus.outages.over(self._part)
        await self._cache.put(answers)
        self._board.succeeded()
        return answers, 0.0

    async def _record_failure(self, error: Exception) -> float:
        provider = self._provider.id
        reason = str(error) if isinstance(error, TransientError) else f"{provider}: {type(error).__name__}"
        wait = await self._breaker.failed(self._now(), getattr(error, "retry_after", None), self._jitter())
        self._bus.outages.began(self._part, reason, wait, cause=UNRESOLVED if UNRESOLVED in reason else None)
        self._board.failed(reason)
        return wait

    async def _amend(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        """Amend works by the answers, once papers are no longer pending; return their next turns."""
        turns: dict[str, Turn] = {}
        for _ in range(MAX_BUSY_POLLS):
            if not await self._is_busy():
                break
            await asyncio.sleep(POLL_S / 2)
        ids = list(answers)
        for start in range(0, len(ids), PART):
            turns |= await self._amend_part({work_id: answers[work_id] for work_id in ids[start : start + PART]})
        return turns

    async def _is_busy(self) -> bool:
        """Return whether many papers are pending, which come first."""
        summary = await self._bus.redis.xpending(FETCHED.name, "enricher")
        return bool(summary["pending"] >= BUSY)

    async def _amend_part(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        while True:
            try:
                return await self._attempt(answers)
            except WatchError:  # another enricher has changed one of the works
                await asyncio.sleep(self._jitter() / 100)

    async def _attempt(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        """Amend works in one transaction; return their next turns."""
        at = self._clock()
        journals = {f"doi:{facts.published}" for facts in answers.values() if facts.published}
        async with self._bus.hop("enricher") as hop:
            known = await read_known(hop, {*answers, *journals})
            amendments = Amendments(known, await self._samples.baseline(), at)
            for work_id, facts in answers.items():
                amendments.add(work_id, facts)
            write_known(hop, known)
            Samples.add(hop.write, amendments.signal_updates)
            if self._enroll:
                self._enroll(hop, amendments.works, amendments.events, at)
            for event in amendments.events:
                await hop.publish(ENRICHED, event, f"refresh-{secrets.token_hex(6)}")
            await hop.commit()
        turns = ((work.paper.id, schedule(work.trend, at)) for work in amendments.works)
        return {work: Turn(band, at.timestamp() + every.total_seconds()) for work, (band, every) in turns if every}
