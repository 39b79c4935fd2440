"""How often something may be done in a while, counted in Redis for all processes."""

from dataclasses import dataclass

from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` times in `seconds`, counted from the first."""

    most: int
    seconds: int

    async def take(self, redis: Redis, key: str) -> bool:
        """Count one more under a key; tell whether it is within the quota."""
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, nx=True, ex=self.seconds)
            pipe.incr(key)
            count = (await pipe.execute())[1]
        return int(count) <= self.most
