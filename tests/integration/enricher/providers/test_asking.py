"""Providers that fail, are slow, or have had enough; and enrichers that share what they may ask."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.enricher.providers.quotas import Quotas, QuotaSpentError
from services.enricher.providers.registry import PROVIDERS
from services.enricher.refresh.due_works import LEASE_S
from services.enricher.refresh.refresher import BUSY, POLL_S
from shared.coordination.breaker import Policy
from shared.coordination.quotas import Quota
from shared.errors import ConfigurationError
from shared.papers.paper import CodeLink
from shared.papers.streams import FETCHED
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import World
from tests.integration.enricher.refresh.refreshing import Asker, Clock, asking, recent
from tests.support import publish, until

S2 = "semantic-scholar"


async def row(asker: Asker, name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await asker.bus.redis.hget("providers", name))
    return found


@pytest.mark.parametrize(
    ("behaviour", "words"),
    (
        (
            "401",
            f"{S2} answers 401 Unauthorized: it refuses the key in PAPERWIRE_SEMANTIC_SCHOLAR_KEY, correct it",
        ),
        ("429", "semantic-scholar answers 429 Too Many Requests"),
        ("503", "semantic-scholar answers 503 Service Unavailable"),
        ("shape", "semantic-scholar sent an answer of an unexpected shape"),
        ("html", "semantic-scholar answers what is no JSON"),
        ("huge", "semantic-scholar answers more than 1,000,000 bytes"),
        ("broken", "semantic-scholar cannot be asked: the answer breaks off, or is not encoded as its headers say"),
        ("elsewhere", "semantic-scholar answers 301 Moved Permanently"),
    ),
)
async def test_a_failure_is_told_in_words_and_the_works_stay_due(
    asker: Asker, world: World, clock: Clock, behaviour: str, words: str
) -> None:
    world.behaviour[S2] = behaviour
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await asker.take_in(recent(1))
    wait = await asker.ask(S2)
    shown = await row(asker, S2)
    assert (shown["state"], shown["detail"], shown["last_error"]) == ("open", words, words)
    assert "key-of-s2" not in str(shown)
    world.behaviour[S2] = "ok"
    await asker.ask(S2)
    assert world.asked[S2] == 1, "it is left alone"
    clock.pass_(seconds=wait)
    await asker.ask(S2)
    assert (await asker.told())[-1].paper.signals.citations == 4
    assert (await row(asker, S2))["state"] == "closed"
    assert (await row(asker, S2))["detail"] is None


async def test_silence_doubles_with_each_failure_and_ends_with_a_success(
    asker: Asker, world: World, clock: Clock
) -> None:
    world.behaviour[S2] = "429"
    await asker.take_in(recent(1))
    waits = []
    for _ in range(4):
        waits.append(await asker.ask(S2))
        clock.pass_(seconds=waits[-1])
    assert waits == [5, 10, 20, 40]
    world.behaviour[S2] = "ok"
    await asker.ask(S2)
    clock.pass_(hours=13)
    world.behaviour[S2] = "429"
    assert await asker.ask(S2) == 5


async def test_a_named_time_is_kept(asker: Asker, world: World) -> None:
    world.behaviour[S2] = "503"
    await asker.take_in(recent(1))
    assert await asker.ask(S2) == 90
    world.behaviour["github"] = "limited"
    await asker.take_in(recent(2, code=(CodeLink(url="https://github.com/a/b"),)))
    assert await asker.ask("github") == 6 * 3_600


async def test_half_open_one_enricher_tries_for_all(
    asker: Asker, settings: Settings, world: World, clock: Clock
) -> None:
    """INVARIANT: a provider that was down is tried by one enricher at a time until it answers."""
    await asker.take_in(*(recent(n) for n in range(30)))
    world.behaviour["crossref"] = "503"
    async with asking(settings, world, clock) as other:
        await asker.ask("crossref")
        assert await other.ask("crossref") > 1, "one enricher's failure spares the other"
        assert world.asked["crossref"] == 1
        clock.pass_(seconds=91)
        world.behaviour["crossref"] = "held"
        first = asyncio.create_task(asker.ask("crossref"))
        await until(lambda: world.asked["crossref"] == 2)
        assert (await row(other, "crossref"))["state"] == "open"
        await other.ask("crossref")
        assert world.asked["crossref"] == 2
        clock.pass_(seconds=Policy().trial + 1)
        await other.refreshes["crossref"].show()
        assert (await row(other, "crossref"))["state"] == "half-open"
        world.behaviour["crossref"] = "ok"
        world.released.set()
        await first
        assert (await row(asker, "crossref"))["state"] == "closed"


async def test_a_redirect_in_a_circle_or_to_another_host_is_a_failure(asker: Asker, world: World) -> None:
    await asker.take_in(recent(1))
    for name, behaviour, words in (
        ("huggingface", "elsewhere", "huggingface redirects to another host"),
        ("crossref", "circle", "crossref redirects in a circle"),
    ):
        world.behaviour[name] = behaviour
        await asker.ask(name)
        assert (await row(asker, name))["detail"] == words
    assert world.asked["crossref"] == 4


async def test_a_provider_that_hangs_is_given_up(settings: Settings, world: World, clock: Clock) -> None:
    world.behaviour[S2] = "held"
    async with asking(settings, world, clock, provider_timeout=0.2) as hasty:
        await hasty.take_in(recent(1))
        await hasty.ask(S2)
        assert (await row(hasty, S2))["detail"] == "semantic-scholar gives no whole answer in 0.2 s"


async def test_papers_flow_while_a_provider_takes_its_time(asker: Asker, world: World) -> None:
    """INVARIANT: no paper waits for a provider: all are told before one that was asked has answered."""
    world.behaviour[S2] = "held"
    world.scholar = {f"ARXIV:2401.{n:05d}": {"citationCount": 4} for n in range(100)}
    await asker.take_in(recent(0))
    slow = asyncio.create_task(asker.ask(S2))
    await until(lambda: world.asked[S2])
    told = await asker.take_in(*(recent(n) for n in range(1, 100)))
    assert [event.revision for event in told] == [1] * 100
    assert not slow.done()
    world.released.set()
    await slow
    await asker.ask(S2)
    told = await asker.told()
    assert [event.revision for event in told] == [1] * 100 + [2] * 100
    assert all(event.paper.signals.citations == 4 for event in told[100:])


async def test_papers_that_come_by_the_batch_go_first(asker: Asker, world: World) -> None:
    """INVARIANT: while enrichers have their hands full of papers, nobody is asked and nothing amended."""
    await asker.take_in(recent(1))
    await asker.bus.stop()
    await publish(asker.bus, FETCHED, *(recent(n) for n in range(2, BUSY + 2)))
    rows = await asker.bus.redis.xreadgroup("enricher", "another", {FETCHED.name: ">"}, count=BUSY)
    assert await asker.ask(S2) == POLL_S
    assert world.asked[S2] == 0
    await asker.bus.redis.xack(FETCHED.name, "enricher", rows[0][1][0][0])
    await asker.ask(S2)
    assert world.asked[S2] == 1


async def test_a_work_that_changed_while_it_was_asked_about_keeps_both(asker: Asker, world: World) -> None:
    world.behaviour[S2] = "held"
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await asker.take_in(recent(1, version=1))
    slow = asyncio.create_task(asker.ask(S2))
    await until(lambda: world.asked[S2])
    await asker.take_in(recent(1, version=2, abstract="We fold better cranes."))
    world.released.set()
    await slow
    work = await asker.work()
    assert (work.paper.abstract, work.paper.signals.citations) == ("We fold better cranes.", 4)
    assert [event.revision for event in await asker.told()] == [1, 2, 3]


async def test_two_enrichers_share_the_works_that_are_due(
    asker: Asker, settings: Settings, world: World, clock: Clock
) -> None:
    """INVARIANT: a work that is due is asked about by one enricher, and once."""
    count = 60
    await asker.take_in(*(recent(n, identifiers={"doi": f"10.1000/{n}"}) for n in range(count)))
    async with asking(settings, world, clock, crossref_mailto="me@example.org") as other:
        for _ in range(3):
            await asyncio.gather(asker.ask("crossref"), other.ask("crossref"))
            clock.pass_(seconds=5)
    asked = [part for request in world.seen for part in request.query["filter"].split(",")]
    dois = [part for part in asked if part.startswith("doi:")]
    assert sorted(dois) == sorted(f"doi:10.1000/{n}" for n in range(count))
    assert {request.query.get("mailto") for request in world.seen} == {None, "me@example.org"}, "one did all the work"


async def test_two_enrichers_share_a_quota(asker: Asker, clock: Clock) -> None:
    quota = Quota(5, 0.1)
    one, other = Quotas(asker.bus.redis, clock), Quotas(asker.bus.redis, clock)
    for quotas in (one, other, one, other, one):
        await quotas.take("x", quota)
    assert await other.left("x", quota) == 0
    with pytest.raises(QuotaSpentError) as spent:
        await other.take("x", quota)
    assert spent.value.retry_after == 10
    clock.pass_(seconds=10)
    await other.take("x", quota)
    clock.pass_(days=1)
    assert await one.left("x", quota) == 5
    for _ in range(5):
        await one.take("x", quota)
    clock.now -= timedelta(days=1)
    with pytest.raises(QuotaSpentError):
        await one.take("x", quota)


async def test_clocks_that_differ_mint_no_tokens(asker: Asker, clock: Clock) -> None:
    quota = Quota(2, 0.1)
    behind = Clock()
    behind.pass_(seconds=-15)
    one, other = Quotas(asker.bus.redis, clock), Quotas(asker.bus.redis, behind)
    await one.take("x", quota)
    await other.take("x", quota)
    for quotas in (one, other, one, other):
        with pytest.raises(QuotaSpentError):
            await quotas.take("x", quota)
    behind.pass_(days=-30)
    clock.pass_(days=-30)
    with pytest.raises(QuotaSpentError):
        await one.take("x", quota)
    clock.pass_(seconds=30)
    await one.take("x", quota)


async def test_a_spent_quota_is_no_failure_and_the_rest_is_asked_later(
    asker: Asker, world: World, clock: Clock
) -> None:
    most = PROVIDERS["huggingface"].quota.most
    await asker.take_in(*(recent(n) for n in range(most + 10)))
    for _ in range(9):
        await asker.ask("huggingface")
    assert world.asked["huggingface"] == most
    shown = await row(asker, "huggingface")
    assert (shown["state"], shown["quota_left"], shown["quota"]) == ("closed", 0, most)
    clock.pass_(minutes=2)
    await asker.refreshes["huggingface"].show()
    shown = await row(asker, "huggingface")
    assert (shown["due"], shown["quota_left"]) == (10, most)
    assert shown["behind_s"] > 60
    for _ in range(3):
        await asker.ask("huggingface")
    assert world.asked["huggingface"] == most + 10


async def test_the_newest_are_asked_about_first(asker: Asker, world: World) -> None:
    """However long the old ones have been due."""
    await asker.take_in(*(recent(n, published="2026-01-15") for n in range(10)), recent(10, published="2019-01-01"))
    await asker.take_in(*(recent(n) for n in range(11, 15)))
    for _ in range(2):
        await asker.ask("huggingface")
    order = [request.path.rpartition("/")[2] for request in world.seen]
    assert set(order[:4]) == {f"2401.{n:05d}" for n in range(11, 15)}
    assert order[-1] == "2401.00010", "what is long past comes when nothing else is due"


async def test_what_is_long_past_is_asked_about_once(asker: Asker, world: World, clock: Clock) -> None:
    await asker.take_in(recent(1, published="2019-01-01"))
    for _ in range(10):
        await asker.ask(S2)
        clock.pass_(days=30)
    assert world.asked[S2] == 1
    assert [key async for key in asker.bus.redis.scan_iter(f"due:{S2}:*")] == []


async def test_a_provider_that_is_chosen_later_is_asked_about_what_is_here(
    asker: Asker, settings: Settings, world: World, clock: Clock
) -> None:
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    async with asking(settings, world, clock, providers="crossref") as before:
        await before.take_in(recent(1), recent(2, published="2019-01-01"))
    await asker.due(S2).begin(["crossref", S2])
    await asker.ask(S2)
    assert (await asker.work()).paper.signals.citations == 4
    assert world.bodies[0] == {"ids": ["ARXIV:2401.00001", "ARXIV:2401.00002"]}


async def test_a_provider_without_the_key_that_it_needs_stops_the_start(
    settings: Settings, world: World, clock: Clock
) -> None:
    with pytest.raises(ConfigurationError, match=r"openalex, which needs a key: set PAPERWIRE_OPENALEX_KEY\."):
        async with asking(settings, world, clock, openalex_key=None):
            pass


async def test_a_driver_that_breaks_does_not_ask_in_a_hot_loop(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    await asker.take_in(recent(1))
    provider = asker.refreshes[S2]._provider

    async def broken(*_: Any) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(type(provider), "ask", broken)
    assert await asker.ask(S2) == 5
    assert (await row(asker, S2))["detail"] == "semantic-scholar: KeyError"


CRASH = """
import asyncio, sys
from ipaddress import ip_network
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import World
from tests.integration.enricher.refresh.refreshing import Clock, asking

async def main():
    world = World()
    world.url = sys.argv[2]
    async with asking(Settings.load(redis_url=sys.argv[1]), world, Clock(), provider_timeout=60.0) as asker:
        await asker.ask("semantic-scholar")

asyncio.run(main())
"""


async def test_what_a_killed_enricher_was_asking_about_is_taken_over(
    asker: Asker, settings: Settings, world: World, clock: Clock
) -> None:
    """INVARIANT: a work whose enricher was killed is asked about by another, once its lease is over."""
    world.behaviour[S2] = "held"
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await asker.take_in(recent(1))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CRASH, settings.redis_url, world.url)
    try:
        await until(lambda: world.asked[S2] == 1, within=60)
    finally:
        process.kill()
        await process.wait()
    world.behaviour[S2] = "ok"
    await asker.ask(S2)
    assert world.asked[S2] == 1, "its lease still holds"
    clock.pass_(seconds=LEASE_S)
    await asker.ask(S2)
    assert (await asker.work()).paper.signals.citations == 4


async def test_an_enricher_that_stops_gives_its_works_back(asker: Asker, world: World) -> None:
    world.behaviour[S2] = "held"
    await asker.take_in(recent(1))
    slow = asyncio.create_task(asker.ask(S2))
    await until(lambda: world.asked[S2])
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    world.behaviour[S2] = "ok"
    await asker.ask(S2)
    assert world.asked[S2] == 2
