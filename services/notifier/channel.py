"""Where alerts go: the channels a subscription may name, and what can be checked of them beforehand."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.notifier.secret import Secret
from services.notifier.text import Text
from shared.http.api import Body

_LATER = ("email", "feed", "slack", "discord", "teams", "mattermost", "telegram", "matrix", "ntfy", "feishu")


def _available(value: Any) -> Any:  # noqa: ANN401  # whatever the client sent
    """Refuse plainly what the interface promises and this version does not do, rather than ignore it."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in _LATER:
        raise PydanticCustomError("not_available", "the channel {what} is not available yet", {"what": kind})
    return value


def _reachable(value: str) -> str:
    """Check what can be known of an address without asking for it; where it leads is checked at every attempt."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() for c in value):
        raise PydanticCustomError("url", "must be a whole http or https address")
    if parts.username is not None or parts.password is not None:
        raise PydanticCustomError("url", "must not hold a user name or password")
    return value


def _secretly_reachable(secret: Secret) -> Secret:
    if not secret.sealed:
        _reachable(secret.value)
    return secret


def _mailbox(value: str) -> str:
    """Check the form of an address; whether it takes mail is known when mail is sent."""
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise PydanticCustomError("email", "must be an e-mail address: {reason}", {"reason": reason}) from error


Url = Annotated[Text, Field(max_length=2_048), AfterValidator(_reachable)]
SecretUrl = Annotated[Secret, AfterValidator(_secretly_reachable)]


class Webhook(Body):
    """A signed POST to an address."""

    type: Literal["webhook"]
    url: Url
    concurrency: int | None = Field(default=None, ge=1, le=100, strict=True, description="attempts at once")
    rate: float | None = Field(default=None, gt=0, le=1_000, allow_inf_nan=False, description="attempts a second")


class Slack(Body):
    """An incoming webhook of Slack."""

    type: Literal["slack"]
    url: SecretUrl


class Discord(Body):
    """A webhook of a Discord channel."""

    type: Literal["discord"]
    url: SecretUrl


class Teams(Body):
    """A workflow of Microsoft Teams that posts what its webhook receives."""

    type: Literal["teams"]
    url: SecretUrl


class Mattermost(Body):
    """An incoming webhook of Mattermost."""

    type: Literal["mattermost"]
    url: SecretUrl


class Telegram(Body):
    """A chat that a Telegram bot writes to."""

    type: Literal["telegram"]
    token: Annotated[Secret, Field(description="of the bot, as BotFather gave it")]
    chat: Annotated[str, Field(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64})$", description="an id, or @channel")]
    thread: int | None = Field(default=None, ge=1, description="of a forum")
    server: Url = Field(default="https://api.telegram.org", description="another one for a Bot API server of your own")


class Matrix(Body):
    """A room of Matrix, for a user who is in it."""

    type: Literal["matrix"]
    server: Annotated[Url, Field(description="the homeserver's address")]
    room: Annotated[str, Field(pattern=r"^![^\s/?#]{1,254}$", description="its internal id, such as !abc:example.org")]
    token: Annotated[Secret, Field(description="the access token of the user")]


class Ntfy(Body):
    """A topic of ntfy."""

    type: Literal["ntfy"]
    server: Url = "https://ntfy.sh"
    topic: Annotated[Secret, Field(description="who knows it may read and write it")]
    token: Annotated[Secret | None, Field(description="for a server that asks for one")] = None
    priority: int = Field(default=3, ge=1, le=5)


class Feishu(Body):
    """A custom bot of Feishu or Lark."""

    type: Literal["feishu"]
    url: SecretUrl
    secret: Annotated[Secret | None, Field(description="of its signature check, where that is on")] = None


class Email(Body):
    """A mailbox."""

    type: Literal["email"]
    address: Annotated[Text, Field(max_length=254), AfterValidator(_mailbox)]


class Feed(Body):
    """A private feed: nothing is sent, its readers come by."""

    type: Literal["feed"]


AnyChannel = Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed
Channel = Annotated[AnyChannel, Field(discriminator="type"), BeforeValidator(_available)]
