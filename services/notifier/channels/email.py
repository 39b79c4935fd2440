"""E-mail: alerts and digests as messages."""

from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings, Transport
from services.notifier.fields.addresses import Mailbox


class Email(ChannelSettings):
    """A mailbox."""

    type: Literal["email"]
    transport = Transport.MAIL
    one_server = True  # ten thousand digests of one hour must not take all places while they wait for it
    address: Annotated[Mailbox, Field(title="E-mail address")]

    def endpoint(self) -> tuple[str, ...]:
        """Return the address."""
        return (self.address,)


CHANNEL: Final = ChannelDefinition(
    id="email",
    label="E-mail",
    settings=Email,
    summary="mail; digests at the reader's hour",
)
