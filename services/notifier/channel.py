"""Where alerts go: the channels a subscription may name, and what can be checked of them beforehand."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.notifier.text import Text
from shared.http.api import Body


def _webhook_only(value: Any) -> Any:  # noqa: ANN401  # as above
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in ("email", "slack", "discord", "telegram", "ntfy", "feed"):
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


class Webhook(Body):
    """A signed POST to an address."""

    type: Literal["webhook"]
    url: Annotated[Text, Field(max_length=2_048), AfterValidator(_reachable)]


Channel = Annotated[Webhook, BeforeValidator(_webhook_only)]
