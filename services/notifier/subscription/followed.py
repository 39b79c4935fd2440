"""How the places that a subscription names were read last, as the owner sees it. Pure."""

from datetime import datetime

from pydantic import Field

from shared.papers.paper import Model


class Followed(Model):
    """The last visit to a place of liked papers."""

    read_at: datetime | None = Field(default=None, description="when the place was read last; null: not yet")
    items: int = Field(default=0, description="papers there, of the newest 1,000")
    known: int = Field(default=0, description="how many of them are in this index")
    used: int = Field(default=0, description="how many are liked papers of the subscription: the newest, 100 at most")
    error: str | None = Field(default=None, description="why the last visit failed")
    next_at: datetime = Field(description="when the place is visited next")

    @property
    def due(self) -> float:
        """When the place is visited next, in Unix seconds."""
        return self.next_at.timestamp()


class CitationsRead(Model):
    """The last visit that asked who cites the papers of an owner."""

    read_at: datetime | None = Field(default=None, description="when all of them were asked about last; null: not yet")
    papers: int = Field(default=0, description="papers of yours that are asked about: the newest, 100 at most")
    citations: int = Field(default=0, description="how often they are cited, as the provider counts")
    awaited: int = Field(
        default=0, description="how many of those that were found after the first visit are not in this index yet"
    )
    error: str | None = Field(default=None, description="why the last visit failed")
    next_at: datetime = Field(description="when they are asked about next")

    @property
    def due(self) -> float:
        """When they are asked about next, in Unix seconds."""
        return self.next_at.timestamp()
