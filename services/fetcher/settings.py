"""Settings of the fetcher."""

from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class FetcherSettings(Settings):
    """Which sources to poll, and how patiently."""

    sources_file: Path | None = Field(default=None, description="a sources.toml; none means the bundled one")
    offline: bool = Field(default=False, description="poll no live source; files and folders still are")
    fetch_timeout: float = Field(default=60.0, gt=0, description="s for a whole exchange, body included")
    max_body: int = Field(default=64 * 1024 * 1024, gt=0, description="bytes of a feed after decompression")
    max_items: int = Field(default=20_000, gt=0, description="items taken of one poll")
