"""Removal of sample papers: one transaction deletes the records of works, and publishes that they left.

Only a work that no other source has shown leaves. The indexer deletes the point of a work that left.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from redis.exceptions import WatchError

from services.enricher.regrouping import RETRY_S
from services.enricher.works.intake import KnownWorks
from services.enricher.works.records import note_removed, read_known, write_known
from services.enricher.works.work import Work, is_sample, removed_event, title_key
from shared.bus import Bus, Hop
from shared.papers.events import Item
from shared.papers.streams import ENRICHED

PART: Final = 32
"""Works of one transaction: the more, the likelier that an enricher changes one of them."""


class Removed(NamedTuple):
    """The ids of the works that left, and of those that stay since somebody keeps them."""

    left: tuple[str, ...]
    kept: tuple[str, ...]


async def remove_samples(
    bus: Bus, works: Sequence[str], keep: Collection[str], at: datetime, correlation: str
) -> Removed:
    """Remove those of some works that are sample papers and that no id in `keep` names.

    Ids without a work, and works that another source has shown too, are left alone.
    """
    left: list[str] = []
    kept: list[str] = []
    for start in range(0, len(works), PART):
        gone, stay = await _remove_part(bus, works[start : start + PART], keep, at, correlation)
        left += gone
        kept += stay
    return Removed(tuple(left), tuple(kept))


async def _remove_part(
    bus: Bus, works: Sequence[str], keep: Collection[str], at: datetime, correlation: str
) -> tuple[list[str], list[str]]:
    while True:
        try:
            async with bus.hop("enricher") as hop:
                known = await read_known(hop, works)
                found = {work.paper.id: work for name in works if (work := known.find(name)) and is_sample(work)}
                kept = [name for name, work in found.items() if not {name, *work.aliases}.isdisjoint(keep)]
                leaving = [work for name, work in found.items() if name not in kept]
                if leaving:
                    await _remove(hop, known, leaving, at, correlation)
                return [work.paper.id for work in leaving], kept
        except WatchError:
            await asyncio.sleep(RETRY_S)


async def _remove(hop: Hop, known: KnownWorks, leaving: Iterable[Work], at: datetime, correlation: str) -> None:
    titles = {key: work.paper.id for work in leaving if (key := title_key(_seen(work)))}
    holders = await read_known(hop, titles)
    for work in leaving:
        known.drop(work)
    for key, name in titles.items():
        if (holder := holders.find(key)) and holder.paper.id == name:
            known.release(key)
    write_known(hop, known)
    for work in leaving:
        note_removed(hop, work)
        await hop.publish(ENRICHED, removed_event(work, at), correlation)
    await hop.commit()


def _seen(work: Work) -> Item:
    """Return what the key of the title of a work is made of."""
    names = tuple(author.name for author in work.paper.authors)
    return Item(source="", id=work.paper.id, title=work.paper.title, authors=names)
