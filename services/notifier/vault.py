"""Where the secrets of webhooks rest: the one place that would encrypt them.

They are in Redis as they are, in keys of their own, so that no row that is shown or logged ever holds one.
"""

from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from services.notifier.signing import new_secret
from shared.paper import Model

OVERLAP = 86_400.0
"""Seconds that the secret before the last rotation stays valid."""


class Secrets(Model):
    """The secret of a subscription, and the one before until its time is up (Unix seconds)."""

    current: str
    previous: str | None = None
    previous_until: float = 0.0

    def valid(self, now: float) -> tuple[str, ...]:
        """Give the secrets to sign with, newest first."""
        return (self.current, self.previous) if self.previous and now < self.previous_until else (self.current,)


class Vault:
    """Keep the secrets of subscriptions."""

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        """`clock` gives Unix seconds."""
        self._redis = redis
        self._clock = clock

    async def create(self, subscription: str) -> str:
        """Make a first secret and give it."""
        secrets = Secrets(current=new_secret())
        await self._redis.set(_key(subscription), secrets.model_dump_json())
        return secrets.current

    async def rotate(self, subscription: str) -> str:
        """Make a new secret and give it; the present one stays valid for `OVERLAP`."""
        present = (await self.several([subscription]))[0]
        until = self._clock() + OVERLAP
        secrets = Secrets(current=new_secret(), previous=present.current if present else None, previous_until=until)
        await self._redis.set(_key(subscription), secrets.model_dump_json())
        return secrets.current

    async def several(self, subscriptions: Sequence[str]) -> list[Secrets | None]:
        """Give the secrets of some subscriptions, in their order."""
        rows = await self._redis.mget([_key(name) for name in subscriptions]) if subscriptions else []
        return [Secrets.model_validate_json(row) if row else None for row in rows]

    async def forget(self, subscription: str) -> None:
        """Drop the secrets of a subscription."""
        await self._redis.delete(_key(subscription))


def _key(subscription: str) -> str:
    return f"secret:{subscription}"
