"""Signatures, checked against the vector of the standard and against its library."""

import base64
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from services.notifier.channels.webhook import new_secret, signature, signature_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_vector_of_the_standard() -> None:
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(st.characters(codec="utf-8")), st.integers(0, 4_000_000_000))
def test_the_library_of_the_standard_agrees(text: str, stamp: int) -> None:
    secret = new_secret()
    theirs = Webhook(secret).sign("id", datetime.fromtimestamp(stamp, UTC), text)
    assert signature(secret, "id", stamp, text.encode()) == theirs


def test_a_secret_is_32_random_bytes() -> None:
    one, two = new_secret(), new_secret()
    assert one != two
    assert len(base64.b64decode(one.removeprefix("whsec_"), validate=True)) == 32


def test_headers_hold_one_signature_for_each_secret() -> None:
    other = new_secret()
    headers = signature_headers([SECRET, other], "id", 1, b"body")
    assert headers["webhook-signature"].split() == [signature(s, "id", 1, b"body") for s in (SECRET, other)]
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("id", "1")
