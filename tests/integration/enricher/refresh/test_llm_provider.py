"""Summaries by a language model: which works are asked about, in which order, and what becomes of the answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from services.enricher.handlers import band
from services.enricher.providers.llm_provider import LlmProvider
from shared.papers.paper import SAMPLE, SourceRef, Tldr
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance, recent, running_enricher
from tests.llm_endpoint import LlmEndpoint, llm_endpoint

ABSTRACT = (
    "Paper cranes are hard to fold for machines. We present a robot arm that learns to fold paper cranes from a few "
    "videos of people, and evaluate it on forty new folds, of which it completes thirty-one without help."
)
ENGLISH = "A robot arm learns to fold paper cranes from a few videos and completes most new folds without help."
GERMAN = "Ein Roboterarm lernt aus wenigen Videos, Kraniche aus Papier zu falten, und schafft die meisten ohne Hilfe."


@pytest.fixture
async def endpoint() -> AsyncIterator[LlmEndpoint]:
    async with llm_endpoint() as opened:
        opened.says(en=ENGLISH, de=GERMAN)
        yield opened


@asynccontextmanager
async def running(
    settings: Settings, server: ProviderServer, clock: Clock, endpoint: LlmEndpoint, **more: Any
) -> AsyncIterator[EnricherInstance]:
    options = {"llm_url": endpoint.url, "llm_model": "qwen3:8b", "llm_languages": "de,en", "providers": "llm"}
    async with running_enricher(settings, server, clock, **{**options, **more}) as opened:
        yield opened


@pytest.fixture
async def enricher(
    settings: Settings, server: ProviderServer, clock: Clock, endpoint: LlmEndpoint
) -> AsyncIterator[EnricherInstance]:
    async with running(settings, server, clock, endpoint) as opened:
        yield opened


async def test_a_new_work_gets_its_summary_in_the_languages_of_the_operator_without_a_change(
    enricher: EnricherInstance, endpoint: LlmEndpoint
) -> None:
    await enricher.take_in(recent(abstract=ABSTRACT))
    await enricher.ask("llm")
    work = await enricher.work()
    expected = {"source": "llm", "model": "qwen3:8b", "language": "de", "of": work.fingerprint}
    assert work.paper.tldr == Tldr(text=GERMAN, translations={"en": ENGLISH}, **expected)
    event = (await enricher.published())[-1]
    assert (event.paper.tldr, event.changes) == (work.paper.tldr, ())
    enricher.clock.advance(hours=4)
    await enricher.ask("llm")
    assert len(endpoint.requests) == 1, "it has its summary"
    row = orjson.loads((await enricher.bus.redis.hgetall("providers"))[b"llm"])
    assert (row["state"], row["quota"], row["quota_left"]) == ("closed", 1_000, 999)


async def test_a_revised_abstract_is_summarized_again(enricher: EnricherInstance, endpoint: LlmEndpoint) -> None:
    await enricher.take_in(recent(abstract=ABSTRACT, version=1))
    await enricher.ask("llm")
    enricher.clock.advance(hours=2)
    revised = recent(abstract=f"{ABSTRACT} We release the folds.", version=2)
    await enricher.take_in(revised)
    await enricher.ask("llm")
    assert len(endpoint.requests) == 2
    work = await enricher.work()
    assert work.paper.tldr
    assert work.paper.tldr.of == work.fingerprint


@pytest.mark.parametrize("fields", ({"published": "2026-02-01"}, {"abstract": "Short."}))
async def test_old_works_and_those_without_an_abstract_are_not_worth_a_request(
    enricher: EnricherInstance, endpoint: LlmEndpoint, fields: dict[str, Any]
) -> None:
    await enricher.take_in(recent(**{"abstract": ABSTRACT, **fields}))
    await enricher.ask("llm")
    assert endpoint.requests == []


async def test_works_that_trend_come_first_and_may_spend_more_of_the_budget(
    settings: Settings, server: ProviderServer, clock: Clock, endpoint: LlmEndpoint
) -> None:
    async with running(settings, server, clock, endpoint, llm_requests_per_day=4) as enricher:
        await enricher.take_in(*(recent(number, abstract=ABSTRACT) for number in (1, 2, 3)))
        await enricher.ask("llm")
        assert len(endpoint.requests) == 2, "half of the budget"
        works = [await enricher.work(f"arXiv:2401.{number:05d}") for number in (1, 2, 3)]
        late = next(work for work in works if work.paper.tldr is None).model_copy(update={"cooled": False})
        provider = enricher.refreshes["llm"]._provider
        assert isinstance(provider, LlmProvider)
        assert band(provider, late, clock()) == 0 < band(provider, late.model_copy(update={"cooled": True}), clock())
        assert list(await provider.ask([late])) == [late.paper.id]
        old = late.model_copy(update={"trend": late.trend and late.trend.model_copy(update={"since": "2025-01-01"})})
        assert provider.wants(old), "whatever its age"
        shown = old.paper.model_copy(update={"sources": (SourceRef(source=SAMPLE, id="1"),)})
        assert not provider.wants(old.model_copy(update={"paper": shown})), "a sample paper"


async def test_a_work_that_an_answer_of_a_provider_makes_trend_is_due_with_the_model(
    settings: Settings, server: ProviderServer, clock: Clock, endpoint: LlmEndpoint
) -> None:
    async with running(settings, server, clock, endpoint, providers="llm,huggingface") as enricher:
        await enricher.take_in(recent(abstract=ABSTRACT, published="2026-02-22"))
        await enricher.ask("llm")
        assert endpoint.requests == [], "older than a week"
        server.huggingface["2401.00001"] = {"id": "2401.00001", "upvotes": 100_000, "numComments": 5_000}
        await enricher.ask("huggingface")
        assert not (await enricher.work()).cooled
        await enricher.ask("llm")
        assert len(endpoint.requests) == 1
        assert (await enricher.work()).paper.tldr


@pytest.mark.parametrize(
    "answer",
    (
        "Yes, it is a fine paper.",
        json.dumps({"en": ENGLISH}),
        json.dumps({"en": ENGLISH, "de": ENGLISH}),
        json.dumps({"en": f"{ENGLISH[:-1]}: https://evil.example/", "de": GERMAN}),
    ),
)
async def test_a_refused_answer_is_no_failure_and_is_not_asked_for_again_while_the_work_is_new(
    enricher: EnricherInstance, endpoint: LlmEndpoint, answer: str
) -> None:
    endpoint.reply = lambda _: answer
    await enricher.take_in(recent(abstract=ABSTRACT))
    for _ in range(3):
        await enricher.ask("llm")
        enricher.clock.advance(hours=14)
    assert len(endpoint.requests) == 1
    assert (await enricher.work()).paper.tldr is None
    row = orjson.loads((await enricher.bus.redis.hgetall("providers"))[b"llm"])
    assert row["state"] == "closed"


async def test_a_failure_opens_the_breaker_as_long_as_the_endpoint_says(
    enricher: EnricherInstance, endpoint: LlmEndpoint
) -> None:
    endpoint.way = "429"
    await enricher.take_in(recent(abstract=ABSTRACT))
    assert await enricher.ask("llm") == pytest.approx(90.0)
    row = orjson.loads((await enricher.bus.redis.hgetall("providers"))[b"llm"])
    assert (row["state"], row["detail"]) == ("open", "the language model's endpoint answers 429")
    endpoint.way = "ok"
    await enricher.ask("llm")
    assert len(endpoint.requests) == 1, "the breaker is open"
    enricher.clock.advance(seconds=91)
    await enricher.ask("llm")
    assert (await enricher.work()).paper.tldr


async def test_the_summary_of_a_provider_does_not_replace_that_of_the_model(
    settings: Settings, server: ProviderServer, clock: Clock, endpoint: LlmEndpoint
) -> None:
    async with running(settings, server, clock, endpoint, providers="llm,semantic-scholar") as enricher:
        server.scholar["ARXIV:2401.00001"] = {"title": "x", "citationCount": 1, "tldr": {"text": "Robots fold."}}
        await enricher.take_in(recent(abstract=ABSTRACT))
        await enricher.ask("semantic-scholar")
        assert (await enricher.work()).paper.tldr == Tldr(text="Robots fold.", source="semantic-scholar")
        await enricher.ask("llm")
        enricher.clock.advance(hours=4)
        await enricher.ask("semantic-scholar")
        tldr = (await enricher.work()).paper.tldr
        assert tldr
        assert tldr.text == GERMAN
