"""API keys. Redis only holds their SHA-256, so a copy of Redis grants no access."""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier.subscription.model import State, Status
from services.notifier.subscription.owners import operational_id
from services.notifier.subscription.store import REVOKED_OWNERS, Store, row_key
from shared.coordination.durability import durable
from shared.errors import PermanentError
from shared.moments import from_unix
from shared.readers.api_key import KEYS, PREFIX, USUAL_SCOPES, KeyInfo, Scope, digest, digest_of_text
from shared.readers.sessions import end_sessions

REVOKED: Final = "Its API key was revoked."
_BY_ID = "keys:by_id"
_USED = "keys:used"
_USE_NOTED: Final = 60.0
"""Seconds between two notes of the last use of a key."""


class ApiKeys:
    """Create, list, rotate, revoke and recognize API keys. `clock` returns Unix seconds."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self.redis = redis
        self._clock = clock
        self._noted: dict[str, float] = {}

    async def create(
        self, name: str, scopes: Sequence[Scope] = USUAL_SCOPES, expires_at: datetime | None = None
    ) -> tuple[KeyInfo, str]:
        """Create a key; its text is returned here and stored nowhere."""
        info = KeyInfo(
            id=secrets.token_hex(8), name=name, created_at=self.now(), scopes=tuple(scopes), expires_at=expires_at
        )
        return info, await self._write(info)

    async def rotate(
        self, key_id: str, expires_at: datetime | None = None, overlap: float = 0.0
    ) -> tuple[KeyInfo, str] | None:
        """Give a key a new text, and a new expiry if one is given; return None for an unknown id.

        The previous text stays valid for `overlap` seconds. What the key owns stays as it is; sessions on pages end.
        """
        before = await self._digest_of(key_id)
        row = await self.redis.hget(KEYS, before) if before else None
        if before is None or row is None:
            return None
        previous = KeyInfo.model_validate_json(row)
        until = from_unix(self._clock() + overlap)
        if previous.expires_at:
            until = min(until, previous.expires_at)
        info = previous.model_copy(update={"expires_at": expires_at or previous.expires_at})

        def also(pipe: Pipeline) -> None:
            if overlap > 0:
                pipe.hset(KEYS, before, previous.model_copy(update={"expires_at": until}).model_dump_json())
            else:
                pipe.hdel(KEYS, before)

        key = await self._write(info, also)
        await end_sessions(self.redis, key_id)
        return info, key

    async def list(self) -> list[KeyInfo]:
        """Return the keys with their last use, oldest first."""
        current = dict(await self.redis.hgetall(_BY_ID))
        rows = dict(await self.redis.hgetall(KEYS))
        used = dict(await self.redis.hgetall(_USED))
        infos = [KeyInfo.model_validate_json(rows[digest]) for digest in current.values() if digest in rows]
        shown = [
            info.model_copy(update={"last_used_at": from_unix(float(used[id_])) if id_ in used else None})
            for info in infos
            for id_ in (info.id.encode(),)
        ]
        return sorted(shown, key=lambda info: info.created_at)

    async def revoke(self, key_id: str) -> int | None:
        """Revoke a key and disable all that it owns, in one step; then end its sessions on pages.

        Return the number of its subscriptions, or None for an unknown id.
        """
        if await self._digest_of(key_id) is None:
            return None
        texts = await self._texts(key_id)

        def also(pipe: Pipeline) -> None:
            pipe.hdel(KEYS, *texts)
            pipe.hdel(_BY_ID, key_id)
            pipe.hdel(_USED, key_id)
            pipe.delete(row_key(operational_id(key_id)))

        state = State(status=Status.DISABLED, reason=REVOKED, since=self.now())
        count = await Store(self.redis).end_owner(key_id, state, also)
        if late := await self._texts(key_id):  # of a rotation meanwhile; from now on there can be none
            await self.redis.hdel(KEYS, *late)
            await self.redis.hdel(_BY_ID, key_id)
        await end_sessions(self.redis, key_id)
        await durable(self.redis)
        return count

    async def find(self, key: str) -> KeyInfo | None:
        """Return the key of a text, expired or not, and note its use; None if there is no such key."""
        key_digest = digest_of_text(key)
        return await self.find_digest(key_digest) if key_digest else None

    async def find_digest(self, key_digest: str) -> KeyInfo | None:
        """Return the key of a digest, expired or not, and note its use."""
        row: Any = await self.redis.hget(KEYS, key_digest)
        if row is None:
            return None
        info = KeyInfo.model_validate_json(row)
        await self._note_use(info)
        return info

    async def _note_use(self, info: KeyInfo) -> None:
        now = self._clock()
        if now - self._noted.get(info.id, float("-inf")) >= _USE_NOTED and not info.expired(self.now()):
            self._noted[info.id] = now
            await self.redis.hset(_USED, info.id, now)

    async def _write(self, info: KeyInfo, also: Callable[[Pipeline], None] | None = None) -> str:
        key = PREFIX + secrets.token_urlsafe(32)
        async with self.redis.pipeline(transaction=True) as pipe:
            await pipe.watch(REVOKED_OWNERS)
            if await self.redis.sismember(REVOKED_OWNERS, info.id):
                raise PermanentError("The API key was revoked.")
            pipe.multi()
            pipe.hset(KEYS, digest(key), info.model_dump_json(exclude={"last_used_at"}))
            pipe.hset(_BY_ID, info.id, digest(key))
            if also:
                also(pipe)
            await pipe.execute()
        await durable(self.redis)
        return key

    async def _digest_of(self, key_id: str) -> str | None:
        found: Any = await self.redis.hget(_BY_ID, key_id)
        return found.decode() if found else None

    async def _texts(self, key_id: str) -> tuple[str, ...]:
        """Return the digests of the texts of a key: the present one, and previous ones that still overlap."""
        rows: Any = await self.redis.hgetall(KEYS)
        return tuple(text.decode() for text, row in rows.items() if KeyInfo.model_validate_json(row).id == key_id)

    def now(self) -> datetime:
        """Return the time by which keys expire."""
        return from_unix(self._clock())
