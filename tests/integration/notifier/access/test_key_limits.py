"""What one API key may ask for and store."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.idempotency import MAX_ANSWER
from services.notifier.access.key_limits import COSTLY
from services.notifier.subscription.store import MAX_BYTES, MAX_CACHED_BYTES, _cached, _row
from tests.integration.notifier.support import Wire, notifier

LIST = "/v1/subscriptions"
PREVIEW = f"{LIST}/preview"
BODY: dict[str, Any] = {"categories": ["cs.CL"], "channel": {"type": "webhook", "url": "https://example.org/hook"}}


async def ask(wire: Wire, path: str = LIST, key: str | None = "") -> ClientResponse:
    headers = {} if key is None else {"Authorization": f"Bearer {key or wire.key}"}
    async with wire.http.get(path, headers=headers) as answer:
        return answer


async def test_requests_count_by_key_and_without_a_valid_key_by_address(
    redis_url: str, qdrant_url: str, tmp_path: Path
) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path, rate_limit=2, key_rate_limit=3) as wire:
        _, other = await ApiKeys(wire.runtime.redis).create("other")
        assert [(await ask(wire)).status for _ in range(4)] == [200, 200, 200, 429]
        answer = await ask(wire, key=other)
        assert answer.status == 200
        assert answer.headers["RateLimit-Policy"] == '"key";q=3;w=60'
        assert answer.headers["RateLimit"].startswith('"key";r=2;')
        anonymous = [(await ask(wire, key=key)).status for key in (None, "pw_wrong", None, "pw_wrong")]
        assert anonymous == [401, 401, 429, 429]


async def test_previews_have_a_limit_of_their_own(wire: Wire) -> None:
    policy, quota = COSTLY["POST", PREVIEW]
    calls = (wire.call("POST", PREVIEW, {"categories": ["cs.CL"]}) for _ in range(2 * quota.most))
    answers = await asyncio.gather(*calls)
    refused = [answer for answer in answers if answer.get("status") == 429]
    assert 0 < len(refused) <= quota.most
    headers = {"Authorization": f"Bearer {wire.key}"}
    async with wire.http.post(PREVIEW, json={"categories": ["cs.CL"]}, headers=headers) as answer:
        assert f'"{policy}";q={quota.most};w=60' in answer.headers["RateLimit-Policy"]


async def test_a_key_has_a_limit_of_subscriptions(redis_url: str, qdrant_url: str, tmp_path: Path) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path, subscriptions_per_key=2) as wire:
        made = [await wire.call("POST", LIST, BODY, status=201) for _ in range(2)]
        assert "2 subscriptions" in (await wire.call("POST", LIST, BODY, status=422))["detail"]
        await wire.call("DELETE", f"{LIST}/{made[0]['id']}", status=204)
        await wire.call("POST", LIST, BODY, status=201)


async def test_a_subscription_has_at_most_64_kib(wire: Wire) -> None:
    made = await wire.call("POST", LIST, BODY | {"query": "x" * 20_000}, status=201)
    one = f"{LIST}/{made['id']}"
    await wire.call("PATCH", one, {"must": [f"{n} " + "a" * 190 for n in range(50)]}, status=200)
    await wire.call("PATCH", one, {"any": [f"{n} " + "a" * 190 for n in range(50)]}, status=200)
    problem = await wire.call("PATCH", one, {"authors": [f"{n} " + "a" * 100 for n in range(500)]}, status=422)
    assert f"over {MAX_BYTES} bytes" in problem["detail"]
    assert (await wire.call("GET", one, status=200))["authors"] == []


async def test_large_subscriptions_are_not_kept_in_memory(wire: Wire) -> None:
    made = await wire.call("POST", LIST, BODY | {"query": "x" * 20_000}, status=201)
    raw = await wire.runtime.redis.get(f"subscription:{made['id']}")
    assert len(raw) > MAX_CACHED_BYTES
    _cached.cache_clear()
    assert _row(made["id"], raw).subscription.id == made["id"]
    assert _cached.cache_info().currsize == 0


@pytest.mark.parametrize("size", [MAX_ANSWER // 2, 2 * MAX_ANSWER])
async def test_large_answers_are_not_kept_for_a_repetition(wire: Wire, size: int) -> None:
    created = await wire.call("POST", LIST, BODY | {"query": "x" * min(size, 19_000)}, status=201, once="key")
    kept = [key async for key in wire.runtime.redis.scan_iter("idempotency:*")]
    assert len(kept) == (1 if size < MAX_ANSWER else 0)
    assert created["id"]
