"""The tokens of the feeds of reading lists: an owner, and a signature over the owner and a number. Pure."""

import base64
import uuid
from hashlib import sha256
from typing import Final

from itsdangerous import HMACAlgorithm

from services.notifier.subscription.owners import MAIL

_PURPOSE: Final = b"paperwire private list 1\n"
_MAC_SIZE: Final = 23
"""Bytes of HMAC-SHA256 in a token; with the owner they are a multiple of three, so that base64 needs no padding."""
_SIGNATURE: Final = HMACAlgorithm(sha256)
_OWNER_SIZE: Final = 16
_KEY_SIZE: Final = 8
"""Bytes of the id of an API key; the rest of the owner's bytes is zero then, which no UUID has."""


def token_of(key: bytes, owner: str, number: bytes) -> str:
    """Return the token of an owner's feed, which changes with the number."""
    name = _bytes_of(owner)
    mac = _SIGNATURE.get_signature(key, _PURPOSE + name + number)[:_MAC_SIZE]
    return base64.urlsafe_b64encode(name + mac).decode("ascii")


def owner_of(token: str) -> str | None:
    """Parse the owner out of a token, unverified; None if it is no token."""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != _OWNER_SIZE + _MAC_SIZE:
        return None
    name = raw[:_OWNER_SIZE]
    return name[:_KEY_SIZE].hex() if not any(name[_KEY_SIZE:]) else f"{MAIL}{uuid.UUID(bytes=name)}"


def _bytes_of(owner: str) -> bytes:
    if owner.startswith(MAIL):
        return uuid.UUID(owner.removeprefix(MAIL)).bytes
    return bytes.fromhex(owner).ljust(_OWNER_SIZE, b"\0")
