"""Settings of search."""

from shared.settings import Settings


class SearchSettings(Settings):
    """The settings of every service; search has no others."""
