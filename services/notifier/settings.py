"""The settings of the notifier, beside those that every service has."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.llm.llm_settings import LlmSettings


class NotifierSettings(LlmSettings):
    """Settings of the notifier (`PAPERWIRE_…`)."""

    secret_key: SecretStr | None = Field(
        default=None, description="encrypts secrets at rest; the first key encrypts, all keys decrypt: new,old"
    )
    attempt_timeout: float = Field(
        default=15.0, gt=0, le=60, description="seconds for one attempt, its answer included"
    )
    concurrency: int = Field(default=512, ge=1, le=10_000, description="concurrent attempts of one process")
    endpoint_concurrency: int = Field(
        default=4, ge=1, le=1_000, description="concurrent attempts to one endpoint, of all processes"
    )
    delivery_retention: float = Field(
        default=30 * 86_400.0, gt=0, description="seconds that a delivery and its log are kept"
    )
    delivery_poll: float = Field(
        default=0.5, gt=0, le=5, description="seconds between checks for deliveries of other processes"
    )
    digest_poll: float = Field(default=1.0, gt=0, le=60, description="seconds between checks for digests that are due")
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:587 or smtps://…; without it, mail is kept in the outbox"
    )
    smtp_connections: int = Field(default=4, ge=1, le=100, description="connections of one process to the mail server")
    mail_from: str | None = Field(default=None, description="the sender of mail, such as Paperwire <news@example.org>")
    mail_return_path: str | None = Field(
        default=None,
        description="where mail that cannot be delivered comes back to, such as bounce@example.org; a token is added",
    )
    mail_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="domains whose addresses API keys may send mail to without asking them, comma-separated"
    )
    front_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/?#]+$", description="the gateway in front, as this machine reaches it"
    )
    key_rate_limit: int = Field(default=6_000, ge=0, description="requests a minute and API key; 0 is no limit")
    subscriptions_per_key: int = Field(default=5_000, ge=1, description="subscriptions of one API key")
    offline: bool = Field(default=False, description="read no place of liked papers")
    likes_interval: float = Field(
        default=3_600.0, ge=60, le=7 * 86_400, description="seconds between visits to a place of liked papers"
    )
    likes_poll: float = Field(
        default=2.0, gt=0, le=60, description="seconds between checks for places of liked papers that are due"
    )
    citations_interval: float = Field(
        default=86_400.0,
        ge=60,
        le=7 * 86_400,
        description="seconds between visits that ask who cites a reader's papers",
    )
    place_timeout: float = Field(
        default=30.0, gt=0, le=120, description="seconds for one answer of a place of liked papers"
    )
    zotero_url: str = Field(default="https://api.zotero.org", pattern=r"^https?://", description="Zotero's web API")
    orcid_url: str = Field(
        default="https://pub.orcid.org/v3.0", pattern=r"^https?://", description="ORCID's public API"
    )
    semantic_scholar_url: str = Field(
        default="https://api.semanticscholar.org/graph/v1", pattern=r"^https?://", description="as for the enricher"
    )
    semantic_scholar_key: SecretStr | None = Field(default=None, description="as for the enricher")
    lease: float = Field(
        default=5.0,
        ge=0.2,
        le=60,
        description="seconds of silence after which other processes take over a process's deliveries",
    )

    @field_validator("mail_domains", mode="before")
    @classmethod
    def _domains(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
