"""Webhooks: the alert as it is, signed."""

from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, Limits, Templated, Transport
from services.notifier.fields.addresses import HeaderName, HeaderValue, Url


class Webhook(Templated):
    """A signed POST to an address."""

    type: Literal["webhook"]
    url: Url
    content_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)] = "application/json"
    concurrency: int | None = Field(default=None, ge=1, le=100, strict=True, description="attempts at once")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="sent along, such as Authorization; their values are secrets"
    )
    rate: float | None = Field(default=None, gt=0, le=1_000, allow_inf_nan=False, description="attempts a second")


CHANNEL: Final = ChannelDefinition(
    id="webhook",
    settings=Webhook,
    summary="signed POST, [Standard Webhooks](https://www.standardwebhooks.com)",
    transport=Transport.SIGNED,
    limits=lambda channel: Limits(channel.concurrency, channel.rate),
    endpoint=lambda channel: (channel.url.partition("?")[0],),  # addresses that differ only after `?` are one endpoint
)
