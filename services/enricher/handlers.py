"""Fetched items in, enriched works out: one watched, atomic step for a batch."""

import asyncio
from collections.abc import Sequence

from services.enricher.known import Known
from services.enricher.prepare import Prepared, prepare
from services.enricher.records import read_known, write_known
from services.enricher.sight import sight
from shared.bus import Entry, Hop
from shared.events import PaperEnriched, PaperFetched
from shared.streams import ENRICHED

Fetched = Sequence[Entry[PaperFetched]]
Told = list[tuple[Entry[PaperFetched], PaperEnriched]]


async def enrich(entries: Fetched, hop: Hop) -> None:
    """Merge a batch of sightings into their works; publish those that changed."""
    prepared = await asyncio.to_thread(lambda: [prepare(entry.event.item) for entry in entries])
    known = await read_known(hop, {alias for one in prepared for alias in one.aliases})
    results = await asyncio.to_thread(_take_in, entries, prepared, known)
    write_known(hop, known)
    for entry, event in results:
        await hop.publish(ENRICHED, event, entry)


def _take_in(entries: Fetched, prepared: Sequence[Prepared], known: Known) -> Told:
    """Take the sightings one after the other, so that two of the same work in a batch meet as in two batches."""
    events = [sight(known, seen, entry.event.fetched_at) for entry, seen in zip(entries, prepared, strict=True)]
    return [(entry, event) for entry, event in zip(entries, events, strict=True) if event]
