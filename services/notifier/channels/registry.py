"""The registry of channels. A channel is a file beside this one and a row of `CHANNELS`; the rest follows."""

from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from services.notifier.channels import (
    discord,
    email,
    feed,
    feishu,
    matrix,
    mattermost,
    ntfy,
    slack,
    teams,
    telegram,
    webhook,
)
from services.notifier.channels.definition import ChannelDefinition, ChannelSettings

CHANNELS: Final[tuple[ChannelDefinition[Any], ...]] = (
    webhook.CHANNEL,
    slack.CHANNEL,
    discord.CHANNEL,
    teams.CHANNEL,
    mattermost.CHANNEL,
    telegram.CHANNEL,
    matrix.CHANNEL,
    ntfy.CHANNEL,
    feishu.CHANNEL,
    email.CHANNEL,
    feed.CHANNEL,
)
_BY_ID: Final = {one.id: one for one in CHANNELS}


class _Registered:
    """Makes pydantic read the settings of any registered channel, told apart by `type`."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {one.id: handler.generate_schema(one.settings) for one in CHANNELS}
        return core_schema.tagged_union_schema(choices, discriminator="type")


AnyChannel = Annotated[ChannelSettings, _Registered]
"""The settings of any channel, as a field of a model."""


def definition_of(channel: ChannelSettings) -> ChannelDefinition[Any]:
    """Return the row of a channel."""
    return _BY_ID[channel.type]
