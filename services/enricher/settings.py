"""Settings of the enricher."""

from shared.settings import Settings


class EnricherSettings(Settings):
    """Nothing of its own yet: providers bring their keys and quotas here."""
