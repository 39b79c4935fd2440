"""Discord: webhooks of a channel (https://discord.com/developers/docs/resources/webhook)."""

import math
from dataclasses import replace
from typing import Final, Literal

from services.notifier.channels.definition import (
    ChannelDefinition,
    IncomingWebhook,
    Limits,
    json_object,
    post_to_url,
)
from services.notifier.channels.exchange import Answer

TOO_MANY: Final = 429
MAX_WAIT_S: Final = 1e9
"""Seconds; a longer wait is no answer of Discord's."""


class Discord(IncomingWebhook):
    """A webhook of a Discord channel."""

    type: Literal["discord"]

    def limits(self) -> Limits:
        """Return the limits: Discord allows 5 in 2 s for a webhook."""
        return Limits(at_once=1, per_second=2)


def read(answer: Answer) -> Answer:
    """Read when to try again, which Discord says in the body, in seconds with a fraction."""
    seconds = json_object(answer.body).get("retry_after") if answer.status == TOO_MANY else None
    if isinstance(seconds, int | float) and 0 <= seconds < MAX_WAIT_S:
        return replace(answer, retry_after=str(math.ceil(seconds)))
    return answer


CHANNEL: Final = ChannelDefinition(
    id="discord",
    label="Discord",
    settings=Discord,
    summary="its webhook",
    request=post_to_url,
    read=read,
    gone=frozenset({404}),
)
