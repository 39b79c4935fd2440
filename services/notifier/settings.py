"""What the notifier reads beside what every service reads."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class NotifierSettings(Settings):
    """Settings of the notifier (`PAPERWIRE_…`)."""

    secret_key: SecretStr | None = Field(default=None, description="what secrets at rest are sealed with; new,old")
    attempt_timeout: float = Field(default=15.0, gt=0, le=60, description="s for one attempt, its answer included")
    concurrency: int = Field(default=512, ge=1, le=10_000, description="attempts at once, in one process")
    endpoint_concurrency: int = Field(default=4, ge=1, le=1_000, description="attempts at once to one endpoint, by all")
    delivery_retention: float = Field(default=30 * 86_400.0, gt=0, description="s that a delivery and its log are kept")
    delivery_poll: float = Field(default=0.5, gt=0, le=5, description="s between looks for what other processes wrote")
    digest_poll: float = Field(default=1.0, gt=0, le=60, description="s between looks for digests that are due")
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:587 or smtps://…; without it mail goes to the outbox"
    )
    smtp_connections: int = Field(default=4, ge=1, le=100, description="connections to the mail server, of one process")
    mail_from: str | None = Field(default=None, description="who mail comes from: Paperwire <news@example.org>")
    front_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/?#]+$", description="the gateway in front, as this machine reaches it"
    )
    lease: float = Field(default=5.0, ge=0.2, le=60, description="s after which a silent process's deliveries go on")
