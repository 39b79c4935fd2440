"""The handler of fetched papers: a batch of sightings is merged into works in one watched transaction."""

import asyncio
from collections.abc import Sequence

from services.enricher.refresh.enrollment import Enrollment
from services.enricher.works.intake import take_in
from services.enricher.works.known_works import KnownWorks
from services.enricher.works.records import read_known, write_known
from services.enricher.works.sighting import Sighting, prepare
from services.enricher.works.signals import UNMEASURED, Yardstick
from shared.bus import Entry, Hop
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED

Fetched = Sequence[Entry[PaperFetched]]
Enriched = list[tuple[Entry[PaperFetched], PaperEnriched]]


async def enrich(entries: Fetched, hop: Hop, enrollment: Enrollment | None = None) -> None:
    """Merge a batch of sightings into their works, and publish the works that changed."""
    sightings = await asyncio.to_thread(lambda: [prepare(entry.event.item) for entry in entries])
    known = await read_known(hop, {alias for seen in sightings for alias in seen.aliases})
    yardstick = await enrollment.yardstick() if enrollment else UNMEASURED
    results = await asyncio.to_thread(_take_in_all, entries, sightings, known, yardstick)
    write_known(hop, known)
    if enrollment:
        enrollment.write(hop, known, [event for _, event in results])
    for entry, event in results:
        await hop.publish(ENRICHED, event, entry)


def _take_in_all(entries: Fetched, sightings: Sequence[Sighting], known: KnownWorks, yardstick: Yardstick) -> Enriched:
    """Take in sightings one after the other, so that two of one work merge in a batch as they do in two batches."""
    pairs = zip(entries, sightings, strict=True)
    events = [take_in(known, seen, entry.event.fetched_at, yardstick) for entry, seen in pairs]
    return [(entry, event) for entry, event in zip(entries, events, strict=True) if event]
