"""Sessions: a reader who signed in on a page has a cookie with a random token; Redis only has its SHA-256.

The notifier starts and ends sessions, search only reads them.
"""

import hashlib
import re
import secrets
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.papers.paper import Model

COOKIE: Final = "paperwire_session"
LIFETIME: Final = 30 * 86_400
"""Seconds after which a session ends."""
MOST: Final = 50
"""Sessions of one owner: with one more the oldest ends."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_BYTES: Final = 32


class Session(Model):
    """A session. `expires` is in Unix seconds; `key` is the digest of the API key that started it, or "" for a mail."""

    owner: str
    key: str = ""
    expires: int


async def start_session(redis: "Redis[bytes]", session: Session, now: float) -> str:
    """Write a session, and return its token, which is stored nowhere; `now` is in Unix seconds."""
    token = secrets.token_urlsafe(_BYTES)
    name, owned = digest(token), _owned(session.owner)
    oldest: list[bytes] = await redis.zrange(owned, 0, -MOST)
    async with redis.pipeline(transaction=True) as pipe:
        _drop(pipe, session.owner, [known.decode() for known in oldest])
        pipe.zremrangebyscore(owned, 0, now)
        pipe.set(_key(name), session.model_dump_json(), ex=max(1, int(session.expires - now)))
        pipe.zadd(owned, {name: session.expires})
        pipe.expire(owned, LIFETIME)
        await pipe.execute()
    return token


async def read_session(redis: "Redis[bytes]", token: str) -> Session | None:
    """Return the session of a token, or None if there is none; Redis deletes those that have expired."""
    raw = await redis.get(_key(digest(token))) if _TOKEN.fullmatch(token) else None
    return Session.model_validate_json(raw) if raw else None


async def end_session(redis: "Redis[bytes]", session: Session, token: str) -> None:
    """Delete one session."""
    async with redis.pipeline(transaction=True) as pipe:
        _drop(pipe, session.owner, [digest(token)])
        await pipe.execute()


async def end_sessions(redis: "Redis[bytes]", owner: str) -> None:
    """Delete all sessions of an owner."""
    known: list[bytes] = await redis.zrange(_owned(owner), 0, -1)
    async with redis.pipeline(transaction=True) as pipe:
        _drop(pipe, owner, [name.decode() for name in known])
        await pipe.execute()


def digest(token: str) -> str:
    """Hash a token. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _drop(pipe: "Pipeline[bytes]", owner: str, names: list[str]) -> None:
    if names:
        pipe.delete(*(_key(name) for name in names))
        pipe.zrem(_owned(owner), *names)


def _key(name: str) -> str:
    return f"session:{name}"


def _owned(owner: str) -> str:
    return f"sessions:of:{owner}"
