"""The handler of fetched papers: a batch of sightings is merged into works in one watched transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.enricher.refresh.enrollment import Enrollment
from services.enricher.works.intake import take_in, unchanged_event
from services.enricher.works.known_works import KnownWorks
from services.enricher.works.records import read_known, write_known
from services.enricher.works.sighting import Sighting, prepare
from services.enricher.works.signals import UNMEASURED, Yardstick
from shared.bus import Entry, Hop
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED

Fetched = Sequence[Entry[PaperFetched]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is published about an entry, and whether it changed its work."""

    entry: Entry[PaperFetched]
    event: PaperEnriched
    changed: bool


async def enrich(entries: Fetched, hop: Hop, enrollment: Enrollment | None = None) -> None:
    """Merge a batch of sightings into their works, and publish the works that changed.

    An import waits until its papers are searchable, so works that did not change are published too, without changes:
    the indexer checks that it has them, and writes those that it has lost.
    """
    sightings = await asyncio.to_thread(lambda: [prepare(entry.event.item) for entry in entries])
    known = await read_known(hop, {alias for seen in sightings for alias in seen.aliases})
    yardstick = await enrollment.yardstick() if enrollment else UNMEASURED
    results = await asyncio.to_thread(_take_in_all, entries, sightings, known, yardstick)
    write_known(hop, known)
    if enrollment:
        enrollment.write(hop, known, [taken.event for taken in results if taken.changed])
    for taken in results:
        if not taken.changed:
            hop.note("unchanged", taken.entry)
        await hop.publish(ENRICHED, taken.event, taken.entry)


def _take_in_all(
    entries: Fetched, sightings: Sequence[Sighting], known: KnownWorks, yardstick: Yardstick
) -> list[Taken]:
    """Take in sightings one after the other, so that two of one work merge in a batch as they do in two batches."""
    results = []
    for entry, seen in zip(entries, sightings, strict=True):
        at = entry.event.fetched_at
        if event := take_in(known, seen, at, yardstick):
            results.append(Taken(entry, event, changed=True))
        elif entry.tracked:
            results.append(Taken(entry, unchanged_event(known, seen, at), changed=False))
    return results
