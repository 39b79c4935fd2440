"""What Redis keeps of matches is bounded, and ends with the subscription."""

from typing import Any

from services.notifier.alerts.planner import MAX_FEED
from shared.papers.paper import Paper
from tests.integration.notifier.support import Wire, indexed
from tests.support import until


async def bodies(wire: Wire) -> int:
    """Count the matches whose body is kept."""
    redis = wire.runtime.redis
    return len([key async for key in redis.scan_iter("match:*") if await redis.strlen(key)])


async def subscribe(wire: Wire, **fields: Any) -> str:
    body = {"categories": ["cs.RO"], "channel": {"type": "feed"}, **fields}
    made = await wire.call("POST", "/v1/subscriptions", body, status=201)
    return str(made["id"])


async def publish(wire: Wire, count: int) -> None:
    papers = (Paper(id=f"pw:{number}", title="A crane", categories=("cs.RO",)) for number in range(count))
    await wire.publish(*map(indexed, papers))
    await until(wire.drained)


async def test_a_feed_keeps_a_bounded_number_of_matches(wire: Wire) -> None:
    await subscribe(wire)
    await publish(wire, MAX_FEED + 30)
    assert await bodies(wire) == MAX_FEED
    await publish(wire, MAX_FEED + 30)  # a repeated event adds nothing
    assert await bodies(wire) == MAX_FEED


async def test_the_matches_of_a_subscription_end_with_it(wire: Wire) -> None:
    ids = [
        await subscribe(wire),
        await subscribe(wire, schedule={"daily": "08:00"}, channel={"type": "webhook", "url": "https://example.org/"}),
    ]
    await publish(wire, 20)
    assert await bodies(wire) == 40
    for id_ in ids:
        await wire.call("DELETE", f"/v1/subscriptions/{id_}", status=204)
    assert await bodies(wire) == 0
    left = [key async for key in wire.runtime.redis.scan_iter("*") if key.startswith((b"match", b"gathered"))]
    assert left == []
