"""Settings of the fetcher."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import Settings


class FetcherSettings(Settings):
    """What the fetcher reads from the environment: which sources, and the limits of polling them."""

    sources_file: Path | None = Field(default=None, description="a sources.toml; if unset the bundled one")
    offline: bool = Field(default=False, description="poll no source that needs the network; folders are still read")
    sample: bool = Field(default=True, description="import the bundled sample papers into a new data directory")
    fetch_timeout: float = Field(default=120.0, gt=0, description="s for a whole request, including the body")
    max_body: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes of an answer, after decompression")
    max_items: int = Field(default=5_000, gt=0, description="items taken from one poll of a feed")
    host_interval: float = Field(default=0.5, ge=0, description="s between two requests to a host that no row names")
    host_places: int = Field(default=2, ge=1, description="concurrent requests to a host that no row names")
    polls: int = Field(default=1_000, ge=1, description="concurrent polls, including those that wait for their host")
    exchanges: int = Field(default=128, ge=1, description="concurrent requests to all hosts together")
    backfill_lag: int = Field(default=2_000, ge=1, description="papers waiting to be indexed; more pause a backfill")
    backfill_pending: int = Field(default=2_000, ge=1, description="papers pending in consumers; more pause a backfill")
    arxiv_oai_url: str = Field(default="https://oaipmh.arxiv.org/oai", pattern=r"^https?://")
    arxiv_api_url: str = Field(default="https://export.arxiv.org/api/query", pattern=r"^https?://")
    openreview_user: str | None = None
    openreview_password: SecretStr | None = None
