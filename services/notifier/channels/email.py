"""E-mail: alerts and digests as messages."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings, Transport
from services.notifier.fields.addresses import Mailbox


class Email(ChannelSettings):
    """A mailbox."""

    type: Literal["email"]
    address: Mailbox


CHANNEL: Final = ChannelDefinition(
    id="email",
    settings=Email,
    summary="mail; digests at the reader's hour",
    transport=Transport.MAIL,
    endpoint=lambda channel: (channel.address,),
    one_server=True,  # ten thousand digests of one hour must not take all places while they wait for it
)
