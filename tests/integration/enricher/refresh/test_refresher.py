"""Providers that fail, are slow or limit requests, and enrichers that share works and quotas."""

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
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance, recent, running_enricher
from tests.support import publish, until

S2 = "semantic-scholar"


async def row(enricher: EnricherInstance, name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await enricher.bus.redis.hget("providers", name))
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
        ("html", "semantic-scholar sent an answer that is not JSON"),
        ("huge", "semantic-scholar sent more than 1,000,000 bytes"),
        (
            "broken",
            "the request to semantic-scholar failed: the answer is incomplete, or is not encoded as its headers say",
        ),
        ("elsewhere", "semantic-scholar answers 301 Moved Permanently"),
    ),
)
async def test_a_failure_is_shown_with_its_reason_and_the_works_stay_due(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock, behaviour: str, words: str
) -> None:
    server.behaviour[S2] = behaviour
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await enricher.take_in(recent(1))
    wait = await enricher.ask(S2)
    shown = await row(enricher, S2)
    assert (shown["state"], shown["detail"], shown["last_error"]) == ("open", words, words)
    assert "key-of-s2" not in str(shown)
    server.behaviour[S2] = "ok"
    await enricher.ask(S2)
    assert server.asked[S2] == 1, "it is not asked meanwhile"
    clock.advance(seconds=wait)
    await enricher.ask(S2)
    assert (await enricher.published())[-1].paper.signals.citations == 4
    assert (await row(enricher, S2))["state"] == "closed"
    assert (await row(enricher, S2))["detail"] is None


async def test_the_wait_doubles_with_each_failure_and_ends_with_a_success(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    server.behaviour[S2] = "429"
    await enricher.take_in(recent(1))
    waits = []
    for _ in range(4):
        waits.append(await enricher.ask(S2))
        clock.advance(seconds=waits[-1])
    assert waits == [5, 10, 20, 40]
    server.behaviour[S2] = "ok"
    await enricher.ask(S2)
    clock.advance(hours=13)
    server.behaviour[S2] = "429"
    assert await enricher.ask(S2) == 5


async def test_retry_after_is_respected(enricher: EnricherInstance, server: ProviderServer) -> None:
    server.behaviour[S2] = "503"
    await enricher.take_in(recent(1))
    assert await enricher.ask(S2) == 90
    server.behaviour["github"] = "limited"
    await enricher.take_in(recent(2, code=(CodeLink(url="https://github.com/a/b"),)))
    assert await enricher.ask("github") == 6 * 3_600


async def test_one_enricher_tries_a_half_open_provider_for_all(
    enricher: EnricherInstance, settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    """INVARIANT: a provider that was down is tried by one enricher at a time until it answers."""
    await enricher.take_in(*(recent(n) for n in range(30)))
    server.behaviour["crossref"] = "503"
    async with running_enricher(settings, server, clock) as other:
        await enricher.ask("crossref")
        assert await other.ask("crossref") > 1, "the breaker of one enricher counts for the other"
        assert server.asked["crossref"] == 1
        clock.advance(seconds=91)
        server.behaviour["crossref"] = "held"
        first = asyncio.create_task(enricher.ask("crossref"))
        await until(lambda: server.asked["crossref"] == 2)
        assert (await row(other, "crossref"))["state"] == "open"
        await other.ask("crossref")
        assert server.asked["crossref"] == 2
        clock.advance(seconds=Policy().trial + 1)
        await other.refreshes["crossref"].show()
        assert (await row(other, "crossref"))["state"] == "half-open"
        server.behaviour["crossref"] = "ok"
        server.released.set()
        await first
        assert (await row(enricher, "crossref"))["state"] == "closed"


async def test_a_redirect_in_a_circle_or_to_another_host_is_a_failure(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    await enricher.take_in(recent(1))
    for name, behaviour, words in (
        ("huggingface", "elsewhere", "huggingface redirects to another host"),
        ("crossref", "circle", "crossref redirected more than 3 times"),
    ):
        server.behaviour[name] = behaviour
        await enricher.ask(name)
        assert (await row(enricher, name))["detail"] == words
    assert server.asked["crossref"] == 4


async def test_a_provider_that_hangs_times_out(settings: Settings, server: ProviderServer, clock: Clock) -> None:
    server.behaviour[S2] = "held"
    async with running_enricher(settings, server, clock, provider_timeout=0.2) as hasty:
        await hasty.take_in(recent(1))
        await hasty.ask(S2)
        assert (await row(hasty, S2))["detail"] == "semantic-scholar did not answer completely within 0.2 s"


async def test_papers_are_published_while_a_provider_is_slow(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    """INVARIANT: no paper waits for a provider: all are published before a slow provider has answered."""
    server.behaviour[S2] = "held"
    server.scholar = {f"ARXIV:2401.{n:05d}": {"citationCount": 4} for n in range(100)}
    await enricher.take_in(recent(0))
    slow = asyncio.create_task(enricher.ask(S2))
    await until(lambda: server.asked[S2])
    reported = await enricher.take_in(*(recent(n) for n in range(1, 100)))
    assert [event.revision for event in reported] == [1] * 100
    assert not slow.done()
    server.released.set()
    await slow
    await enricher.ask(S2)
    reported = await enricher.published()
    assert [event.revision for event in reported] == [1] * 100 + [2] * 100
    assert all(event.paper.signals.citations == 4 for event in reported[100:])


async def test_pending_papers_come_before_providers(enricher: EnricherInstance, server: ProviderServer) -> None:
    """INVARIANT: while many papers are pending, no provider is asked and no work is amended."""
    await enricher.take_in(recent(1))
    await enricher.bus.stop()
    await publish(enricher.bus, FETCHED, *(recent(n) for n in range(2, BUSY + 2)))
    rows = await enricher.bus.redis.xreadgroup("enricher", "another", {FETCHED.name: ">"}, count=BUSY)
    assert await enricher.ask(S2) == POLL_S
    assert server.asked[S2] == 0
    await enricher.bus.redis.xack(FETCHED.name, "enricher", rows[0][1][0][0])
    await enricher.ask(S2)
    assert server.asked[S2] == 1


async def test_a_work_that_changed_during_a_request_keeps_both_changes(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    server.behaviour[S2] = "held"
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await enricher.take_in(recent(1, version=1))
    slow = asyncio.create_task(enricher.ask(S2))
    await until(lambda: server.asked[S2])
    await enricher.take_in(recent(1, version=2, abstract="We fold better cranes."))
    server.released.set()
    await slow
    work = await enricher.work()
    assert (work.paper.abstract, work.paper.signals.citations) == ("We fold better cranes.", 4)
    assert [event.revision for event in await enricher.published()] == [1, 2, 3]


async def test_two_enrichers_share_the_works_that_are_due(
    enricher: EnricherInstance, settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    """INVARIANT: a work that is due is asked about by one enricher, once."""
    count = 60
    await enricher.take_in(*(recent(n, identifiers={"doi": f"10.1000/{n}"}) for n in range(count)))
    async with running_enricher(settings, server, clock, crossref_mailto="me@example.org") as other:
        for _ in range(3):
            await asyncio.gather(enricher.ask("crossref"), other.ask("crossref"))
            clock.advance(seconds=5)
    asked = [part for request in server.seen for part in request.query["filter"].split(",")]
    dois = [part for part in asked if part.startswith("doi:")]
    assert sorted(dois) == sorted(f"doi:10.1000/{n}" for n in range(count))
    assert {request.query.get("mailto") for request in server.seen} == {None, "me@example.org"}, "one asked for all"


async def test_two_enrichers_share_a_quota(enricher: EnricherInstance, clock: Clock) -> None:
    quota = Quota(5, 0.1)
    one, other = Quotas(enricher.bus.redis, clock), Quotas(enricher.bus.redis, clock)
    for quotas in (one, other, one, other, one):
        await quotas.take("x", quota)
    assert await other.left("x", quota) == 0
    with pytest.raises(QuotaSpentError) as spent:
        await other.take("x", quota)
    assert spent.value.retry_after == 10
    clock.advance(seconds=10)
    await other.take("x", quota)
    clock.advance(days=1)
    assert await one.left("x", quota) == 5
    for _ in range(5):
        await one.take("x", quota)
    clock.now -= timedelta(days=1)
    with pytest.raises(QuotaSpentError):
        await one.take("x", quota)


async def test_different_clocks_do_not_create_tokens(enricher: EnricherInstance, clock: Clock) -> None:
    quota = Quota(2, 0.1)
    behind = Clock()
    behind.advance(seconds=-15)
    one, other = Quotas(enricher.bus.redis, clock), Quotas(enricher.bus.redis, behind)
    await one.take("x", quota)
    await other.take("x", quota)
    for quotas in (one, other, one, other):
        with pytest.raises(QuotaSpentError):
            await quotas.take("x", quota)
    behind.advance(days=-30)
    clock.advance(days=-30)
    with pytest.raises(QuotaSpentError):
        await one.take("x", quota)
    clock.advance(seconds=30)
    await one.take("x", quota)


async def test_a_spent_quota_is_no_failure_and_the_rest_is_requested_later(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    most = PROVIDERS["huggingface"].quota.most
    await enricher.take_in(*(recent(n) for n in range(most + 10)))
    for _ in range(9):
        await enricher.ask("huggingface")
    assert server.asked["huggingface"] == most
    shown = await row(enricher, "huggingface")
    assert (shown["state"], shown["quota_left"], shown["quota"]) == ("closed", 0, most)
    clock.advance(minutes=2)
    await enricher.refreshes["huggingface"].show()
    shown = await row(enricher, "huggingface")
    assert (shown["due"], shown["quota_left"]) == (10, most)
    assert shown["behind_s"] > 60
    for _ in range(3):
        await enricher.ask("huggingface")
    assert server.asked["huggingface"] == most + 10


async def test_the_newest_works_are_requested_first(enricher: EnricherInstance, server: ProviderServer) -> None:
    """New works come first however long old ones have been due."""
    await enricher.take_in(*(recent(n, published="2026-01-15") for n in range(10)), recent(10, published="2019-01-01"))
    await enricher.take_in(*(recent(n) for n in range(11, 15)))
    for _ in range(2):
        await enricher.ask("huggingface")
    order = [request.path.rpartition("/")[2] for request in server.seen]
    assert set(order[:4]) == {f"2401.{n:05d}" for n in range(11, 15)}
    assert order[-1] == "2401.00010", "old works come when nothing else is due"


async def test_old_works_are_requested_once(enricher: EnricherInstance, server: ProviderServer, clock: Clock) -> None:
    await enricher.take_in(recent(1, published="2019-01-01"))
    for _ in range(10):
        await enricher.ask(S2)
        clock.advance(days=30)
    assert server.asked[S2] == 1
    assert [key async for key in enricher.bus.redis.scan_iter(f"due:{S2}:*")] == []


async def test_a_provider_added_later_receives_requests_for_known_works(
    enricher: EnricherInstance, settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    async with running_enricher(settings, server, clock, providers="crossref") as before:
        await before.take_in(recent(1), recent(2, published="2019-01-01"))
    await enricher.due(S2).begin(["crossref", S2])
    await enricher.ask(S2)
    assert (await enricher.work()).paper.signals.citations == 4
    assert server.bodies[0] == {"ids": ["ARXIV:2401.00001", "ARXIV:2401.00002"]}


async def test_a_provider_without_the_key_that_it_needs_stops_the_start(
    settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    with pytest.raises(ConfigurationError, match=r"openalex, which needs a key: set PAPERWIRE_OPENALEX_KEY\."):
        async with running_enricher(settings, server, clock, openalex_key=None):
            pass


async def test_an_error_in_the_code_of_a_provider_opens_the_breaker(
    enricher: EnricherInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enricher.take_in(recent(1))
    provider = enricher.refreshes[S2]._provider

    async def broken(*_: Any) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(type(provider), "ask", broken)
    assert await enricher.ask(S2) == 5
    assert (await row(enricher, S2))["detail"] == "semantic-scholar: KeyError"


CRASH = """
import asyncio, sys
from ipaddress import ip_network
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.integration.enricher.refresh.instance import Clock, running_enricher

async def main():
    server = ProviderServer()
    server.url = sys.argv[2]
    settings = Settings.load(redis_url=sys.argv[1])
    async with running_enricher(settings, server, Clock(), provider_timeout=60.0) as enricher:
        await enricher.ask("semantic-scholar")

asyncio.run(main())
"""


async def test_works_of_a_killed_enricher_are_taken_over(
    enricher: EnricherInstance, settings: Settings, server: ProviderServer, clock: Clock
) -> None:
    """INVARIANT: a work whose enricher was killed is asked about by another once its lease has ended."""
    server.behaviour[S2] = "held"
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 4}
    await enricher.take_in(recent(1))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CRASH, settings.redis_url, server.url)
    try:
        await until(lambda: server.asked[S2] == 1, within=60)
    finally:
        process.kill()
        await process.wait()
    server.behaviour[S2] = "ok"
    await enricher.ask(S2)
    assert server.asked[S2] == 1, "its lease still holds"
    clock.advance(seconds=LEASE_S)
    await enricher.ask(S2)
    assert (await enricher.work()).paper.signals.citations == 4


async def test_a_cancelled_request_makes_its_works_due_again(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    server.behaviour[S2] = "held"
    await enricher.take_in(recent(1))
    slow = asyncio.create_task(enricher.ask(S2))
    await until(lambda: server.asked[S2])
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    server.behaviour[S2] = "ok"
    await enricher.ask(S2)
    assert server.asked[S2] == 2
