"""Fetched items in, enriched works out: one watched, atomic step for a batch."""

import asyncio
from collections.abc import Sequence

from services.enricher.identity import differ
from services.enricher.merge import Merged, merge
from services.enricher.prepare import Prepared, prepare
from services.enricher.records import alias_key, pack, unpack, work_key
from services.enricher.work import Work, told
from shared.bus import Entry, Hop
from shared.events import PaperFetched
from shared.streams import ENRICHED

Fetched = Sequence[Entry[PaperFetched]]


async def enrich(entries: Fetched, hop: Hop) -> None:
    """Merge a batch of sightings into their works; publish those that changed."""
    prepared = await asyncio.to_thread(lambda: [prepare(entry.event.item) for entry in entries])
    aliases = await _aliases(prepared, hop)
    works = await _works(set(aliases.values()), hop)
    results = await asyncio.to_thread(_merge_all, entries, prepared, aliases, works)
    for work_id, work in results.written.items():
        hop.write.set(work_key(work_id), pack(work))
    if results.aliases:
        hop.write.mset({alias_key(alias): work_id for alias, work_id in results.aliases.items()})
    for entry, merged in results.told:
        await hop.publish(ENRICHED, told(merged.work, merged.changes, entry.event.fetched_at), entry)


class _Results:
    """What a batch comes to: works to write, aliases to add, changes to tell (in the order of the entries)."""

    def __init__(self) -> None:
        self.written: dict[str, Work] = {}
        self.aliases: dict[str, str] = {}
        self.told: list[tuple[Entry[PaperFetched], Merged]] = []


async def _aliases(prepared: Sequence[Prepared], hop: Hop) -> dict[str, str]:
    names = list(dict.fromkeys(alias for one in prepared for alias in one.aliases))
    values = await hop.read([alias_key(name) for name in names])
    return {name: value.decode() for name, value in zip(names, values, strict=True) if value}


async def _works(ids: set[str], hop: Hop) -> dict[str, Work]:
    names = sorted(ids)
    values = await hop.read([work_key(name) for name in names])
    return {name: unpack(value) for name, value in zip(names, values, strict=True) if value}


def _merge_all(
    entries: Fetched, prepared: Sequence[Prepared], aliases: dict[str, str], works: dict[str, Work]
) -> _Results:
    """Take the sightings one after the other, so that two of the same work in a batch meet as in two batches."""
    results = _Results()
    for entry, seen in zip(entries, prepared, strict=True):
        work_id = _work_id(seen, aliases, works)
        merged = merge(works.get(work_id), seen, entry.event.fetched_at)
        for alias in seen.aliases:
            if alias not in aliases:
                aliases[alias] = results.aliases[alias] = work_id
        if not merged.same:
            works[work_id] = merged.work
            results.written[work_id] = merged.work
            results.told.append((entry, merged))
    return results


def _work_id(seen: Prepared, aliases: dict[str, str], works: dict[str, Work]) -> str:
    """Name the work of a sighting: the one known under an id of its, or under its title unless that is another's."""
    for alias in seen.aliases:
        if alias in aliases:
            known = works.get(aliases[alias])
            if alias in seen.public_ids or known is None or not differ(known.paper.identifiers, seen.identifiers):
                return aliases[alias]
    return seen.public_ids[0]
