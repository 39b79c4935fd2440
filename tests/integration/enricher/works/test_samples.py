"""The samples that works are compared with, shared by all enrichers."""

from datetime import timedelta

import pytest

from services.enricher.works.records import FRESH_S, MAX_SAMPLES, Samples
from services.enricher.works.trending import DEFAULT_BAR, MIN_BAR, Group, SignalUpdate, update_signals
from services.enricher.works.work import Work
from shared.bus import Bus
from shared.papers.paper import Paper, Signals
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance, recent
from tests.support import NOW

GROUP = Group("cs", 1, "upvotes")


def noted(pace: float, strength: float = 1.0) -> SignalUpdate:
    work = Work(paper=Paper(id="x", title="y"), aliases=(), text_source="arxiv")
    return SignalUpdate(work, (), {GROUP: pace}, ("cs", strength))


async def add(bus: Bus, *rows: SignalUpdate) -> None:
    async with bus.hop("test") as hop:
        Samples.add(hop.write, rows)
        await hop.commit()


async def test_enrichers_share_their_samples(bus: Bus) -> None:
    clock = Clock()
    other = Samples(bus.redis, clock)
    assert (await other.baseline()).norms == {}
    await add(bus, *(noted(float(n)) for n in range(5)))
    assert (await other.baseline()).norms == {}, "a baseline is cached for a minute"
    clock.advance(seconds=FRESH_S)
    yard = await other.baseline()
    assert yard.norms == {GROUP: (2.0, 1.0, 5)}
    assert yard.bars["cs"] == DEFAULT_BAR


async def test_samples_are_bounded_and_the_newest_stay(bus: Bus) -> None:
    for start in range(0, 3 * MAX_SAMPLES, MAX_SAMPLES // 4):
        await add(bus, *(noted(float(start + n)) for n in range(MAX_SAMPLES // 4)))
    yard = await Samples(bus.redis, Clock()).baseline()
    assert yard.norms[GROUP].size == MAX_SAMPLES
    assert yard.norms[GROUP].middle == pytest.approx(2.5 * MAX_SAMPLES, abs=1)
    assert yard.bars["cs"] == MIN_BAR
    assert await bus.redis.memory_usage("trend:cs") < 12 * MAX_SAMPLES


async def test_signals_of_feeds_are_sampled(enricher: EnricherInstance) -> None:
    """Without any provider, upvotes of a feed are compared with those of other works of that feed."""
    loud = recent(0, signals=Signals(upvotes=100))
    alone = (await enricher.take_in(loud))[0].trend
    crowd = [
        recent(n, title=f"Crowd {n} of cranes in a row", signals=Signals(upvotes=30 + n * 2)) for n in range(1, 80)
    ]
    await enricher.take_in(*crowd)
    enricher.clock.advance(seconds=FRESH_S)
    among = (await enricher.take_in(recent(90, title="Another loud crane", signals=Signals(upvotes=100))))[-1].trend
    assert alone
    assert among
    assert among.strength < alone.strength * 0.8


async def test_the_same_state_gives_the_same_trend(bus: Bus) -> None:
    """INVARIANT: a trend depends on the work, the moment and the samples, and on nothing else."""
    await add(bus, *(noted(n / 7) for n in range(40)))
    paper = Paper(id="x", title="y", categories=("cs.RO",), published="2026-03-01", signals=Signals(upvotes=31))
    work = Work(paper=paper, aliases=("x",), text_source="arxiv")
    yards = [await Samples(bus.redis, Clock()).baseline() for _ in range(2)]
    first, second = (update_signals(work, NOW + timedelta(hours=1), yard).work for yard in yards)
    assert first == second
    assert first.trend
    assert first.trend.strength > 0
