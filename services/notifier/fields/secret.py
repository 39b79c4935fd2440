"""A secret of a channel, such as a bot token or a webhook address.

It is entered as text, stored sealed, and shown as a hint. Serialization shows the hint by default, so that no log and
no answer can contain a secret by mistake; only a row on its way to and from Redis uses `AT_REST`.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

AT_REST: Final = {"at_rest": True}
"""The context of validation and serialization of what is stored."""
MASK: Final = "•••"
_MOST = 4_096
_ECHO = 4
"""Shorter ones are in many a text by chance."""
_TAIL = 12
"""Shorter secrets show none of their characters."""


class Secret:
    """`value` is the text, or its sealed form; `mark` distinguishes secrets without revealing them.

    No dataclass: pydantic would take those apart wherever a model is dumped.
    """

    __slots__ = ("hint", "mark", "sealed", "value")

    def __init__(self, value: str, hint: str, *, sealed: bool = False, mark: str = "") -> None:
        self.value = value
        self.hint = hint
        self.sealed = sealed
        self.mark = mark

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self.value, self.sealed) == (other.value, other.sealed)

    def __hash__(self) -> int:
        return hash((self.value, self.sealed))

    def __repr__(self) -> str:
        return self.hint

    @classmethod
    def of(cls, text: str) -> "Secret":
        """Return a text as a secret. The hint of an address shows its host, that of a token its last characters."""
        tail = text[-4:] if len(text) >= _TAIL else ""
        try:
            parts = urlsplit(text) if text.startswith(("http://", "https://")) else None
        except ValueError:  # no address; its field says so
            parts = None
        return cls(text, f"{parts.scheme}://{parts.hostname}/{MASK}{tail}" if parts else MASK + tail)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(_write, info_arg=True, when_used="json")
        return core_schema.with_info_plain_validator_function(_read, serialization=shown)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "password", "maxLength": _MOST}


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """Replace secrets in a text by hints, such as in an answer that echoes a request."""
    for secret in secrets:
        for form in {secret.value, quote(secret.value, safe=""), urlsplit(secret.value).path}:
            if len(form) >= _ECHO:
                text = text.replace(form, secret.hint)
    return text


def _read(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    if isinstance(value, dict) and info.context == AT_REST:
        return Secret(**value, sealed=True)
    if not isinstance(value, str) or not value.strip():
        raise PydanticCustomError("secret", "must be a non-empty string")
    if MASK in value:
        raise PydanticCustomError("secret", "is masked: send the whole secret, or leave the channel as it is")
    if len(value) > _MOST:
        raise PydanticCustomError("secret", "must have at most 4096 characters")
    if not value.strip().isprintable():
        raise PydanticCustomError("secret", "must not contain control characters or invisible ones")
    return Secret.of(value.strip())


def _write(secret: Secret, info: SerializationInfo) -> object:
    if info.context != AT_REST:
        return secret.hint
    if not secret.sealed:
        raise ValueError("a secret has to be encrypted before it is stored")
    return {"value": secret.value, "hint": secret.hint, "mark": secret.mark}
