"""Webhooks: the alert as it is, signed by the symmetric scheme `v1` of Standard Webhooks (standardwebhooks.com)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, Limits, Templated, Transport
from services.notifier.fields.addresses import HeaderName, HeaderValue, Url

PREFIX: Final = "whsec_"
SIZE: Final = 32
"""Random bytes of a new secret; the standard asks for 24 to 64."""


class Webhook(Templated):
    """A signed POST to an address."""

    type: Literal["webhook"]
    transport = Transport.SIGNED
    url: Annotated[Url, Field(title="Address")]
    content_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)] = "application/json"
    concurrency: int | None = Field(default=None, ge=1, le=100, strict=True, description="attempts at once")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="sent along, such as Authorization; their values are secrets"
    )
    rate: float | None = Field(default=None, gt=0, le=1_000, allow_inf_nan=False, description="attempts a second")

    def limits(self) -> Limits:
        """Return the limits: what the subscriber sets."""
        return Limits(self.concurrency, self.rate)

    def endpoint(self) -> tuple[str, ...]:
        """Return the address; what follows `?` tells no endpoints apart."""
        return (self.url.partition("?")[0],)


def new_secret() -> str:
    """Return a new secret: `whsec_` and base64 of random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode("ascii")


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` (Unix seconds)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode("ascii")


def signature_headers(valid: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of an attempt, with a signature for every valid secret, newest first."""
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, webhook_id, timestamp, body) for secret in valid),
    }


CHANNEL: Final = ChannelDefinition(
    id="webhook",
    label="Webhook",
    settings=Webhook,
    summary="signed POST, [Standard Webhooks](https://www.standardwebhooks.com)",
)
