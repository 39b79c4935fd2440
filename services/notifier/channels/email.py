"""E-mail: alerts and digests as messages."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings, Transport
from services.notifier.fields.addresses import Mailbox


class Email(ChannelSettings):
    """A mailbox."""

    type: Literal["email"]
    transport = Transport.MAIL
    one_server = True  # ten thousand digests of one hour must not take all places while they wait for it
    address: Mailbox

    def endpoint(self) -> tuple[str, ...]:
        """Return the address."""
        return (self.address,)


CHANNEL: Final = ChannelDefinition(
    id="email",
    settings=Email,
    summary="mail; digests at the reader's hour",
)
