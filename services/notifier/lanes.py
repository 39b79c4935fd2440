"""Lanes: what is sent to one endpoint for one owner goes one behind the other, and stops nobody else."""

import hashlib
from typing import Final

from services.notifier.channel import (
    AnyChannel,
    Email,
    Matrix,
    Ntfy,
    Telegram,
    Webhook,
)
from services.notifier.secret import Secret


def lane_of(owner: str, channel: AnyChannel) -> str:
    """Give the lane of an owner's endpoint: the owner's part, a dot, the endpoint's part.

    Webhook addresses that differ only after `?` share one.
    """
    return f"{_digest(owner)}.{_digest(channel.type, *_endpoint(channel))}"


def _endpoint(channel: AnyChannel) -> tuple[str, ...]:
    match channel:
        case Webhook():
            return (channel.url.partition("?")[0],)
        case Telegram():
            return (channel.token.mark, channel.chat)
        case Matrix():
            return (channel.server, channel.room)
        case Ntfy():
            return (channel.server, channel.topic.mark)
        case Email():
            return (channel.address,)
        case _:
            return tuple(value.mark for _, value in channel if isinstance(value, Secret))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_SIZE]


_SIZE: Final = 16
