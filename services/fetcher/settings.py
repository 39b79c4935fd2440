"""Settings of the fetcher."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.board.rows import ORIGINS, Origin
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
    pictures: Annotated[tuple[Origin, ...], NoDecode] = Field(
        default=("huggingface",),
        description="where pictures of papers are looked for, in this order: huggingface, project, arxiv; or none",
    )
    pictures_kept: int = Field(
        default=2_000, ge=1, le=100_000, description="pictures kept in Redis, the newest ones, of 8 KiB at most each"
    )
    pictures_days: float = Field(
        default=60.0, gt=0, le=3_650, description="days that a picture is kept, and the age of papers that get one"
    )
    backfill_lag: int = Field(default=2_000, ge=1, description="papers waiting to be indexed; more pause a backfill")
    backfill_pending: int = Field(default=2_000, ge=1, description="papers pending in consumers; more pause a backfill")
    arxiv_oai_url: str = Field(default="https://oaipmh.arxiv.org/oai", pattern=r"^https?://")
    arxiv_api_url: str = Field(default="https://export.arxiv.org/api/query", pattern=r"^https?://")
    arxiv_html_url: str = Field(default="https://arxiv.org", pattern=r"^https?://")
    openreview_user: str | None = None
    openreview_password: SecretStr | None = None

    @field_validator("pictures", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(filter(None, map(str.strip, value.split(","))))
        if unknown := sorted({*names} - {*ORIGINS, "none"}):
            raise ValueError(f"there is no place {unknown[0]!r}; choose from {', '.join(ORIGINS)}, or none")
        return tuple(dict.fromkeys(name for name in names if name != "none"))
