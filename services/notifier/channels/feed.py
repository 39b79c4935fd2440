"""Private feeds: subscribers fetch them."""

from typing import Final, Literal

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings


class Feed(ChannelSettings):
    """A private feed: nothing is sent, readers fetch it."""

    type: Literal["feed"]


CHANNEL: Final = ChannelDefinition(
    id="feed",
    label="Private feed",
    settings=Feed,
    summary="nothing is sent: readers fetch the feed",
)
