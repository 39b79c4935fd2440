"""Discord: webhooks of a channel (https://discord.com/developers/docs/resources/webhook)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, post_to_url


class Discord(IncomingWebhook):
    """A webhook of a Discord channel."""

    type: Literal["discord"]

    def limits(self) -> Limits:
        """Return the limits: Discord allows 5 in 2 s for a webhook."""
        return Limits(at_once=1, per_second=2)


CHANNEL: Final = ChannelDefinition(
    id="discord",
    settings=Discord,
    summary="its webhook",
    request=post_to_url,
    gone=frozenset({404}),
)
