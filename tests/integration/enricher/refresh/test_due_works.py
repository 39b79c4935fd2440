"""Works keep their turns when other works fail, when the enricher stops, and when state is incomplete."""

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
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance, recent, running_enricher
from tests.support import NOW, publish, until

S2 = "semantic-scholar"


async def test_a_cancelled_amendment_makes_its_works_due_again(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    """INVARIANT: an answer that was not written is written by the next enricher."""
    server.behaviour[S2] = "held"
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await enricher.take_in(recent(1))
    await enricher.bus.stop()
    stopped = asyncio.create_task(enricher.ask(S2))
    await until(lambda: server.asked[S2])
    await publish(enricher.bus, FETCHED, *(recent(n) for n in range(2, BUSY + 2)))
    rows = await enricher.bus.redis.xreadgroup("enricher", "another", {FETCHED.name: ">"}, count=BUSY)
    server.released.set()
    await until(lambda: enricher.bus.redis.exists(f"answer:{S2}:arXiv:2401.00001"))
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    assert (await enricher.work()).paper.signals.citations is None
    await enricher.bus.redis.xack(FETCHED.name, "enricher", *(entry_id for entry_id, _ in rows[0][1]))
    await enricher.ask(S2)
    assert (await enricher.work()).paper.signals.citations == 4
    assert server.asked[S2] == 1


async def test_a_work_whose_request_always_fails_does_not_block_others(
    settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    server.refused = {"crane/0": 502}
    server.github = {f"crane/{n}": {"stargazers_count": 7} for n in range(1, 4)}
    seen = [recent(n, code=(CodeLink(url=f"https://github.com/crane/{n}"),)) for n in range(4)]
    async with running_enricher(settings, server, clock, jitter=Random(1).random) as enricher:
        await enricher.take_in(*seen)
        for _ in range(12):
            clock.advance(seconds=1 + await enricher.ask("github"))
        works = [await enricher.work(f"arXiv:2401.{n:05d}") for n in range(4)]
    assert [work.paper.signals.stars for work in works] == [None, 7, 7, 7]


@pytest.mark.parametrize("status", [403, 404, 410, 451])
async def test_a_repository_that_is_gone_is_not_requested_before_its_turn(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock, status: int
) -> None:
    server.refused = {"crane/0": status}
    server.github = {"crane/1": {"stargazers_count": 7}}
    code = tuple(CodeLink(url=f"https://github.com/crane/{n}") for n in range(2))
    await enricher.take_in(recent(0, code=code[:1]), recent(1, code=code))
    await enricher.ask("github")
    shown = orjson.loads(await enricher.bus.redis.hget("providers", "github"))
    assert (shown["state"], shown["due"]) == ("closed", 0)
    assert (await enricher.work("arXiv:2401.00001")).paper.signals.stars == 7
    clock.advance(hours=2, minutes=59)
    await enricher.ask("github")
    assert server.asked["github"] == 3
    clock.advance(minutes=2)
    server.refused = {}
    server.github["crane/0"] = {"stargazers_count": 2}
    clock.advance(hours=10)
    await enricher.ask("github")
    assert (await enricher.work("arXiv:2401.00000")).paper.signals.stars == 2


async def test_a_doi_that_no_filter_can_contain_breaks_no_request(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    odd = ({"doi": "10.1000/a,b|c"}, {"doi": "10.1000/d"})
    await enricher.take_in(*(recent(n, identifiers=ids, id=f"x:{n}") for n, ids in enumerate(odd)))
    for name in ("crossref", "openalex"):
        await enricher.ask(name)
    filters = [request.query["filter"] for request in server.seen]
    assert filters == ["doi:10.1000/d", "updates:10.1000/d", "doi:10.1000/d"]
    assert await enricher.ask("crossref") > 0
    assert len(server.seen) == len(filters), "the other one is not due again"


async def test_due_works_stay_bounded_without_provider_requests(enricher: EnricherInstance) -> None:
    due = DueWorks(enricher.bus.redis, "crossref")
    async with enricher.bus.redis.pipeline(transaction=True) as pipe:
        due.enter(pipe, {f"x:{n}": 0 for n in range(MAX_WORKS + 10)}, NOW)
        await pipe.execute()
    assert await enricher.bus.redis.zcard("due:crossref:0") == MAX_WORKS


async def test_a_half_written_breaker_lets_one_enricher_try(enricher: EnricherInstance) -> None:
    await enricher.bus.redis.hincrby("breaker:crossref", "failures", 1)
    breaker = Breaker(enricher.bus.redis, "crossref")
    assert await breaker.standing(0.0) == Standing(1, 0.0)
    assert await breaker.enter(100.0)
