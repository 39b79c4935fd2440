"""Settings of search."""

from pydantic import Field

from shared.settings import Settings


class SearchSettings(Settings):
    """The request limit for clients."""

    rate_limit: int = Field(default=600, ge=0, description="requests a minute and client address; 0 is no limit")
