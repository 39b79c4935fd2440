"""What a delivery does when its endpoint does not accept it."""

# JSON answers have no narrower type

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from services.notifier.bootstrap import ClockAndRandom
from services.notifier.channels.webhook import signature
from services.notifier.delivery.retry import SCHEDULE
from shared.papers.paper import Paper
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

PAPER = Paper(id="arXiv:2603.00001", title="cranes", categories=("cs.RO",))
WANTS = {"categories": ["cs.RO"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slow_wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    """A notifier with a manual clock and without jitter."""
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=clock, random=lambda: 0.5)) as wire:
        yield wire


async def attempts(wire: Wire, subscription: str, number: int) -> Any:
    """Wait until the delivery of a subscription has had some attempts; return it."""

    async def look() -> Any:
        found = await wire.deliveries(subscription)
        return found[0] if found and len(found[0]["log"]) >= number else None

    return await until(look)


async def test_a_delivery_ends_after_ten_attempts_in_three_days(
    slow_wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer("/hook", 500)
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    await slow_wire.publish(indexed(PAPER))
    for number, following in enumerate(SCHEDULE[1:], start=1):
        delivery = await attempts(slow_wire, made["id"], number)
        assert delivery["state"] == "pending"
        clock.now += following - 1
        await asyncio.sleep(0.05)  # several looks of the sender: it is a second too early
        assert len(receiver.arrived) == number
        clock.now += 2
    delivery = await attempts(slow_wire, made["id"], 10)
    assert (delivery["state"], delivery["next_attempt_at"]) == ("failed", None)
    assert {one["answer"] for one in delivery["log"]} == {"said the endpoint"}
    clock.now += 7 * 86_400
    await asyncio.sleep(0.05)
    assert len(receiver.arrived) == 10
    assert len({one.headers["webhook-id"] for one in receiver.arrived}) == 1
    assert len({one.body for one in receiver.arrived}) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.arrived]
    assert stamps == sorted(set(stamps))
    for one, stamp in zip(receiver.arrived, stamps, strict=True):
        expected = signature(made["secret"], one.headers["webhook-id"], stamp, one.body)
        assert one.headers["webhook-signature"] == expected


async def test_a_restart_between_attempts_neither_loses_nor_repeats_one(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer("/hook", 500, 500, 204)
    clock_and_random = ClockAndRandom(clock=clock, random=lambda: 0.5)
    async with notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as wire:
        made = await wire.subscribe(receiver.url(), **WANTS)
        await wire.publish(indexed(PAPER))
        await attempts(wire, made["id"], 1)
        key = wire.key
    clock.now += 6
    async with notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as wire:
        wire.key = key
        await attempts(wire, made["id"], 2)
    clock.now += 301
    async with notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as wire:
        wire.key = key
        delivery = await attempts(wire, made["id"], 3)
        assert delivery["state"] == "delivered"
        assert [one["status"] for one in delivery["log"]] == [500, 500, 204]
    assert len(receiver.arrived) == 3


async def test_410_disables_the_subscription_at_once(wire: Wire, receiver: Receiver) -> None:
    receiver.answer("/hook", 410)
    made = await wire.subscribe(receiver.url(), **WANTS)
    await wire.publish(indexed(PAPER))
    delivery = await attempts(wire, made["id"], 1)
    assert delivery["state"] == "failed"
    state = (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["state"]
    assert (state["status"], state["reason"]) == ("disabled", "The endpoint answered 410 Gone.")
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(wire.drained)
    assert len(await wire.deliveries(made["id"])) == 1
    receiver.answer("/hook", 204)
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00003"})))
    await receiver.count(2)


async def test_retry_after_pauses_the_whole_endpoint(slow_wire: Wire, receiver: Receiver, clock: Clock) -> None:
    receiver.answer("/hook", 429, headers={"Retry-After": "120"})
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    await slow_wire.publish(indexed(PAPER))
    delivery = await attempts(slow_wire, made["id"], 1)
    assert delivery["next_attempt_at"] == "2027-01-15T08:02:00Z"
    await slow_wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(slow_wire.drained)
    clock.now += 119
    await asyncio.sleep(0.05)
    assert len(receiver.arrived) == 1
    receiver.answer("/hook", 204)
    clock.now += 2
    await receiver.count(3)


async def test_a_redirect_is_refused_and_logged(slow_wire: Wire, receiver: Receiver) -> None:
    receiver.answer("/hook", 302, headers={"Location": receiver.url("/elsewhere")})
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    await slow_wire.publish(indexed(PAPER))
    delivery = await attempts(slow_wire, made["id"], 1)
    assert (delivery["log"][0]["status"], delivery["log"][0]["error"]) == (302, "redirects are not followed")
    assert [one.path for one in receiver.arrived] == ["/hook"]


@pytest.mark.parametrize("url", ("http://127.0.0.1:9/", "http://localhost:9/", "http://[::ffff:127.0.0.1]:9/"))
async def test_an_address_that_is_no_longer_allowed_is_refused_with_advice(
    redis_url: str, qdrant_url: str, tmp_path: Path, url: str
) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path, allow_private_endpoints="127.0.0.0/8") as wire:
        made, key = await wire.subscribe(url, **WANTS), wire.key
    async with notifier(redis_url, qdrant_url, tmp_path, allow_private_endpoints="") as wire:
        wire.key = key
        await wire.publish(indexed(PAPER))
        (attempt,) = (await attempts(wire, made["id"], 1))["log"]
        assert attempt["status"] is None
        assert "leads to a private address" in attempt["error"]
        assert "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS" in attempt["error"]


async def test_a_slow_or_endless_answer_does_not_block_the_sender(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.05)

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    receiver.answers |= {"/drip": drip, "/flood": flood}
    async with notifier(redis_url, qdrant_url, tmp_path, attempt_timeout=1.0) as wire:
        dripping = await wire.subscribe(receiver.url("/drip"), **WANTS)
        flooding = await wire.subscribe(receiver.url("/flood"), **WANTS)
        await wire.publish(indexed(PAPER))
        slow = await attempts(wire, dripping["id"], 1)
        assert slow["log"][0]["error"] == "no complete answer within 1 s"
        much = await attempts(wire, flooding["id"], 1)
        assert (much["state"], len(much["log"][0]["answer"])) == ("delivered", 16 * 1024)


async def test_one_hung_endpoint_does_not_delay_99_others(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    """All deliveries of the others arrive while the attempts at one endpoint hang, however long that takes."""
    hanging = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await hanging.wait()
        return web.Response(status=204)

    def others() -> int:
        return sum(one.path != "/0" for one in receiver.arrived)

    receiver.answers["/0"] = hang
    async with notifier(redis_url, qdrant_url, tmp_path, attempt_timeout=60) as wire:
        for number in range(100):
            await wire.subscribe(receiver.url(f"/{number}"), **WANTS)
        papers = [PAPER.model_copy(update={"id": f"arXiv:2603.{number:05d}"}) for number in range(8)]
        await wire.publish(*map(indexed, papers))
        while (arrived := others()) < 99 * 8:
            await until(lambda arrived=arrived: others() > arrived)  # type: ignore[misc]
        assert sum(one.path == "/0" for one in receiver.arrived) == 4
        hanging.set()
        while (arrived := len(receiver.arrived)) < 100 * 8:
            await until(lambda arrived=arrived: len(receiver.arrived) > arrived)  # type: ignore[misc]


async def test_a_previous_secret_stays_valid_for_a_day(slow_wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    rotated = await slow_wire.call("POST", f"/v1/subscriptions/{made['id']}/rotate-secret", status=200)
    await slow_wire.publish(indexed(PAPER))
    (first,) = await receiver.count(1)
    assert len(first.headers["webhook-signature"].split()) == 2
    clock.now += 86_401
    await slow_wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    last = (await receiver.count(2))[1]
    stamp = int(last.headers["webhook-timestamp"])
    sent = last.headers["webhook-signature"]
    assert sent == signature(rotated["secret"], last.headers["webhook-id"], stamp, last.body)


async def test_a_test_alert_returns_its_result_at_once(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), **WANTS)
    result = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert (result["state"], result["test"], result["log"][0]["status"]) == ("delivered", True, 204)
    event = Webhook(made["secret"]).verify(receiver.arrived[0].body, receiver.arrived[0].headers)
    assert event["data"]["paper"]["id"] == "paperwire:test"
    receiver.answer("/hook", 500)
    result = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert (result["state"], len(result["log"])) == ("failed", 1)


async def test_a_paused_subscription_receives_nothing_until_resumed(
    slow_wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer("/hook", 500, 204)
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    await slow_wire.publish(indexed(PAPER))
    await attempts(slow_wire, made["id"], 1)
    await slow_wire.call("POST", f"/v1/subscriptions/{made['id']}/pause", status=200)
    await slow_wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(slow_wire.drained)
    clock.now += 3_600

    async def held() -> bool:
        return bool((await slow_wire.deliveries(made["id"]))[0]["state"] == "held")

    await until(held)
    assert len(receiver.arrived) == 1
    await slow_wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    delivery = await attempts(slow_wire, made["id"], 2)
    assert delivery["state"] == "delivered"
    assert len(receiver.arrived) == 2


async def test_a_redelivery_keeps_its_id(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), **WANTS)
    await wire.publish(indexed(PAPER))
    delivery = await attempts(wire, made["id"], 1)
    await wire.call("POST", f"/v1/deliveries/{delivery['id']}/redeliver", status=202)
    first, second = await receiver.count(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(first.body) == json.loads(second.body)
    assert len((await attempts(wire, made["id"], 2))["log"]) == 2


async def test_deleting_a_subscription_drops_its_due_deliveries(
    slow_wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer("/hook", 500)
    made = await slow_wire.subscribe(receiver.url(), **WANTS)
    await slow_wire.publish(indexed(PAPER))
    await attempts(slow_wire, made["id"], 1)
    await slow_wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    clock.now += 60

    async def let_go() -> bool:
        return not await slow_wire.runtime.redis.exists("deliveries:owners", "deliveries:turns", "deliveries:busy")

    await until(let_go)
    assert len(receiver.arrived) == 1
