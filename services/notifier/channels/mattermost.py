"""Mattermost: incoming webhooks (https://developers.mattermost.com/integrate/webhooks/incoming)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, Transport, post_to_url


class Mattermost(IncomingWebhook):
    """An incoming webhook of Mattermost."""

    type: Literal["mattermost"]


CHANNEL: Final = ChannelDefinition(
    id="mattermost",
    settings=Mattermost,
    summary="its incoming webhook",
    transport=Transport.JSON,
    limits=lambda _: Limits(at_once=2, per_second=10),  # its server decides; this spares a small one
    request=post_to_url,
    gone=frozenset({404}),
)
