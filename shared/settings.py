"""Settings from the environment (`PAPERWIRE_…`); a bad value stops the start with one clear line."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import ConfigurationError
from shared.shown_address import shown
from shared.validation_sentences import predicate

Network = IPv4Network | IPv6Network
PREFIX = "PAPERWIRE_"
_PUBLIC: Final = re.compile(
    r"https?://(?:[a-z\d._-]+|\[[a-f\d:.]+\])(?::\d{1,5})?(?:/[\w~-][\w.~-]*)*/?", re.ASCII | re.IGNORECASE
)
"""An address that links can begin with: without user info, and without a character that a link must encode."""


def http_address(host: str, port: int) -> str:
    """Return the address of a server; an IPv6 host stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Settings(BaseSettings):
    """The settings of every service. A service with settings of its own extends this class."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    redis_url: str = Field(default="redis://127.0.0.1:6379/0", pattern=r"^(rediss?|unix)://")
    qdrant_url: str = Field(default="http://127.0.0.1:6333", pattern=r"^https?://")
    qdrant_api_key: SecretStr | None = None
    data_dir: Path = Path("~/.local/share/paperwire")
    http_host: str = Field(default="127.0.0.1", min_length=1)
    http_port: int = Field(default=8080, ge=0, le=65535)
    embedding_model: str = "sentence-transformers/all-MiniLM-L6-v2"
    allow_private_endpoints: Annotated[tuple[Network, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(), description="networks whose X-Forwarded and Forwarded headers are trusted"
    )
    connections_per_client: int = Field(
        default=256, ge=0, le=65_535, description="connections of one client address; 0 is no limit"
    )
    rate_limit: int = Field(default=600, ge=0, description="requests a minute and client address; 0 is no limit")
    metrics_token: SecretStr | None = Field(default=None, description="protects /metrics; without one, all read them")
    start_wait: float = Field(
        default=600.0, ge=0, le=86_400, description="seconds that `paperwire up` waits for a Qdrant that starts too"
    )
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    public_url: str | None = Field(
        default=None,
        description="the address of this instance for readers, used in links; it may have a path, such as /papers",
    )
    contact: str = Field(default="https://github.com/paperwire/paperwire", description="named in the User-Agent")

    reclaim_idle: float = Field(
        default=15.0, gt=0.1, description="seconds until the pending entries of a silent consumer are reclaimed"
    )
    batch: int = Field(default=256, ge=1, le=4096, description="entries read at once")
    max_deliveries: int = Field(default=5, ge=1, description="deliveries after which an entry becomes a dead letter")
    handler_limit: float = Field(
        default=10.0,
        gt=0,
        description="seconds that a handler may take for one entry, without its waits for Redis, Qdrant and the model",
    )
    retention: float = Field(default=86_400.0, ge=0, description="seconds that consumed entries are kept")

    @field_validator("allow_private_endpoints", "trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value

    @field_validator("data_dir", "sources_file", mode="before", check_fields=False)
    @classmethod
    def _named(cls, value: object) -> object:
        if value == "":  # pathlib reads it as the current folder
            raise ValueError("it is empty: name a path, or unset it")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _readable(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, str) and (info.field_name or "").endswith("_url"):
            host, *rest = re.split(r"[/?#]", value.partition("://")[2], maxsplit=1)
            if host and "@" in "".join(rest):  # what follows the slash would be read as a path, and be shown
                raise ValueError("in a user name or password write / as %2F, ? as %3F, # as %23 and @ as %40")
            _ = urlsplit(value).port  # raises ValueError, as for a number that is too high
        return value

    @field_validator("public_url", mode="after")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value and not _PUBLIC.fullmatch(value):
            message = (
                "begin with http:// or https:// and an ASCII host, with a path of letters, digits and . _ ~ - at most"
            )
            raise ValueError(message)
        return value.rstrip("/") if value else None

    @field_validator("data_dir", mode="after")
    @classmethod
    def _expanded(cls, value: Path) -> Path:
        return value.expanduser()

    @property
    def local_url(self) -> str:
        """Where this machine reaches what listens on the host and port."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # not bound
        return http_address(here.get(self.http_host, self.http_host), self.http_port)

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment; what is given here wins.

        Raises:
            ConfigurationError: a value is not usable; the text names the variable and what is wrong.

        """
        try:
            return cls.model_validate(overrides)
        except ValidationError as error:
            problem = error.errors()[0]
            name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
            given = repr(shown(value) if isinstance(value := problem["input"], str) else value)
            message = f"{name} is not valid: {predicate(problem)} (given: {given})."
            raise ConfigurationError(message) from error


def settings_classes() -> list[type[Settings]]:
    """Return the class of all settings and those that extend it, directly or not, of the modules imported by now."""
    found: list[type[Settings]] = [Settings]
    for each in found:  # grows meanwhile
        found += each.__subclasses__()
    return found
