"""Claims of what is due, on a real Redis."""

from redis.asyncio import Redis

from services.notifier.subscription.due_set import DueSet
from shared.bus import Bus

KEY, LEASE, LONGEST = "due", 60.0, 3_600.0


async def members(redis: Redis) -> dict[str, float]:
    return {member.decode(): score for member, score in await redis.zrange(KEY, 0, -1, withscores=True)}


async def test_due_members_are_claimed_once_and_the_longest_due_first(bus: Bus) -> None:
    await bus.redis.zadd(KEY, {"late": 30, "later": 20, "now": 100, "future": 100.5})
    one, two = DueSet(bus.redis, KEY, LEASE, LONGEST), DueSet(bus.redis, KEY, LEASE, LONGEST)
    assert await one.claim(100, 2) == ["later", "late"]
    assert await two.claim(100, 9) == ["now"]
    assert await one.claim(100, 9) == []


async def test_an_unfinished_claim_is_due_again_after_its_lease(bus: Bus) -> None:
    await bus.redis.zadd(KEY, {"one": 0})
    due = DueSet(bus.redis, KEY, LEASE, LONGEST)
    assert await due.claim(100, 1) == ["one"]
    assert await members(bus.redis) == {"one": 160}
    assert await due.claim(159, 1) == []
    assert await due.claim(160, 1) == ["one"]


async def test_nothing_is_claimed_from_a_set_that_does_not_exist(bus: Bus) -> None:
    assert await DueSet(bus.redis, KEY, LEASE, LONGEST).claim(100, 1) == []
    assert await members(bus.redis) == {}
