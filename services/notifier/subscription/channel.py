"""Where alerts go: the channels that a subscription may name."""

from typing import Annotated, Literal

from pydantic import Field

from services.notifier.fields.addresses import HeaderName, HeaderValue, Mailbox, SecretUrl, Url, of_form
from services.notifier.fields.secret import Secret
from shared.http.api import Body

Template = Annotated[str, Field(min_length=1, max_length=16_384)]
Token = Annotated[Secret, of_form("[0-9]{4,20}:[A-Za-z0-9_-]{20,100}", "a bot token such as 123456:ABC…")]
Topic = Annotated[Secret, of_form("[A-Za-z0-9_-]{1,64}", "a topic of letters, digits, _ and -")]


class Templated(Body):
    """A channel whose message a template of the subscriber's may make."""

    template: Template | None = Field(default=None, description="Jinja2, makes what is sent; see the documentation")


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


class Slack(Templated):
    """An incoming webhook of Slack."""

    type: Literal["slack"]
    url: SecretUrl


class Discord(Templated):
    """A webhook of a Discord channel."""

    type: Literal["discord"]
    url: SecretUrl


class Teams(Templated):
    """A workflow of Microsoft Teams that posts what its webhook receives."""

    type: Literal["teams"]
    url: SecretUrl


class Mattermost(Templated):
    """An incoming webhook of Mattermost."""

    type: Literal["mattermost"]
    url: SecretUrl


class Telegram(Templated):
    """A chat that a Telegram bot writes to."""

    type: Literal["telegram"]
    token: Annotated[Token, Field(description="of the bot, as BotFather gave it")]
    chat: Annotated[str, Field(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64})$", description="an id, or @channel")]
    thread: int | None = Field(default=None, ge=1, description="of a forum")
    server: Url = Field(default="https://api.telegram.org", description="another one for a Bot API server of your own")


class Matrix(Templated):
    """A room of Matrix, for a user who is in it."""

    type: Literal["matrix"]
    server: Annotated[Url, Field(description="the homeserver's address")]
    room: Annotated[str, Field(pattern=r"^![^\s/?#]{1,254}$", description="its internal id, such as !abc:example.org")]
    token: Annotated[Secret, Field(description="the access token of the user")]


class Ntfy(Templated):
    """A topic of ntfy."""

    type: Literal["ntfy"]
    server: Url = "https://ntfy.sh"
    topic: Annotated[Topic, Field(description="who knows it may read and write it")]
    token: Annotated[Secret | None, Field(description="for a server that asks for one")] = None
    priority: int = Field(default=3, ge=1, le=5)


class Feishu(Templated):
    """A custom bot of Feishu or Lark."""

    type: Literal["feishu"]
    url: SecretUrl
    secret: Annotated[Secret | None, Field(description="of its signature check, where that is on")] = None


class Email(Body):
    """A mailbox."""

    type: Literal["email"]
    address: Mailbox


class Feed(Body):
    """A private feed: nothing is sent, its readers come by."""

    type: Literal["feed"]


AnyChannel = Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed
Channel = Annotated[AnyChannel, Field(discriminator="type")]


def secrets_of(channel: AnyChannel) -> tuple[Secret, ...]:
    """Give the secrets of a channel."""
    own = tuple(value for _, value in channel if isinstance(value, Secret))
    return own + (tuple(channel.headers.values()) if isinstance(channel, Webhook) else ())
