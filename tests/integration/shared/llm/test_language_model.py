"""The language model over a real socket: its options, failures, quota and budget."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel
from redis.asyncio import Redis

from shared.bus import Bus
from shared.errors import ConfigurationError, TransientError
from shared.llm.fencing import fenced
from shared.llm.language_model import LanguageModel, LaterError, open_language_model
from shared.llm.llm_answers import UnusableAnswerError
from shared.llm.llm_settings import LlmSettings
from tests.llm_endpoint import LlmEndpoint, llm_endpoint

KEY = "sk-secret-of-the-operator"
PROMPT = fenced("Decide.", {"Abstract": ("We fold cranes.", 100)})
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()


class Answer(BaseModel):
    meets: bool


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def endpoint() -> AsyncIterator[LlmEndpoint]:
    async with llm_endpoint() as opened:
        opened.says(meets=True)
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


def opened(bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock, **fields: Any) -> LanguageModel:
    settings = LlmSettings.load(llm_url=endpoint.url, llm_model="qwen3:8b", llm_key=KEY, **fields)
    model = open_language_model(settings, bus.redis, stack.push_async_callback, clock)
    assert model
    return model


async def spent(redis: "Redis[bytes]") -> dict[str, int]:
    return {name.decode(): int(count) for name, count in (await redis.hgetall("llm:spent:2026-03-04")).items()}


async def test_a_request_has_the_key_the_model_and_the_options_and_its_tokens_are_counted(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    model = opened(bus, endpoint, stack, clock)
    assert (await model.ask(PROMPT, Answer)).meets
    (sent,) = endpoint.requests
    assert endpoint.paths == ["/v1/chat/completions"]
    assert endpoint.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert (sent["model"], sent["temperature"], sent["stream"]) == ("qwen3:8b", 0, False)
    assert sent["response_format"] == {"type": "json_object"}
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert await spent(bus.redis) == {"requests": 1, "tokens": 100}
    assert await model.budget.requests_left() == 999


@pytest.mark.parametrize(
    ("refused", "requests"), ((("response_format",), 2), (("max_tokens", "response_format"), 3), (("temperature",), 3))
)
async def test_options_that_the_endpoint_refuses_are_left_out_from_then_on(  # fixtures
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock, refused: tuple[str, ...], requests: int
) -> None:
    model = opened(bus, endpoint, stack, clock)
    endpoint.refused_options = refused
    for _ in range(2):
        assert (await model.ask(PROMPT, Answer)).meets
    assert len(endpoint.requests) == requests + 1
    assert set(refused).isdisjoint(endpoint.requests[-1])
    assert (await spent(bus.redis))["requests"] == requests + 1


@pytest.mark.parametrize(
    ("way", "reason"),
    (
        ("429", "answers 429"),
        ("500", "answers 500"),
        ("401", "refuses the key in PAPERWIRE_LLM_KEY"),
        ("404", "check PAPERWIRE_LLM_URL and PAPERWIRE_LLM_MODEL"),
        ("400", "answers 400"),
        ("html", "not JSON"),
        ("truncated", "not JSON"),
        ("error", "reports an error"),
        ("shape", "unexpected shape"),
        ("huge", "more than 1,048,576 bytes"),
        ("redirect", "redirects, which is not followed"),
        ("broken-stream", "ended its answer early"),
        ("held", "did not answer in time"),
    ),
)
async def test_each_failure_has_its_words_which_hold_no_secret(  # fixtures
    bus: Bus,
    endpoint: LlmEndpoint,
    stack: AsyncExitStack,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    way: str,
    reason: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    model = opened(bus, endpoint, stack, clock, llm_timeout=0.3 if way == "held" else 20.0)
    endpoint.way = way
    with pytest.raises(TransientError, match=reason) as failed:
        await model.ask(PROMPT, Answer)
    assert not isinstance(failed.value, LaterError)
    assert failed.value.retry_after == (90.0 if way == "429" else None)
    assert KEY not in f"{failed.value!r} {model!r} {caplog.text}"
    assert "stranger" not in str(failed.value)
    if way == "redirect":
        assert endpoint.paths == ["/v1/chat/completions"], "the key goes nowhere else"


async def test_an_answer_that_is_streamed_or_has_prose_around_it_is_read(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    model = opened(bus, endpoint, stack, clock)
    endpoint.way = "stream"
    assert (await model.ask(PROMPT, Answer)).meets
    assert (await spent(bus.redis))["tokens"] == 42
    endpoint.way = "ok"
    endpoint.reply = lambda _: 'Sure: {"meets": true}'
    assert (await model.ask(PROMPT, Answer)).meets
    endpoint.reply = lambda _: "Sure."
    with pytest.raises(UnusableAnswerError):
        await model.ask(PROMPT, Answer)


async def test_the_budget_of_a_day_ends_and_is_there_again_the_next_day(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    model = opened(bus, endpoint, stack, clock, llm_requests_per_day=4)
    await model.ask(PROMPT, Answer, 0.5)
    await model.ask(PROMPT, Answer, 0.5)
    with pytest.raises(LaterError, match="budget of the language model is used up for today") as spent_half:
        await model.ask(PROMPT, Answer, 0.5)
    assert spent_half.value.retry_after == 12 * 3_600
    await model.ask(PROMPT, Answer)
    await model.ask(PROMPT, Answer)
    with pytest.raises(LaterError):
        await model.ask(PROMPT, Answer)
    assert await model.budget.requests_left() == 0
    assert len(endpoint.requests) == 4
    clock.now += 12 * 3_600
    assert await model.budget.requests_left() == 4
    await model.ask(PROMPT, Answer)


async def test_tokens_are_reserved_before_a_request_so_that_a_budget_is_never_exceeded(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    model = opened(bus, endpoint, stack, clock, llm_tokens_per_day=1_000, llm_answer_tokens=500)
    endpoint.tokens = None  # the endpoint does not count: what was reserved counts
    await model.ask(PROMPT, Answer)
    with pytest.raises(LaterError):
        await model.ask(PROMPT, Answer)
    assert 500 < (await spent(bus.redis))["tokens"] <= 1_000


@pytest.mark.parametrize("counted", (2**63 - 1, 2**64 - 1, 10**30))
async def test_a_wrong_count_of_tokens_neither_fails_a_request_nor_ends_the_budget(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock, counted: int
) -> None:
    model = opened(bus, endpoint, stack, clock)
    endpoint.tokens = counted
    for _ in range(2):
        assert (await model.ask(PROMPT, Answer)).meets
    assert (await spent(bus.redis))["tokens"] < 20_000


async def test_tokens_that_are_counted_after_midnight_are_of_the_day_of_the_request(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    model = opened(bus, endpoint, stack, clock)

    def reply(_: dict[str, Any]) -> str:
        clock.now += 86_400
        return '{"meets": true}'

    endpoint.reply = reply
    await model.ask(PROMPT, Answer)
    assert await spent(bus.redis) == {"requests": 1, "tokens": 100}
    assert await bus.redis.keys("llm:spent:*") == [b"llm:spent:2026-03-04"]


async def test_the_quota_is_shared_and_says_when_the_next_request_is_possible(
    bus: Bus, endpoint: LlmEndpoint, stack: AsyncExitStack, clock: Clock
) -> None:
    one, two = (opened(bus, endpoint, stack, clock, llm_per_minute=6) for _ in range(2))
    await one.ask(PROMPT, Answer)
    with pytest.raises(LaterError, match="quota") as early:
        await two.ask(PROMPT, Answer)
    assert early.value.retry_after == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize(("fields", "lacks"), (({"llm_url": "http://x"}, "_MODEL"), ({"llm_model": "m"}, "_URL")))
async def test_an_address_and_a_model_need_each_other(bus: Bus, fields: dict[str, str], lacks: str) -> None:
    with pytest.raises(ConfigurationError, match=f"PAPERWIRE_LLM{lacks}"):
        open_language_model(LlmSettings.load(**fields), bus.redis, lambda _: None)
    assert open_language_model(LlmSettings.load(), bus.redis, lambda _: None) is None
