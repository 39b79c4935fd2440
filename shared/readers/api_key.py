"""API keys as Redis holds them. Pure.

Redis only has their SHA-256, so a copy of Redis grants no access.
"""

import base64
import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.papers.paper import Model

PREFIX: Final = "pw_"
KEYS: Final = "keys"
"""The hash of API keys in Redis, by the digests of their texts."""


class Scope(StrEnum):
    """What a key may do."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    ADMIN = "admin"


ALL_SCOPES: Final = tuple(Scope)
USUAL_SCOPES: Final = (Scope.READ, Scope.SUBSCRIBE)
"""The scopes of a key that names none, such as one that is older than scopes."""


class KeyInfo(Model):
    """The public fields of a key."""

    id: str
    name: str
    created_at: datetime
    scopes: tuple[Scope, ...] = USUAL_SCOPES
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Return whether the key has expired."""
        return self.expires_at is not None and now >= self.expires_at


def digest(key: str) -> str:
    """Hash a key. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).hexdigest()


def digest_of_text(text: str) -> str | None:
    """Return the digest of a text that has the form of a key, else None."""
    return digest(text) if text.startswith(PREFIX) and text.isascii() else None


def key_of(authorization: str) -> str:
    """Return the key of an Authorization header, sent as Bearer or as the password of Basic, or ""."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return sent.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(sent.strip(), validate=True).decode().partition(":")[2]
    except ValueError:  # not Base64, or bytes that are no text
        return ""
