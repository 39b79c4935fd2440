"""The key that links are signed with: made once, kept in Redis, the same in every process."""

import secrets
from typing import Any, Final

from redis.asyncio import Redis

_KEY: Final = "links:key"
_SIZE: Final = 32
"""Random bytes."""


async def link_key(redis: Redis) -> bytes:
    """Read the key, or make it when there is none; deleting it in Redis ends every link that was given out."""
    await redis.set(_KEY, secrets.token_bytes(_SIZE), nx=True)
    key: Any = await redis.get(_KEY)
    return bytes(key)
