"""The check of a webhook's signature (Standard Webhooks), for receivers."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

TOLERANCE_S: Final = 300.0
MAX_BODY: Final = 64 * 1024
"""Bytes of a body; Paperwire sends no more."""


class WebhookError(ValueError):
    """The request is not from the instance that has the secret, or is too old. The text says why; answer 400."""


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: float = TOLERANCE_S,
    now: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """Return the event of a request: `type`, `timestamp` and `data`.

    `secret` is what creation of the subscription returned, `whsec_…`; `headers` may be in any case; `tolerance` is the
    greatest age in seconds. A retry has the same `webhook-id`: ignore ids that you have handled.

    Raises:
        WebhookError: no signature is valid, the request is too old or too large, or the secret is empty.

    """
    given = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BODY:
        raise WebhookError("The body is too large.")
    try:
        sent_at = int(given["webhook-timestamp"])
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        signed = f"{given['webhook-id']}.{sent_at}.".encode() + body
        signatures = [one.encode() for one in given["webhook-signature"].split()]
        age = abs(now() - sent_at)
    except (KeyError, binascii.Error, ValueError, OverflowError) as error:
        raise WebhookError("The headers of the webhook or the secret are malformed.") from error
    if not key:  # with an empty one anybody can sign
        raise WebhookError("The secret is empty: give the one that creation of the subscription returned.")
    if age > tolerance:
        raise WebhookError("The timestamp is too old or too new.")
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    if not any(hmac.compare_digest(expected, one) for one in signatures):
        raise WebhookError("No signature matches.")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WebhookError("The body is not JSON: the subscription has a template of its own.") from error
    if not isinstance(event, dict):
        raise WebhookError("The body is not a JSON object: the subscription has a template of its own.")
    return event
