"""Discord."""

from typing import Any

import pytest

from services.notifier.channels.exchange import Request
from tests.unit.notifier.channels.exchange import CONTENT, channel, interpreted, request
from tests.unit.notifier.channels.texts import units

DISCORD = {"type": "discord", "url": "https://hooks.example/1"}


def check(made: Any) -> None:
    """Check that a message is within what Discord takes."""
    (embed,) = made["embeds"]
    parts = {"title": 256, "description": 4_096}
    assert all(0 < units(embed[name]) <= most for name, most in parts.items())
    assert units(embed["footer"]["text"]) <= 2_048
    assert units(embed.get("author", {"name": ""})["name"]) <= 256
    counted = [embed["title"], embed["description"], embed["footer"]["text"], embed.get("author", {"name": ""})["name"]]
    assert sum(map(units, counted)) <= 6_000
    assert made["allowed_mentions"] == {"parse": []}


def test_a_message_is_posted_to_the_address() -> None:
    assert request(**DISCORD) == Request("https://hooks.example/1", CONTENT)


def test_404_means_that_the_webhook_is_gone() -> None:
    assert interpreted(channel(**DISCORD), 404, '{"code":10015}') == (410, None)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    (
        (429, '{"message":"You are being rate limited.","retry_after":64.57,"global":false}', (429, "65")),
        (429, '{"retry_after":0.3}', (429, "1")),
        (429, '{"retry_after":1e400}', (429, None)),
        (429, '{"retry_after":"soon"}', (429, None)),
        (400, '{"retry_after":64.57}', (400, None)),
    ),
)
def test_an_answer_says_in_its_body_when_to_try_again(status: int, body: str, means: tuple[Any, Any]) -> None:
    assert interpreted(channel(**DISCORD), status, body) == means
