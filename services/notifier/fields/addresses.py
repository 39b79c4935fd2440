"""Checks of an address, a header or a mailbox before anything is sent to it."""

import re
from collections.abc import Sequence
from typing import Annotated, Final, LiteralString
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from services.notifier.fields.mailbox import mailbox
from services.notifier.fields.secret import AT_REST, Secret
from services.notifier.fields.text import Text
from shared.errors import PermanentError
from shared.ip_addresses import is_allowed, is_host, literal_address
from shared.settings import Network

_INCOMPLETE: Final = "must be a complete http or https address"
_NO_HOST: Final = "must name a host, such as example.org or an IP address"
_BRACKETED: Final = re.compile(r"https?://\[[^\]]+\]", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\](?::\d*)?")


def _reachable(value: str, info: ValidationInfo) -> str:
    """Check the form of an address without a request; where it leads is checked at every attempt.

    One that is stored was checked when it was entered, and by fewer rules then.
    """
    fault = None if info.context == AT_REST else _fault(value)
    if fault:
        raise PydanticCustomError("url", fault)
    return value


def _fault(value: str) -> LiteralString | None:
    """Return what is wrong with the form of an address, as the predicate of a sentence, or None."""
    if any(c.isspace() for c in value):
        return "must be a complete http or https address, without spaces and line breaks"
    try:
        parts = urlsplit(value)
    except ValueError:  # newer versions of Python read more of what is in brackets
        return _NO_HOST if _BRACKETED.match(value) else _INCOMPLETE
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return _INCOMPLETE
    if parts.username is not None or parts.password is not None:
        return "must not contain a user name or password"
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        return "must be a complete http or https address, with a port between 1 and 65535 or none"
    bracketed = not parts.netloc.startswith("[") or _BRACKETS.fullmatch(parts.netloc)
    return None if bracketed and is_host(parts.hostname) else _NO_HOST


def _secretly_reachable(secret: Secret, info: ValidationInfo) -> Secret:
    if not secret.sealed:
        _reachable(secret.value, info)
    return secret


def refuse_private(settings: BaseModel, allowed: Sequence[Network]) -> None:
    """Refuse settings with the address of a private host; where a name leads is checked at every attempt.

    Raises:
        PermanentError: an address is private, and in none of the `allowed` networks.

    """
    for name, value in settings:
        text = value.value if isinstance(value, Secret) and not value.sealed else value
        if not isinstance(text, str) or not text.startswith(("http://", "https://")):
            continue
        address = literal_address(urlsplit(text).hostname or "")
        if address and not is_allowed(address, allowed):
            message = f"{name}: is a private address, which PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS has to allow."
            raise PermanentError(message)


def of_form(pattern: str, what: str) -> AfterValidator:
    """Check that a secret matches a pattern; `what` describes its form."""

    def check(secret: Secret) -> Secret:
        if not secret.sealed and not re.fullmatch(pattern, secret.value):
            raise PydanticCustomError("secret", "must be {what}", {"what": what})
        return secret

    return AfterValidator(check)


def _mailbox(value: str) -> str:
    """Check the form of an address; whether it accepts mail is known when mail is sent."""
    try:
        return mailbox(value)
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise PydanticCustomError("email", "must be an e-mail address: {reason}", {"reason": reason}) from error


_RESERVED: Final = re.compile(
    "host|content-.*|webhook-.*|user-agent|accept-encoding|expect|cookie2?|date|via|from|max-forwards"  # ours
    "|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings"  # of one hop
    "|forwarded|x-forwarded-.*|x-real-ip|true-client-ip|cf-.*"  # what proxies are believed to have set
    "|metadata.*|x-aws-.*|x-google-.*",  # what opens the doors of clouds
    re.IGNORECASE,
)


def _header_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9!#$%&'*+.^_`|~-]{0,99}", name):
        raise PydanticCustomError("header", "must be a valid header name")
    if _RESERVED.fullmatch(name):
        raise PydanticCustomError("header", "{name} cannot be set: Paperwire sets it, or it is unsafe", {"name": name})
    return name


def _header_value(secret: Secret) -> Secret:
    if not secret.sealed and not secret.value.isascii():
        raise PydanticCustomError("header", "must contain only ASCII characters")
    return secret


Url = Annotated[Text, Field(max_length=2_048), AfterValidator(_reachable)]
SecretUrl = Annotated[Secret, AfterValidator(_secretly_reachable)]
Mailbox = Annotated[Text, Field(max_length=254), AfterValidator(_mailbox)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[Secret, AfterValidator(_header_value)]
