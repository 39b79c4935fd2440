"""Mattermost."""

from typing import Any

from services.notifier.channels.exchange import Request
from tests.unit.notifier.channels.exchange import CONTENT, channel, interpreted, request
from tests.unit.notifier.channels.texts import units

MATTERMOST = {"type": "mattermost", "url": "https://hooks.example/1"}


def check(made: Any) -> None:
    """Check that a message is within what Mattermost takes."""
    assert 0 < units(made["text"]) <= 16_383


def test_a_message_is_posted_to_the_address() -> None:
    assert request(**MATTERMOST) == Request("https://hooks.example/1", CONTENT)


def test_404_means_that_the_webhook_is_gone() -> None:
    assert interpreted(channel(**MATTERMOST), 404, "") == (410, None)
