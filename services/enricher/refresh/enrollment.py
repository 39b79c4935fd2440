"""Enrolling works as they are enriched: their signals become samples, and they become due with each provider."""

from collections.abc import Sequence

from redis.asyncio import Redis

from services.enricher.providers.connection import OpenProvider
from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.schedule import schedule
from services.enricher.works.known_works import KnownWorks
from services.enricher.works.samples import Samples
from services.enricher.works.signals import Yardstick
from shared.bus import Hop
from shared.papers.events import PaperEnriched
from shared.papers.paper import ChangeKind

_WIDENING = frozenset({ChangeKind.CODE_ADDED, ChangeKind.PUBLISHED})
"""Changes after which a provider may know a work that it did not know before."""


class Enrollment:
    """Enrolls the works of a batch with providers, also while these are not asked."""

    def __init__(self, samples: Samples, providers: Sequence[OpenProvider], redis: "Redis[bytes]") -> None:
        """The caller closes `redis`."""
        self._samples = samples
        self._due = [(provider, DueWorks(redis, provider.id)) for provider in providers]

    async def yardstick(self) -> Yardstick:
        """Return what works are compared with."""
        return await self._samples.yardstick()

    def write(self, hop: Hop, known: KnownWorks, events: Sequence[PaperEnriched]) -> None:
        """Add samples, and make new works due, as part of the transaction of a hop."""
        if not events:
            return
        self._samples.add(hop.write, known.signal_updates)
        at = max(event.enriched_at for event in events)
        ids = {event.paper.id for event in events if _enrolls(event)}
        enrolled = [work for work_id, work in known.written.items() if work_id in ids]
        for provider, due in self._due:
            bands = {work.paper.id: schedule(work.trend, at)[0] for work in enrolled if provider.wants(work)}
            due.enter(hop.write, bands, at)


def _enrolls(event: PaperEnriched) -> bool:
    return event.revision == 1 or bool(event.merged) or any(change.kind in _WIDENING for change in event.changes)
