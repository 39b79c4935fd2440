"""Slack."""

from typing import Any

from services.notifier.channels.exchange import Request
from tests.unit.notifier.channels.exchange import CONTENT, channel, interpreted, request
from tests.unit.notifier.channels.texts import units

SLACK = {"type": "slack", "url": "https://hooks.example/1"}


def check(made: Any) -> None:
    """Check that a message is within what Slack takes."""
    for block in made["blocks"]:
        for part in [block["text"]] if block["type"] == "section" else block["elements"]:
            assert part["type"] == "mrkdwn"
            assert 0 < units(part["text"]) <= 3_000
    assert len(made["blocks"][-1]["elements"]) <= 10
    assert units(made["text"]) <= 4_000


def test_a_message_is_posted_to_the_address() -> None:
    assert request(**SLACK) == Request("https://hooks.example/1", CONTENT)


def test_404_means_that_the_webhook_is_gone() -> None:
    assert interpreted(channel(**SLACK), 404, "no_service") == (410, None)
