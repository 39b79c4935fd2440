"""Discord: webhooks of a channel (https://discord.com/developers/docs/resources/webhook)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, Transport, post_to_url


class Discord(IncomingWebhook):
    """A webhook of a Discord channel."""

    type: Literal["discord"]


CHANNEL: Final = ChannelDefinition(
    id="discord",
    settings=Discord,
    summary="its webhook",
    transport=Transport.JSON,
    limits=lambda _: Limits(at_once=1, per_second=2),  # Discord allows 5 in 2 s for a webhook
    request=post_to_url,
    gone=frozenset({404}),
)
