"""Signatures of Standard Webhooks (https://www.standardwebhooks.com), symmetric scheme `v1`."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SIZE = 32
"""Random bytes of a new secret; the standard asks for 24 to 64."""


def new_secret() -> str:
    """Return a new secret: `whsec_` and base64 of random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode("ascii")


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` (Unix seconds)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode("ascii")


def headers(valid: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of an attempt, with a signature for every valid secret, newest first."""
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, webhook_id, timestamp, body) for secret in valid),
    }
