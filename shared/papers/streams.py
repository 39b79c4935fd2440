"""The stream table: every stream with its event and its groups."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from shared.papers.events import PaperEnriched, PaperFetched, PaperIndexed, PapersRequested
from shared.papers.paper import Model

E = TypeVar("E", bound=Model)


@dataclass(frozen=True, slots=True)
class Stream(Generic[E]):
    """A Redis stream: `name` carries the major version of `event`; each of `groups` gets every entry."""

    name: str
    event: type[E]
    groups: tuple[str, ...]

    @property
    def dead(self) -> str:
        """The stream of entries that could not be handled, each with its reason."""
        return f"dead.{self.name}"


FETCHED: Final = Stream("papers.fetched.v1", PaperFetched, ("enricher",))
ENRICHED: Final = Stream("papers.enriched.v1", PaperEnriched, ("indexer",))
INDEXED: Final = Stream("papers.indexed.v1", PaperIndexed, ("notifier",))
REQUESTED: Final = Stream("papers.requested.v1", PapersRequested, ("enricher",))
STREAMS: Final[
    tuple[Stream[PaperFetched] | Stream[PaperEnriched] | Stream[PaperIndexed] | Stream[PapersRequested], ...]
] = (
    FETCHED,
    ENRICHED,
    INDEXED,
    REQUESTED,
)
