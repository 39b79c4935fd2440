"""Slack: incoming webhooks (https://api.slack.com/messaging/webhooks)."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, post_to_url


class Slack(IncomingWebhook):
    """An incoming webhook of Slack."""

    type: Literal["slack"]

    def limits(self) -> Limits:
        """Return the limits: Slack allows one message a second."""
        return Limits(at_once=1, per_second=1)


CHANNEL: Final = ChannelDefinition(
    id="slack",
    label="Slack",
    settings=Slack,
    summary="its incoming webhook",
    request=post_to_url,
    gone=frozenset({404, 410}),
)
