"""ntfy."""

from typing import Any

from tests.unit.notifier.channels.exchange import request


def check(made: Any) -> None:
    """Check that a message is within what ntfy takes."""
    assert len(made["message"].encode()) <= 4_096
    assert 0 < len(made["title"].encode()) <= 256


def test_the_topic_is_named_in_the_body() -> None:
    made = request(type="ntfy", topic="my-papers", priority=4)
    assert (made.url, made.headers) == ("https://ntfy.sh/", {})
    assert made.content == {"text": "t", "topic": "my-papers", "priority": 4}


def test_a_token_is_sent_where_there_is_one() -> None:
    assert request(type="ntfy", topic="x", token="tk_1").headers == {"authorization": "Bearer tk_1"}
