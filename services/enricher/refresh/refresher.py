"""Refreshing: one provider asked about the works that are due, and the works amended by what it says."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from redis.exceptions import RedisError, WatchError

from services.enricher.providers.connection import OpenProvider
from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import QuotaSpentError
from services.enricher.refresh.amendments import Step, take
from services.enricher.refresh.board import Board
from services.enricher.refresh.breaker import Breaker
from services.enricher.refresh.cache import Cache
from services.enricher.refresh.due_works import LEASE_S, Due, Turn
from services.enricher.refresh.schedule import schedule
from services.enricher.works.records import read_known, write_known
from services.enricher.works.samples import Samples
from services.enricher.works.work import Work
from shared.bus import Bus
from shared.errors import TransientError
from shared.papers.streams import ENRICHED, FETCHED

LOOK_S: Final = 1.0
"""Seconds between two looks when nothing is due."""
ASK_S: Final = LEASE_S / 2
STEP: Final = 32
"""Works amended in one transaction: the more, the likelier that another enricher is at one of them."""
BUSY: Final = 100
"""Papers in the hands of enrichers from which on amendments wait, so that nobody notices a provider that answers."""
PATIENCE: Final = 60
"""Looks, half a second apart, after which an answer is taken in all the same: a lease has its end."""
log = structlog.get_logger("enricher")


class Refresh:
    """Asks one provider, in the rhythm that its quota, its health and the schedule allow."""

    def __init__(
        self,
        provider: OpenProvider,
        bus: Bus,
        samples: Samples,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`clock` gives the time in UTC; `chance` a number between 0 and 1, for jitter."""
        self._provider = provider
        self._bus = bus
        self._samples = samples
        self._clock = clock
        self._chance = chance
        self._due = Due(bus.redis, provider.id)
        self._breaker = Breaker(bus.redis, provider.id)
        self._cache = Cache(bus.redis, provider.id, clock)
        self._board = Board(bus.redis, provider, clock)

    async def run(self) -> None:
        """Ask until cancelled; works that are being asked about are then given back."""
        while True:
            wait = LOOK_S
            with _calm(self._provider.id):
                wait = await self.round()
                await self.show()
            await asyncio.sleep(min(wait, LOOK_S))

    async def round(self) -> float:
        """Ask once about what is due, if that may be; give the seconds until it makes sense to look again."""
        now = self._now()
        standing = await self._breaker.standing()
        if standing.until > now:
            return standing.until - now
        if await self._busy():
            return LOOK_S
        claimed = await self._due.claim(now, self._provider.batch)
        if not claimed:
            return LOOK_S
        turns, wait = {work: Turn(band, now) for work, band in claimed.items()}, LOOK_S
        try:
            works = await self._works(list(claimed))
            answers, wait = await self._answers([work for work in works.values() if self._provider.wants(work)])
            turns = {name: self._again(band, wait) for name, band in claimed.items() if self._wanted(works.get(name))}
            left = {name: turn for name, turn in turns.items() if works[name].paper.id not in answers}
            turns = left | await self._amend(answers)  # until it is done, whoever ends us gives all of them back
        finally:
            await self._due.settle(claimed, turns)
        return wait

    async def show(self) -> None:
        """Show how the provider is."""
        await self._board.show(await self._breaker.standing(), await self._due.backlog(self._now()))

    def _again(self, band: int, wait: float) -> Turn:
        """Give the turn of a work that is not yet answered, in an order left to chance.

        In one order, a work whose asking fails each time would forever be asked about before its neighbours.
        """
        return Turn(band, self._now() + wait - self._chance() * LOOK_S)

    def _wanted(self, work: Work | None) -> bool:
        return work is not None and self._provider.wants(work)

    def _now(self) -> float:
        return self._clock().timestamp()

    async def _works(self, names: Sequence[str]) -> dict[str, Work]:
        """Read the works that are due: by the names they were due under."""
        works: dict[str, Work] = {}
        for start in range(0, len(names), STEP):  # a part at a time: others in this process have work to do too
            part = names[start : start + STEP]
            async with self._bus.hop("enricher") as hop:
                known = await read_known(hop, part)
            works |= {name: work for name in part if (work := known.find(name))}
        return works

    async def _answers(self, works: Sequence[Work]) -> tuple[dict[str, Facts], float]:
        """Give the answers about works, kept or new, and the seconds until those that are missing may be asked for."""
        kept = await self._cache.get([work.paper.id for work in works])
        new = [work for work in works if work.paper.id not in kept]
        answers, wait = await self._ask(new) if new else ({}, 0.0)
        return {**kept, **answers}, wait

    async def _ask(self, works: Sequence[Work]) -> tuple[Answers, float]:
        if not await self._breaker.enter(self._now()):
            return {}, LOOK_S
        try:
            async with asyncio.timeout(ASK_S):
                answers = await self._provider.ask(works)
        except QuotaSpentError as error:
            return {}, error.retry_after or LOOK_S
        except RedisError:
            raise
        except Exception as error:  # noqa: BLE001  # a driver's own fault must not ask in a hot loop
            return {}, await self._failed(error)
        await self._breaker.succeeded()
        await self._cache.put(answers)
        self._board.succeeded()
        return answers, 0.0

    async def _failed(self, error: Exception) -> float:
        name = self._provider.id
        text = str(error) if isinstance(error, TransientError) else f"{name}: {type(error).__name__}"
        wait = await self._breaker.failed(self._now(), getattr(error, "retry_after", None), self._chance())
        log.warning("provider failed", provider=name, reason=text, retry_in_s=round(wait))
        self._board.failed(text)
        return wait

    async def _amend(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        """Amend works by what was answered; give their next turns."""
        turns: dict[str, Turn] = {}
        names = list(answers)
        for _ in range(PATIENCE):
            if not await self._busy():
                break
            await asyncio.sleep(LOOK_S / 2)
        for start in range(0, len(names), STEP):
            part = {name: answers[name] for name in names[start : start + STEP]}
            turns |= await self._step(part)
        return turns

    async def _busy(self) -> bool:
        """Tell whether papers come in by the batch: they go first."""
        summary = await self._bus.redis.xpending(FETCHED.name, "enricher")
        return bool(summary["pending"] >= BUSY)

    async def _step(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        while True:
            try:
                return await self._attempt(answers)
            except WatchError:  # another enricher was at one of them
                await asyncio.sleep(self._chance() / 100)

    async def _attempt(self, answers: Mapping[str, Facts]) -> dict[str, Turn]:
        at = self._clock()
        journals = {f"doi:{facts.published}" for facts in answers.values() if facts.published}
        async with self._bus.hop("enricher") as hop:
            known = await read_known(hop, {*answers, *journals})
            step = Step(known, await self._samples.yardstick(), at)
            for name, facts in answers.items():
                take(step, name, facts)
            write_known(hop, known)
            Samples.add(hop.write, step.noted)
            for event in step.told:
                await hop.publish(ENRICHED, event, f"refresh-{secrets.token_hex(6)}")
            await hop.commit()
        turns = ((work.paper.id, schedule(work.trend, at)) for work in step.works)
        return {name: Turn(band, at.timestamp() + every.total_seconds()) for name, (band, every) in turns if every}


@contextlib.contextmanager
def _calm(provider: str) -> Iterator[None]:
    """Say in one line that Redis is away; the next round tries again."""
    try:
        yield
    except (RedisError, ConnectionError) as error:
        log.warning("the refresh waits for Redis", provider=provider, error=str(error))
