"""The protocol of senders: each sends one delivery at a time and returns the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from services.notifier.channels.definition import ChannelSettings
from services.notifier.channels.exchange import Answer
from services.notifier.delivery.deliveries import Record
from services.notifier.secrets.vault import Secrets
from services.notifier.subscription.model import Subscription

C = TypeVar("C", bound=ChannelSettings)


@dataclass(frozen=True, slots=True)
class Outgoing(Generic[C]):
    """A delivery to send: `channel` with decrypted secrets, `body` the alert as JSON, `at` in Unix seconds."""

    record: Record
    subscription: Subscription
    channel: C
    body: bytes
    secrets: Secrets
    at: float


class Sender(Protocol[C]):
    """Send deliveries of some types of channel. A failure is in the answer; nothing is raised."""

    async def send(self, outgoing: Outgoing[C]) -> Answer:
        """Make one attempt and return its answer."""
        ...


Senders = Mapping[str, Sender[Any]]
"""The senders by the type of their channel."""
