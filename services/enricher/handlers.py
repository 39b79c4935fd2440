"""The handler of fetched papers: a batch of sightings is merged into works in one watched transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.asyncio import Redis

from services.enricher.providers.port import Asked
from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.schedule import BANDS, schedule
from services.enricher.works.intake import KnownWorks, take_in, unchanged_event
from services.enricher.works.records import Samples, read_known, read_removed, write_known
from services.enricher.works.sighting import Sighting, prepare
from services.enricher.works.trending import UNMEASURED, Baseline
from services.enricher.works.work import Work, enriched_event, removed_event
from shared.bus import Entry, Hop
from shared.papers.events import PaperEnriched, PaperFetched, PapersRequested
from shared.papers.paper import ChangeKind
from shared.papers.streams import ENRICHED
from shared.time_limit import in_thread

Fetched = Sequence[Entry[PaperFetched]]
Requested = Sequence[Entry[PapersRequested]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is published about an entry, and whether it changed its work."""

    entry: Entry[PaperFetched]
    event: PaperEnriched
    changed: bool


class Enrollment:
    """Enrolls the works of a batch with providers, also while these are not asked."""

    def __init__(self, samples: Samples, providers: Sequence[Asked], redis: "Redis[bytes]") -> None:
        """The caller closes `redis`."""
        self._samples = samples
        self._due = [(provider, DueWorks(redis, provider.id)) for provider in providers]

    async def baseline(self) -> Baseline:
        """Return what works are compared with."""
        return await self._samples.baseline()

    def write(self, hop: Hop, known: KnownWorks, events: Sequence[PaperEnriched]) -> None:
        """Add samples, and make new works due, as part of the transaction of a hop."""
        if not events:
            return
        self._samples.add(hop.write, known.signal_updates)
        at = max(event.enriched_at for event in events)
        for provider, due in self._due:
            ids = {event.paper.id for event in events if _is_new(event) or _entered_by(event, provider)}
            works = [known.written[work_id] for work_id in ids if work_id in known.written]
            due.enter(
                hop.write, {work.paper.id: band(provider, work, at) for work in works if provider.wants(work)}, at
            )

    def write_trending(self, hop: Hop, works: Sequence[Work], events: Sequence[PaperEnriched], at: datetime) -> None:
        """Make works that the answer of a provider made trend due with the providers that wait for that."""
        ids = {event.paper.id for event in events if ChangeKind.TRENDING in (change.kind for change in event.changes)}
        trending = [work for work in works if work.paper.id in ids]
        for provider, due in self._due:
            if trending and ChangeKind.TRENDING in provider.enters_on:
                wanted = [work for work in trending if provider.wants(work)]
                due.enter(hop.write, {work.paper.id: band(provider, work, at) for work in wanted}, at)


async def enrich(entries: Fetched, hop: Hop, enrollment: Enrollment | None = None) -> None:
    """Merge a batch of sightings into their works, and publish the works that changed.

    An import waits until its papers are searchable, so works that did not change are published too, without changes:
    the indexer checks that it has them, and writes those that it has lost.
    """
    sightings = await in_thread(lambda: [prepare(entry.event.item) for entry in entries])
    known = await read_known(hop, {alias for seen in sightings for alias in seen.aliases})
    baseline = await enrollment.baseline() if enrollment else UNMEASURED
    results = await in_thread(_take_in_all, entries, sightings, known, baseline)
    write_known(hop, known)
    if enrollment:
        enrollment.write(hop, known, [taken.event for taken in results if taken.changed])
    for taken in results:
        if not taken.changed:
            hop.note("unchanged", taken.entry)
        await hop.publish(ENRICHED, taken.event, taken.entry)


async def republish(entries: Requested, hop: Hop) -> None:
    """Publish requested works as they are, without changes, so that nobody is alerted.

    The id of a work that was joined to another leads to the event of that one, which names the point to delete, and the
    id of a work that left to the event that says so.
    """
    asked = {work_id for entry in entries for work_id in entry.event.works}
    known = await read_known(hop, asked)
    removed = await read_removed(hop, sorted(work_id for work_id in asked if known.find(work_id) is None))
    now = datetime.now(UTC)
    for entry in entries:
        for work_id in entry.event.works:
            if work := known.find(work_id):
                merged = () if work.paper.id == work_id else (work_id,)
                await hop.publish(ENRICHED, enriched_event(work, (), now, merged), entry)
            elif work_id in removed:
                await hop.publish(ENRICHED, removed_event(removed[work_id], now), entry)


def _take_in_all(entries: Fetched, sightings: Sequence[Sighting], known: KnownWorks, baseline: Baseline) -> list[Taken]:
    """Merge sightings one after the other, so that two of one work merge in a batch as they do in two batches."""
    results = []
    for entry, seen in zip(entries, sightings, strict=True):
        at = entry.event.fetched_at
        if event := take_in(known, seen, at, baseline):
            results.append(Taken(entry, event, changed=True))
        elif entry.tracked:
            results.append(Taken(entry, unchanged_event(known, seen, at), changed=False))
    return results


def band(provider: Asked, work: Work, at: datetime) -> int:
    """Return the band in which a work becomes due: the first one for an urgent one, else that of its age."""
    if provider.is_urgent(work):
        return 0
    own = schedule(work.trend, at)[0]
    return min(own + 1, BANDS - 1) if ChangeKind.TRENDING in provider.enters_on else own


def _is_new(event: PaperEnriched) -> bool:
    return event.revision == 1 or bool(event.merged)


def _entered_by(event: PaperEnriched, provider: Asked) -> bool:
    return any(change.kind in provider.enters_on for change in event.changes)
