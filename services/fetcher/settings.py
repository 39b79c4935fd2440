"""Settings of the fetcher."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import Settings


class FetcherSettings(Settings):
    """Which sources to poll, and how patiently."""

    sources_file: Path | None = Field(default=None, description="a sources.toml; none means the bundled one")
    offline: bool = Field(default=False, description="poll no live source; files and folders still are")
    fetch_timeout: float = Field(default=120.0, gt=0, description="s for a whole exchange, body included")
    max_body: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes of an answer after decompression")
    max_items: int = Field(default=5_000, gt=0, description="items taken of one poll of a feed")
    host_interval: float = Field(default=0.5, ge=0, description="s between two requests to a host we know nothing of")
    host_places: int = Field(default=2, ge=1, description="requests at once to a host we know nothing of")
    polls: int = Field(default=1_000, ge=1, description="polls at once, those that wait for their hosts included")
    exchanges: int = Field(default=128, ge=1, description="requests at once, to all hosts together")
    backfill_lag: int = Field(default=2_000, ge=1, description="papers that wait for the index; more pause a backfill")
    backfill_pending: int = Field(default=2_000, ge=1, description="papers in hand on their way; more pause a backfill")
    arxiv_oai_url: str = Field(default="https://oaipmh.arxiv.org/oai", pattern=r"^https?://")
    arxiv_api_url: str = Field(default="https://export.arxiv.org/api/query", pattern=r"^https?://")
    openreview_user: str | None = None
    openreview_password: SecretStr | None = None
