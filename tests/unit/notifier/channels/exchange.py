"""Requests and answers of channels, to test with."""

from typing import Any

from pydantic import TypeAdapter

from services.notifier.channels.definition import ChannelSettings
from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.channels.registry import AnyChannel, definition_of
from services.notifier.delivery.retry import effective_status

CONTENT = {"text": "t"}


def channel(**fields: Any) -> ChannelSettings:
    """Return the settings of a channel, checked as those of a request are."""
    made: ChannelSettings = TypeAdapter(AnyChannel).validate_python(fields)
    return made


def request(**fields: Any) -> Request:
    """Return the request that carries a message to a channel."""
    made = channel(**fields)
    build = definition_of(made).request
    assert build
    return build(made, Message(CONTENT, "delivery", 1_599_360_473.9))


def interpreted(settings: ChannelSettings, status: int, body: str) -> tuple[int | None, str | None]:
    """Return the status to judge an answer by, and when to try again."""
    answer = definition_of(settings).interpret(Answer(1.0, status, None, body))
    assert answer.status == status
    return effective_status(answer), answer.retry_after
