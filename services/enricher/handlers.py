"""Fetched items in, enriched works out: one watched, atomic step for a batch."""

import asyncio
from collections.abc import Sequence

from services.enricher.refresh.enrollment import Noting
from services.enricher.works.intake import sight
from services.enricher.works.known_works import Known
from services.enricher.works.records import read_known, write_known
from services.enricher.works.sighting import Prepared, prepare
from services.enricher.works.signals import UNMEASURED, Yardstick
from shared.bus import Entry, Hop
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED

Fetched = Sequence[Entry[PaperFetched]]
Told = list[tuple[Entry[PaperFetched], PaperEnriched]]


async def enrich(entries: Fetched, hop: Hop, noting: Noting | None = None) -> None:
    """Merge a batch of sightings into their works; publish those that changed."""
    prepared = await asyncio.to_thread(lambda: [prepare(entry.event.item) for entry in entries])
    known = await read_known(hop, {alias for one in prepared for alias in one.aliases})
    yard = await noting.yardstick() if noting else UNMEASURED
    results = await asyncio.to_thread(_take_in, entries, prepared, known, yard)
    write_known(hop, known)
    if noting:
        noting.write(hop, known, [event for _, event in results])
    for entry, event in results:
        await hop.publish(ENRICHED, event, entry)


def _take_in(entries: Fetched, prepared: Sequence[Prepared], known: Known, yard: Yardstick) -> Told:
    """Take the sightings one after the other, so that two of the same work in a batch meet as in two batches."""
    seen = zip(entries, prepared, strict=True)
    events = [sight(known, one, entry.event.fetched_at, yard) for entry, one in seen]
    return [(entry, event) for entry, event in zip(entries, events, strict=True) if event]
