"""Settings of the gateway."""

from typing import Annotated

from pydantic import Field, TypeAdapter, UrlConstraints, field_validator
from pydantic.networks import AnyUrl
from pydantic_settings import NoDecode

from shared.settings import Settings

HttpUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]
_CHECK: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


class GatewaySettings(Settings):
    """The addresses of the services; each may be several, comma-separated, which are used in turn."""

    search_url: Annotated[tuple[str, ...], NoDecode] = ("http://127.0.0.1:8081",)
    notifier_url: Annotated[tuple[str, ...], NoDecode] = ("http://127.0.0.1:8082",)
    upstream_timeout: float = Field(default=30.0, gt=0, description="s that a service may be silent while it answers")

    @field_validator("search_url", "notifier_url", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("search_url", "notifier_url", mode="after")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            message = "it contains no address"
            raise ValueError(message)
        for address in value:
            _CHECK.validate_python(address)
        return tuple(address.rstrip("/") for address in value)
