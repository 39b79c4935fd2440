"""Settings of search."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings import Network, Settings


class SearchSettings(Settings):
    """How much one client may ask, and whose word about a client's address is believed."""

    rate_limit: int = Field(default=600, ge=0, description="requests a minute and client address; 0 is no limit")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(), description="networks whose X-Forwarded-For is believed"
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _trusted(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value
