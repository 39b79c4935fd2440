"""Slack: incoming webhooks (https://api.slack.com/messaging/webhooks)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, Transport, post_to_url


class Slack(IncomingWebhook):
    """An incoming webhook of Slack."""

    type: Literal["slack"]


CHANNEL: Final = ChannelDefinition(
    id="slack",
    settings=Slack,
    summary="its incoming webhook",
    transport=Transport.JSON,
    limits=lambda _: Limits(at_once=1, per_second=1),  # Slack allows one message a second
    request=post_to_url,
    gone=frozenset({404, 410}),
)
