"""Mattermost: incoming webhooks (https://developers.mattermost.com/integrate/webhooks/incoming)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, post_to_url


class Mattermost(IncomingWebhook):
    """An incoming webhook of Mattermost."""

    type: Literal["mattermost"]

    def limits(self) -> Limits:
        """Return the limits: its server decides; this spares a small one."""
        return Limits(at_once=2, per_second=10)


CHANNEL: Final = ChannelDefinition(
    id="mattermost",
    label="Mattermost",
    settings=Mattermost,
    summary="its incoming webhook",
    request=post_to_url,
    gone=frozenset({404}),
)
