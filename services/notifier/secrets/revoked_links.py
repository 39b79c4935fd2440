"""Links that were revoked before they expired: all those of one message, which share their expiry."""

from collections.abc import Callable

from redis.asyncio import Redis

from services.notifier.secrets.signed_links import Claim, LinkError


class RevokedLinks:
    """Revoke links, and check that one is not revoked. `clock` returns Unix seconds."""

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        self._redis = redis
        self._clock = clock

    async def add(self, claim: Claim) -> None:
        """Revoke the links of the message that a link is from."""
        await self._redis.set(_key(claim), 1, ex=max(1, int(claim.expires - self._clock()) + 1))

    async def check(self, claim: Claim) -> None:
        """Raise LinkError if a link is revoked."""
        if await self._redis.exists(_key(claim)):
            raise LinkError("This link was revoked. Use the link of another alert.")


def _key(claim: Claim) -> str:
    return f"links:revoked:{claim.subscription}:{claim.expires}"
