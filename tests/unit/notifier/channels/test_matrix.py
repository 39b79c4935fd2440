"""Matrix."""

import re
from typing import Any

import orjson
import pytest

from tests.unit.notifier.channels.exchange import channel, interpreted, request

MATRIX = {"type": "matrix", "server": "https://matrix.example/", "room": "!a:example.org", "token": "syt_token"}


def check(made: Any) -> None:
    """Check that a message is within what Matrix takes."""
    assert (made["msgtype"], made["format"]) == ("m.notice", "org.matrix.custom.html")
    assert set(re.findall(r"</?([a-z]+)", made["formatted_body"])) <= {"p", "strong", "em", "a", "ul", "li"}
    assert len(orjson.dumps(made)) <= 60_000


def test_the_transaction_is_named_after_the_delivery() -> None:
    made = request(**MATRIX)
    assert made.method == "PUT"
    assert made.url == (
        "https://matrix.example/_matrix/client/v3/rooms/%21a%3Aexample.org/send/m.room.message/delivery"
    )
    assert made.headers == {"authorization": "Bearer syt_token"}


@pytest.mark.parametrize(
    ("body", "retry_after"),
    (('{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}', "3"), ('{"retry_after_ms":"soon"}', None)),
)
def test_an_answer_says_in_its_body_when_to_try_again(body: str, retry_after: str | None) -> None:
    assert interpreted(channel(**MATRIX), 429, body) == (429, retry_after)
