"""API keys. Redis only holds their SHA-256, so a copy of Redis grants no access."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from shared.papers.paper import Model

PREFIX = "pw_"
_KEYS = "keys"
_BY_ID = "keys:by_id"


class KeyInfo(Model):
    """What is shown of a key."""

    id: str
    name: str
    created_at: datetime


class ApiKeys:
    """Create, list, revoke and recognize API keys."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def create(self, name: str) -> tuple[KeyInfo, str]:
        """Create a key; its text is returned here and stored nowhere."""
        key = PREFIX + secrets.token_urlsafe(32)
        info = KeyInfo(id=secrets.token_hex(8), name=name, created_at=datetime.now(UTC))
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_KEYS, _digest(key), info.model_dump_json())
            pipe.hset(_BY_ID, info.id, _digest(key))
            await pipe.execute()
        return info, key

    async def list(self) -> list[KeyInfo]:
        """Return the keys, oldest first."""
        rows = await self._redis.hvals(_KEYS)
        return sorted((KeyInfo.model_validate_json(row) for row in rows), key=lambda info: info.created_at)

    async def revoke(self, key_id: str) -> bool:
        """Revoke a key and return whether it existed; the caller has to disable what it owns."""
        digest: Any = await self._redis.hget(_BY_ID, key_id)
        if digest is None:
            return False
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(_KEYS, digest.decode())
            pipe.hdel(_BY_ID, key_id)
            await pipe.execute()
        return True

    async def exists(self, key_id: str) -> bool:
        """Return whether a key exists and is not revoked."""
        return bool(await self._redis.hexists(_BY_ID, key_id))

    async def owner(self, key: str) -> str | None:
        """Return the id of a key, which owns what was created with it, or None if the key is not valid."""
        row = await self._redis.hget(_KEYS, _digest(key)) if key.startswith(PREFIX) else None
        return KeyInfo.model_validate_json(row).id if row else None


def _digest(key: str) -> str:
    """Hash a key. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).hexdigest()
