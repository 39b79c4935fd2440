"""A receiver trusts a request that the instance signed a moment ago, and no other."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from paperwire.client import WebhookError, verify_webhook
from paperwire.client.webhooks import MAX_BODY

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
BODY = json.dumps({"type": "paper.new", "data": {"paper": {"title": "Gefüge"}}}).encode()
AT = 1_767_340_800.0


def signed(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    """Sign as another implementation of Standard Webhooks does."""
    moment = datetime.fromtimestamp(AT, UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(AT)), "Webhook-Signature": signature}


def test_a_signed_request_gives_its_event() -> None:
    assert verify_webhook(SECRET, signed(), BODY, now=lambda: AT + 10)["type"] == "paper.new"


def test_one_valid_signature_of_several_is_enough() -> None:
    headers = signed()
    headers["Webhook-Signature"] = "v1,AAAA v2,x " + headers["Webhook-Signature"]
    assert verify_webhook(SECRET, headers, BODY, now=lambda: AT)["data"]["paper"]["title"] == "Gefüge"


@pytest.mark.parametrize(
    ("change", "said"),
    (
        ({"Webhook-Signature": "v1,AAAA"}, "No signature matches."),
        ({"Webhook-Id": "msg_2"}, "No signature matches."),
        ({"Webhook-Timestamp": "soon"}, "malformed"),
        ({"Webhook-Timestamp": str(int(AT) - 400)}, "too old"),
        ({"Webhook-Timestamp": "9" * 400}, "malformed"),
        ({"Webhook-Timestamp": "9" * 5_000}, "malformed"),
        ({"Webhook-Signature": "v1,\udcff"}, "malformed"),  # as servers decode a byte that is not UTF-8
        ({"Webhook-Id": "\udcff"}, "malformed"),
    ),
)
def test_a_changed_request_is_refused(change: dict[str, str], said: str) -> None:
    with pytest.raises(WebhookError, match=said):
        verify_webhook(SECRET, signed() | change, BODY, now=lambda: AT)


def test_a_request_without_headers_or_with_too_much_is_refused() -> None:
    with pytest.raises(WebhookError, match="malformed"):
        verify_webhook(SECRET, {}, BODY)
    with pytest.raises(WebhookError, match="too large"):
        verify_webhook(SECRET, signed(), b"x" * (MAX_BODY + 1))
    with pytest.raises(WebhookError, match="No signature"):
        verify_webhook(SECRET, signed(), BODY + b" ", now=lambda: AT)


@pytest.mark.parametrize("secret", ("", "whsec_"))
def test_an_empty_secret_trusts_nobody(secret: str) -> None:
    forged = hmac.digest(b"", f"msg_1.{int(AT)}.".encode() + BODY, "sha256")
    headers = signed() | {"Webhook-Signature": "v1," + base64.b64encode(forged).decode()}
    with pytest.raises(WebhookError, match="The secret is empty"):
        verify_webhook(secret, headers, BODY, now=lambda: AT)


@pytest.mark.parametrize("body", (b"New: a paper", b"[1]", b"[" * 50_000))
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookError, match="template of its own"):
        verify_webhook(SECRET, signed(body), body, now=lambda: AT)
