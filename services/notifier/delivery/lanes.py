"""Lanes: what is sent to one endpoint for one owner goes one behind the other, and stops nobody else."""

import hashlib
from dataclasses import dataclass
from typing import Final

from services.notifier.fields.secret import Secret
from services.notifier.subscription.channel import AnyChannel, Email, Matrix, Ntfy, Telegram, Webhook


@dataclass(frozen=True, slots=True)
class Limits:
    """Attempts `at_once` and `per_second`; None leaves it to the notifier's settings, or free."""

    at_once: int | None = None
    per_second: float | None = None


_DOCUMENTED: Final = {
    "slack": Limits(1, 1),
    "discord": Limits(1, 2),
    "teams": Limits(1, 2),
    "mattermost": Limits(2, 10),
    "telegram": Limits(1, 0.33),
    "matrix": Limits(1, 1),
    "ntfy": Limits(1, 2),
    "feishu": Limits(1, 1.5),
}
"""Within what the services allow: Slack 1 a second; Discord 5 in 2 s for a webhook; Teams 4 a second; Telegram 20 a
minute in a group; Feishu 100 a minute and 5 a second. Mattermost, Matrix and ntfy leave it to their server."""


def limits_of(channel: AnyChannel) -> Limits:
    """Give what limits the lane of a channel."""
    if isinstance(channel, Webhook):
        return Limits(channel.concurrency, channel.rate)
    return _DOCUMENTED.get(channel.type, Limits())


def lane_of(owner: str, channel: AnyChannel) -> str:
    """Give the lane of an owner's endpoint: the owner's part, a dot, the endpoint's part.

    Webhook addresses that differ only after `?` share one. All mail is one owner's: whoever it is for, it goes through
    one mail server, and ten thousand digests of one hour must not take all places while they wait for it.
    """
    if isinstance(channel, Email):
        return f"{_MAIL}.{_digest(owner, channel.address)}"
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
        case _:
            return tuple(value.mark for _, value in channel if isinstance(value, Secret))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


_MAIL: Final = _digest("mail")
