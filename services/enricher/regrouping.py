"""Regrouping of works by an operator: one transaction writes what is one work, and publishes it without changes."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final, NamedTuple

from redis.exceptions import WatchError

from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.schedule import schedule
from services.enricher.works.intake import KnownWorks
from services.enricher.works.records import read_known, write_known
from services.enricher.works.rulings import groups, join, split
from services.enricher.works.work import Work, enriched_event
from shared.board import PROVIDERS
from shared.bus import Bus
from shared.errors import ConfigurationError
from shared.papers.events import PaperEnriched
from shared.papers.names import canonical_id
from shared.papers.streams import ENRICHED

RETRY_S: Final = 0.01
"""Seconds after which a ruling is tried again when an enricher has changed one of its works."""


class Regrouped(NamedTuple):
    """The works after a ruling, and the events about them: the point that exists already is first."""

    works: tuple[Work, ...]
    events: tuple[PaperEnriched, ...]


async def read_work(bus: Bus, name: str) -> Work:
    """Return the work that any of its ids names; raises ConfigurationError if there is none."""
    async with bus.hop("enricher") as hop:
        known = await read_known(hop, [canonical_id(name)])
    return _found(known, name)


async def join_works(bus: Bus, names: Collection[str], at: datetime, correlation: str) -> Regrouped:
    """Join the two works that two ids name, for good.

    Raises:
        ConfigurationError: an id is unknown, or both name one work.

    """
    return await _ruled(bus, names, lambda known: _joined(known, names, at), at, correlation)


async def split_work(bus: Bus, name: str, leaving: Collection[str], at: datetime, correlation: str) -> Regrouped:
    """Split what was seen under some ids off a work, for good.

    Without ids, what was seen under `name` leaves; if that is the id of the work itself, each other part does.

    Raises:
        ConfigurationError: an id is unknown, or nothing would leave or stay.

    """
    ids = [canonical_id(each) for each in leaving]
    return await _ruled(bus, [name, *ids], lambda known: _parted(known, name, ids, at), at, correlation)


async def _ruled(
    bus: Bus, names: Collection[str], rule: Callable[[KnownWorks], Regrouped], at: datetime, correlation: str
) -> Regrouped:
    """Rule on works in one transaction, again if an enricher changes one of them meanwhile."""
    providers = await PROVIDERS.ids(bus.redis)
    while True:
        try:
            async with bus.hop("enricher") as hop:
                known = await read_known(hop, {canonical_id(name) for name in names})
                ruled = rule(known)
                write_known(hop, known)
                bands = {work.paper.id: schedule(work.trend, at)[0] for work in ruled.works}
                for provider in providers:
                    DueWorks(bus.redis, provider).enter(hop.write, bands, at)
                for event in ruled.events:
                    await hop.publish(ENRICHED, event, correlation)
                await hop.commit()
                return ruled
        except WatchError:
            await asyncio.sleep(RETRY_S)


def _joined(known: KnownWorks, names: Collection[str], at: datetime) -> Regrouped:
    one, other = (_found(known, name) for name in names)
    if one.paper.id == other.paper.id:
        raise ConfigurationError(f"{' and '.join(names)} are one work already: {one.paper.id}.")
    work = join(one, other, at)
    lost = tuple(sorted({one.paper.id, other.paper.id} - {work.paper.id}))
    known.put(work, lost)
    return Regrouped((work,), (enriched_event(work, (), at, lost),))


def _parted(known: KnownWorks, name: str, leaving: Collection[str], at: datetime) -> Regrouped:
    before = kept = _found(known, name)
    works: list[Work] = []
    for ids in groups(before, canonical_id(name), leaving):
        kept, gone = split(kept, ids, at)
        works += [gone] if gone else []
        for loose in ids if not gone else ():
            known.release(loose)
    lost = tuple({before.paper.id} - {work.paper.id for work in (kept, *works)})
    known.put(kept, lost)
    for work in works:
        known.put(work)
    first, *others = sorted((kept, *works), key=lambda work: work.paper.id != before.paper.id)
    events = enriched_event(first, (), at, lost), *(enriched_event(work, (), at) for work in others)
    return Regrouped((kept, *works), events)


def _found(known: KnownWorks, name: str) -> Work:
    work = known.find(canonical_id(name))
    if work is None:
        raise ConfigurationError(f"There is no work {name}: `paperwire search` shows the ids of works.")
    return work
