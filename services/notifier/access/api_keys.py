"""API keys: only their SHA-256 is stored, so a copy of Redis opens nothing."""

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
    """What may be told of a key."""

    id: str
    name: str
    created_at: datetime


class ApiKeys:
    """Make, list, revoke and recognize API keys."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def create(self, name: str) -> tuple[KeyInfo, str]:
        """Make a key; its text is in this answer and nowhere else."""
        key = PREFIX + secrets.token_urlsafe(32)
        info = KeyInfo(id=secrets.token_hex(8), name=name, created_at=datetime.now(UTC))
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_KEYS, _digest(key), info.model_dump_json())
            pipe.hset(_BY_ID, info.id, _digest(key))
            await pipe.execute()
        return info, key

    async def list(self) -> list[KeyInfo]:
        """List the keys, oldest first."""
        rows = await self._redis.hvals(_KEYS)
        return sorted((KeyInfo.model_validate_json(row) for row in rows), key=lambda info: info.created_at)

    async def revoke(self, key_id: str) -> bool:
        """Make a key worthless; what it owns has to be stopped too. False: no such key."""
        digest: Any = await self._redis.hget(_BY_ID, key_id)
        if digest is None:
            return False
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(_KEYS, digest.decode())
            pipe.hdel(_BY_ID, key_id)
            await pipe.execute()
        return True

    async def exists(self, key_id: str) -> bool:
        """Tell whether a key was made and not revoked."""
        return bool(await self._redis.hexists(_BY_ID, key_id))

    async def owner(self, key: str) -> str | None:
        """Give the id of a key, which owns what was made with it, or None if it is not one of ours."""
        row = await self._redis.hget(_KEYS, _digest(key)) if key.startswith(PREFIX) else None
        return KeyInfo.model_validate_json(row).id if row else None


def _digest(key: str) -> str:
    """Hash a key; it is 256 random bits, so nothing slower is called for."""
    return hashlib.sha256(key.encode()).hexdigest()
