"""Noting works as they are enriched: their signals weighed, and their first turn with each provider."""

from collections.abc import Sequence

from redis.asyncio import Redis

from services.enricher.providers.connection import OpenProvider
from services.enricher.refresh.due_works import Due
from services.enricher.refresh.schedule import schedule
from services.enricher.works.known_works import Known
from services.enricher.works.samples import Samples
from services.enricher.works.signals import Yardstick
from shared.bus import Hop
from shared.papers.events import PaperEnriched
from shared.papers.paper import ChangeKind

_WIDENS = frozenset({ChangeKind.CODE_ADDED, ChangeKind.PUBLISHED})
"""After these, providers may know a work that did not before."""


class Noting:
    """What the enricher does with the works of a batch besides telling them."""

    def __init__(self, samples: Samples, providers: Sequence[OpenProvider], redis: "Redis[bytes]") -> None:
        """Enter works into the schedules of these providers, also while nobody asks them."""
        self._samples = samples
        self._due = [(provider, Due(redis, provider.id)) for provider in providers]

    async def yardstick(self) -> Yardstick:
        """Give what works are compared with."""
        return await self._samples.yardstick()

    def write(self, hop: Hop, known: Known, events: Sequence[PaperEnriched]) -> None:
        """Enter new works into the schedules, and what was noted into the samples, as a part of the step."""
        if not events:
            return
        self._samples.add(hop.write, known.noted)
        at = max(event.enriched_at for event in events)
        names = {event.paper.id for event in events if _enters(event)}
        entering = [work for name, work in known.written.items() if name in names]
        for provider, due in self._due:
            bands = {work.paper.id: schedule(work.trend, at)[0] for work in entering if provider.wants(work)}
            due.enter(hop.write, bands, at)


def _enters(event: PaperEnriched) -> bool:
    return event.revision == 1 or bool(event.merged) or any(change.kind in _WIDENS for change in event.changes)
