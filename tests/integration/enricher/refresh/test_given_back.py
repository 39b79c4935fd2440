"""Works keep their turns whatever happens to their neighbours, to the enricher, or to its bookkeeping."""

import asyncio
from random import Random

import orjson
import pytest

from services.enricher.refresh.due_works import MAX_WORKS, DueWorks
from services.enricher.refresh.refresher import BUSY
from shared.coordination.breaker import Breaker, Standing
from shared.papers.paper import CodeLink
from shared.papers.streams import FETCHED
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import World
from tests.integration.enricher.refresh.refreshing import Asker, Clock, asking, recent
from tests.support import NOW, publish, until

S2 = "semantic-scholar"


async def test_an_enricher_that_stops_while_it_amends_gives_its_works_back(asker: Asker, world: World) -> None:
    """INVARIANT: an answer that was not taken in is taken in by the next enricher."""
    world.behaviour[S2] = "held"
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await asker.take_in(recent(1))
    await asker.bus.stop()
    stopped = asyncio.create_task(asker.ask(S2))
    await until(lambda: world.asked[S2])
    await publish(asker.bus, FETCHED, *(recent(n) for n in range(2, BUSY + 2)))
    rows = await asker.bus.redis.xreadgroup("enricher", "another", {FETCHED.name: ">"}, count=BUSY)
    world.released.set()
    await until(lambda: asker.bus.redis.exists(f"answer:{S2}:arXiv:2401.00001"))
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    assert (await asker.work()).paper.signals.citations is None
    await asker.bus.redis.xack(FETCHED.name, "enricher", *(entry_id for entry_id, _ in rows[0][1]))
    await asker.ask(S2)
    assert (await asker.work()).paper.signals.citations == 4
    assert world.asked[S2] == 1


async def test_a_work_whose_asking_fails_each_time_does_not_keep_its_neighbours_waiting(
    settings: Settings, world: World, clock: Clock
) -> None:
    world.refused = {"crane/0": 502}
    world.github = {f"crane/{n}": {"stargazers_count": 7} for n in range(1, 4)}
    seen = [recent(n, code=(CodeLink(url=f"https://github.com/crane/{n}"),)) for n in range(4)]
    async with asking(settings, world, clock, jitter=Random(1).random) as asker:
        await asker.take_in(*seen)
        for _ in range(12):
            clock.pass_(seconds=1 + await asker.ask("github"))
        works = [await asker.work(f"arXiv:2401.{n:05d}") for n in range(4)]
    assert [work.paper.signals.stars for work in works] == [None, 7, 7, 7]


@pytest.mark.parametrize("status", [403, 404, 410, 451])
async def test_a_repository_that_is_refused_for_good_is_not_asked_about_again_before_its_turn(
    asker: Asker, world: World, clock: Clock, status: int
) -> None:
    world.refused = {"crane/0": status}
    world.github = {"crane/1": {"stargazers_count": 7}}
    code = tuple(CodeLink(url=f"https://github.com/crane/{n}") for n in range(2))
    await asker.take_in(recent(0, code=code[:1]), recent(1, code=code))
    await asker.ask("github")
    shown = orjson.loads(await asker.bus.redis.hget("providers", "github"))
    assert (shown["state"], shown["due"]) == ("closed", 0)
    assert (await asker.work("arXiv:2401.00001")).paper.signals.stars == 7
    clock.pass_(hours=2, minutes=59)
    await asker.ask("github")
    assert world.asked["github"] == 3
    clock.pass_(minutes=2)
    world.refused = {}
    world.github["crane/0"] = {"stargazers_count": 2}
    clock.pass_(hours=10)
    await asker.ask("github")
    assert (await asker.work("arXiv:2401.00000")).paper.signals.stars == 2


async def test_a_doi_that_no_filter_can_name_spoils_no_asking(asker: Asker, world: World) -> None:
    odd = ({"doi": "10.1000/a,b|c"}, {"doi": "10.1000/d"})
    await asker.take_in(*(recent(n, identifiers=ids, id=f"x:{n}") for n, ids in enumerate(odd)))
    for name in ("crossref", "openalex"):
        await asker.ask(name)
    filters = [request.query["filter"] for request in world.seen]
    assert filters == ["doi:10.1000/d", "updates:10.1000/d", "doi:10.1000/d"]
    assert await asker.ask("crossref") > 0
    assert len(world.seen) == len(filters), "the other one is not due again"


async def test_a_schedule_that_nobody_keeps_stays_within_bounds(asker: Asker) -> None:
    due = DueWorks(asker.bus.redis, "crossref")
    async with asker.bus.redis.pipeline(transaction=True) as pipe:
        due.enter(pipe, {f"x:{n}": 0 for n in range(MAX_WORKS + 10)}, NOW)
        await pipe.execute()
    assert await asker.bus.redis.zcard("due:crossref:0") == MAX_WORKS


async def test_a_breaker_whose_opening_was_broken_off_lets_somebody_try(asker: Asker) -> None:
    await asker.bus.redis.hincrby("breaker:crossref", "failures", 1)
    breaker = Breaker(asker.bus.redis, "crossref")
    assert await breaker.standing() == Standing(1, 0.0)
    assert await breaker.enter(100.0)
