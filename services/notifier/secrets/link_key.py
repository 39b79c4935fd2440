"""The key that signs links: created once and kept in Redis, the same for every process."""

import secrets
from typing import Any, Final

from redis.asyncio import Redis

_KEY: Final = "links:key"
_SIZE: Final = 32
"""Random bytes of the key."""


async def link_key(redis: Redis) -> bytes:
    """Return the key, created if there is none. Deleting it in Redis invalidates every link."""
    await redis.set(_KEY, secrets.token_bytes(_SIZE), nx=True)
    key: Any = await redis.get(_KEY)
    return bytes(key)
