"""What a channel has to be able to do: to send one delivery, and to tell what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Generic, Protocol, TypeVar

from services.notifier.delivery.records import Record
from services.notifier.secrets.vault import Secrets
from services.notifier.subscription.channel import AnyChannel
from services.notifier.subscription.model import Subscription

_REDIRECTS: Final = 300
C = TypeVar("C", bound=AnyChannel)


@dataclass(frozen=True, slots=True)
class Outgoing(Generic[C]):
    """A delivery on its way: `channel` with its secrets opened, `body` the alert as JSON, `at` in Unix seconds."""

    record: Record
    subscription: Subscription
    channel: C
    body: bytes
    secrets: Secrets
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `status` is one of HTTP, or None when no whole answer came.

    `error` says why no answer came, or why the one that came does not count. `gone`: nothing will ever arrive there.
    """

    latency_ms: float
    status: int | None = None
    error: str | None = None
    body: str = ""
    retry_after: str | None = None
    gone: bool = False

    @property
    def verdict_status(self) -> int | None:
        """The status to judge by: a 2xx that came with an objection is no success."""
        if self.gone:
            return HTTPStatus.GONE
        return None if self.error and self.status is not None and self.status < _REDIRECTS else self.status


class Sender(Protocol[C]):
    """Sends deliveries of one type of channel. Whatever goes wrong is in the answer; nothing is raised."""

    async def send(self, outgoing: Outgoing[C]) -> Answer:
        """Make one attempt."""
        ...


Senders = Mapping[str, Sender[Any]]
"""The senders by the type of their channel."""
