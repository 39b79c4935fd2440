"""Settings of the indexer."""

from pydantic import Field

from shared.settings import Settings


class IndexerSettings(Settings):
    """The interval between checks of the map of papers."""

    map_interval: float = Field(default=60.0, gt=0, description="s between checks whether the map is out of date")
