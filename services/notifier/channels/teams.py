"""Microsoft Teams: workflows that post what their webhook receives."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, post_to_url


class Teams(IncomingWebhook):
    """A workflow of Microsoft Teams that posts what its webhook receives."""

    type: Literal["teams"]

    def limits(self) -> Limits:
        """Return the limits: Teams allows 4 a second."""
        return Limits(at_once=1, per_second=2)


CHANNEL: Final = ChannelDefinition(
    id="teams",
    label="Microsoft Teams",
    settings=Teams,
    summary="the webhook of its workflow",
    request=post_to_url,
)
