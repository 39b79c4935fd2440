"""After an endpoint was down: the notice to its owner, and the recovery of failed deliveries."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.channels.webhook import signature
from services.notifier.delivery.retry import DISABLE_AFTER
from shared.papers.paper import Paper
from tests.integration.notifier.support import Arrived, Clock, Receiver, Wire, indexed, notifier
from tests.support import until

WANTS = {"categories": ["cs.RO"]}
DAY = 86_400


def paper(number: int) -> Paper:
    return Paper(id=f"arXiv:2603.{number:05d}", title="cranes", categories=("cs.RO",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    """A notifier with a manual clock and without jitter."""
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=clock, random=lambda: 0.5)) as running:
        yield running


async def states(wire: Wire, subscription: str) -> list[str]:
    return [one["state"] for one in await wire.deliveries(subscription)]


async def settled(wire: Wire, subscription: str, *wanted: str) -> None:
    """Wait until the deliveries of a subscription have these states, newest first."""

    async def so() -> bool:
        return await states(wire, subscription) == list(wanted)

    await until(so)


async def fail_until_disabled(wire: Wire, clock: Clock, subscription: str) -> int:
    """Advance the clock with a paper a day and a failing endpoint, until the subscription is disabled."""
    began, published, before = clock.now, 0, len(await wire.deliveries(subscription))

    async def disabled() -> bool:
        nonlocal published
        if (clock.now - began) // DAY >= published:
            published += 1
            await wire.publish(indexed(paper(before + published)))
        clock.now += 3_600
        one = await wire.call("GET", f"/v1/subscriptions/{subscription}", status=200)
        return bool(one["state"]["status"] == "disabled")

    await until(disabled)
    assert DISABLE_AFTER <= clock.now - began < DISABLE_AFTER + 2 * DAY
    return published


async def test_five_days_of_failure_disable_with_one_notice_and_recover_sends_all(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    """INVARIANT: deliveries that failed for days arrive when their owner recovers them."""
    receiver.answer("/hook", 503)
    hook = await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
    made = await wire.subscribe(receiver.url(), **WANTS)
    number = await fail_until_disabled(wire, clock, made["id"])

    def notices() -> list[Arrived]:
        return [one for one in receiver.arrived if one.path == "/ops"]

    (notice,) = await until(notices)
    stamp, name = int(notice.headers["webhook-timestamp"]), notice.headers["webhook-id"]
    assert notice.headers["webhook-signature"] == signature(hook["secret"], name, stamp, notice.body)
    received = json.loads(notice.body)
    assert (received["type"], received["data"]["subscription"]["id"]) == ("subscription.disabled", made["id"])
    one = f"/v1/subscriptions/{made['id']}"
    state = (await wire.call("GET", one))["state"]
    assert (state["status"], state["reason"]) == ("disabled", received["data"]["reason"])
    assert "for more than five days" in state["reason"]
    await wire.call("POST", f"{one}/recover?since=2020-01-01T00:00:00Z", status=409)
    receiver.answer("/hook", 204)
    await wire.call("POST", f"{one}/resume", status=200)
    await wire.call("POST", f"{one}/recover?since=2020-01-01T00:00:00Z", status=202)
    clock.now += 2 * DAY
    await settled(wire, made["id"], *["delivered"] * number)
    assert len(notices()) == 1


async def test_resuming_starts_the_five_days_again(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    receiver.answer("/hook", 503)
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
    made = await wire.subscribe(receiver.url(), **WANTS)
    await fail_until_disabled(wire, clock, made["id"])
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    await fail_until_disabled(wire, clock, made["id"])
    await until(lambda: sum(one.path == "/ops" for one in receiver.arrived) == 2)


async def test_recover_sends_what_failed_after_the_schedule_ended(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await wire.subscribe(receiver.url(), **WANTS)
    await wire.publish(indexed(paper(1)))
    await receiver.count(1)
    receiver.answer("/hook", 500)
    await wire.publish(indexed(paper(2)))

    async def failed() -> bool:
        clock.now += 3_600
        return "failed" in await states(wire, made["id"])

    await until(failed)
    receiver.answer("/hook", 204)
    path = f"/v1/subscriptions/{made['id']}/recover"
    assert (await wire.call("POST", f"{path}?since=2030-01-01T00:00:00Z", status=202))["recovered"] == 0
    before = len(receiver.arrived)
    answer = await wire.call("POST", f"{path}?since=2020-01-01T00:00:00%2B02:00", status=202)
    assert answer["recovered"] == 1
    await settled(wire, made["id"], "delivered", "delivered")
    assert len(receiver.arrived) == before + 1
    assert len({one.headers["webhook-id"] for one in receiver.arrived}) == 2
    for query in ("", "?since=yesterday", "?since=2026-01-01T00:00:00", "?since=2026-01-01T00:00:00Z&until=now"):
        await wire.call("POST", path + query, status=422)


async def test_held_deliveries_are_recovered_too(wire: Wire, receiver: Receiver) -> None:
    receiver.answer("/hook", 410)
    made = await wire.subscribe(receiver.url(), **WANTS)
    await wire.publish(indexed(paper(1)))
    await settled(wire, made["id"], "failed")
    receiver.answer("/hook", 204)
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    answer = await wire.call("POST", f"/v1/subscriptions/{made['id']}/recover?since=2020-01-01T00:00:00Z", status=202)
    assert answer["recovered"] == 1
    await settled(wire, made["id"], "delivered")


async def test_an_operational_webhook_can_be_set_read_replaced_and_deleted(wire: Wire, receiver: Receiver) -> None:
    path = "/v1/operational-webhook"
    await wire.call("GET", path, status=404)
    first = await wire.call("PUT", path, {"url": receiver.url("/a"), "headers": {"X-Key": "its-own"}}, status=200)
    second = await wire.call("PUT", path, {"url": receiver.url("/b")}, status=200)
    assert first["secret"] != second["secret"]
    shown = await wire.call("GET", path, status=200)
    assert (shown["url"], shown["secret"], shown["state"]["status"]) == (receiver.url("/b"), None, "active")
    await wire.call("PUT", path, {"url": "ftp://x.example"}, status=422)
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    await wire.call("GET", path, status=404, key=other)
    assert (await wire.call("GET", "/v1/subscriptions", status=200))["subscriptions"] == []
    await wire.call("DELETE", path, status=204)
    await wire.call("DELETE", path, status=404)


async def test_a_notice_to_an_endpoint_that_is_gone_writes_no_other_notice(wire: Wire, receiver: Receiver) -> None:
    receiver.answer("/hook", 410)
    receiver.answer("/ops", 410)
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
    await wire.subscribe(receiver.url(), **WANTS)
    await wire.publish(indexed(paper(1)))

    async def disabled() -> bool:
        shown = await wire.call("GET", "/v1/operational-webhook", status=200)
        return bool(shown["state"]["status"] == "disabled")

    await until(disabled)
    assert [one.path for one in receiver.arrived] == ["/hook", "/ops"]
    assert (await wire.runtime.qdrant().count("subscriptions")).count == 1
