"""Settings of the indexer."""

from pydantic import Field

from shared.settings import Settings


class IndexerSettings(Settings):
    """What is embedded of a paper, and how often the map of papers and the index are checked."""

    embed_endings: bool = Field(
        default=True,
        description="embed the last sentences of each abstract too: better results for a quarter more time",
    )
    map_interval: float = Field(default=60.0, gt=0, description="s between checks whether the map is out of date")
    reconcile_interval: float = Field(
        default=600.0, gt=0, description="s between comparisons of the index with the records of all works"
    )
