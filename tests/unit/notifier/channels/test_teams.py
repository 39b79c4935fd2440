"""Microsoft Teams."""

from typing import Any

import orjson

from services.notifier.channels.exchange import Request
from tests.unit.notifier.channels.exchange import CONTENT, channel, interpreted, request

TEAMS = {"type": "teams", "url": "https://hooks.example/1"}


def check(made: Any) -> None:
    """Check that a message is within what Teams takes."""
    (attachment,) = made["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"TextBlock"}
    assert len(orjson.dumps(made)) <= 28 * 1_024


def test_a_message_is_posted_to_the_address() -> None:
    assert request(**TEAMS) == Request("https://hooks.example/1", CONTENT)


def test_404_does_not_mean_that_the_workflow_is_gone() -> None:
    assert interpreted(channel(**TEAMS), 404, "") == (404, None)
    assert interpreted(channel(**TEAMS), 202, "") == (202, None)
