"""Settings of the indexer."""

from shared.settings import Settings


class IndexerSettings(Settings):
    """Nothing of its own: the model and the batch size are shared settings."""
