"""An enricher without Redis, for tests of identity."""

from collections.abc import Iterable

from services.enricher.works.intake import KnownWorks, take_in
from services.enricher.works.sighting import prepare
from services.enricher.works.work import Work
from shared.papers.events import Item, PaperEnriched
from tests.support import NOW


class LocalEnricher:
    """Keeps works in memory; `told` are all events so far."""

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        self.aliases: dict[str, str] = {}
        self.published: list[PaperEnriched] = []

    def see(self, *items: Item) -> list[PaperEnriched]:
        """Take in sightings one by one; return the events about them."""
        before = len(self.published)
        for seen in items:
            known = KnownWorks(self.works, self.aliases)
            event = take_in(known, prepare(seen), NOW)
            self.published += [event] if event else []
            self.works = {n: w for n, w in self.works.items() if n not in known.removed} | known.written
            self.aliases |= known.claimed
        return self.published[before:]

    def named(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return the id of the work that each id resolves to."""
        found = {name: KnownWorks(self.works, self.aliases).find(name) for name in names}
        return {name: work.paper.id if work else None for name, work in found.items()}

    @property
    def news(self) -> list[str]:
        """The kinds of all changes so far, in order."""
        return [change.kind.value for event in self.published for change in event.changes]
