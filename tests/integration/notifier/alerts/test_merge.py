"""Merged alerts: one alert for all matching subscriptions of an owner to one endpoint."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from shared.papers.paper import Change, ChangeKind, Paper
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

PAPER = Paper(id="p", title="folding paper cranes", categories=("cs.RO",))
REVISED = Change(kind=ChangeKind.REVISED, version="v2")


async def subscribed(wire: Wire, url: str, **fields: Any) -> str:
    return str((await wire.subscribe(url, **({"categories": ["cs.RO"], "merge": True} | fields)))["id"])


async def alerted(wire: Wire, receiver: Receiver, number: int) -> list[tuple[str, list[str]]]:
    await receiver.count(number)
    await until(wire.drained)
    bodies = [json.loads(one.body) for one in receiver.arrived]
    return sorted((one["type"], [each["id"] for each in one["data"].get("subscriptions", [])]) for one in bodies)


async def test_matching_subscriptions_that_merge_get_one_alert(wire: Wire, receiver: Receiver) -> None:
    one = await subscribed(wire, receiver.url())
    two = await subscribed(wire, receiver.url(), changes=["new", "revised"])
    await subscribed(wire, receiver.url(), must=["swans"])
    await subscribed(wire, receiver.url(), merge=False)
    await subscribed(wire, receiver.url("/elsewhere"))
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    hers = {"categories": ["cs.RO"], "merge": True, "channel": {"type": "webhook", "url": receiver.url()}}
    await wire.call("POST", "/v1/subscriptions", hers, status=201, key=other)
    await wire.publish(indexed(PAPER))
    alerts = await alerted(wire, receiver, 4)
    assert ("paper.new", [one, two]) in alerts
    assert sorted(len(names) for _, names in alerts) == [0, 1, 1, 2]
    for name in (one, two):
        (delivery,) = await wire.deliveries(name)
        assert (delivery["paper"], delivery["subscription"]) == ("p", one)
        explained = await wire.runtime.redis.exists(f"deliveries:of:{name}")
        assert explained
    await wire.publish(indexed(PAPER, REVISED))
    assert ("paper.revised", [two]) in await alerted(wire, receiver, 5)


async def test_pausing_a_subscription_before_a_repeated_event_sends_no_second_alert(
    wire: Wire, receiver: Receiver
) -> None:
    """INVARIANT: the id of a merged alert does not depend on which subscriptions match."""
    one, two = [await subscribed(wire, receiver.url()) for _ in range(2)]
    await wire.publish(indexed(PAPER))
    assert await alerted(wire, receiver, 1) == [("paper.new", [one, two])]
    await wire.call("POST", f"/v1/subscriptions/{one}/pause", status=200)
    await wire.publish(indexed(PAPER), indexed(PAPER, REVISED))
    await subscribed(wire, receiver.url("/last"), merge=False)
    await wire.publish(indexed(PAPER.model_copy(update={"id": "q"})))
    expected = sorted([("paper.new", []), ("paper.new", [one, two]), ("paper.new", [two])])
    assert await alerted(wire, receiver, 3) == expected


@pytest.mark.parametrize("end", (("DELETE", ""), ("POST", "/pause")))
async def test_another_subscription_replaces_one_that_ends_before_the_alert_is_sent(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, end: tuple[str, str]
) -> None:
    """INVARIANT: a merged alert is sent even if its first subscription ends."""
    clock = Clock()
    receiver.answer("/hook", 500, 204)
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5)) as wire:
        one, two = [await subscribed(wire, receiver.url()) for _ in range(2)]
        await wire.publish(indexed(PAPER))
        await receiver.count(1)
        await until(lambda: _failed_once(wire, two))
        await wire.call(end[0], f"/v1/subscriptions/{one}{end[1]}")
        clock.now += 60
        await receiver.count(2)
        await until(lambda: _delivered(wire, two))


async def _failed_once(wire: Wire, subscription: str) -> bool:
    return bool((await wire.deliveries(subscription))[0]["log"])


async def _delivered(wire: Wire, subscription: str) -> bool:
    return bool((await wire.deliveries(subscription))[0]["state"] == "delivered")
