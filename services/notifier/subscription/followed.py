"""How the place of a subscription's liked papers was read last, as the owner sees it. Pure."""

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
