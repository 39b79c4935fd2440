"""Taking in a sighting: it is resolved, merged into its work, and kept among the known works."""

from datetime import datetime

from services.enricher.works.identity import rank
from services.enricher.works.known_works import KnownWorks
from services.enricher.works.merging import BACKFILLED, merge, unite
from services.enricher.works.resolution import resolve
from services.enricher.works.sighting import Sighting
from services.enricher.works.signals import UNMEASURED, Yardstick, update_signals
from services.enricher.works.work import Work, enriched_event
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change


def take_in(
    known: KnownWorks, seen: Sighting, now: datetime, yardstick: Yardstick = UNMEASURED
) -> PaperEnriched | None:
    """Take in a sighting; return the event to publish about its work, or None where nothing is new."""
    holders = {alias: work for alias in seen.aliases if (work := known.find(alias))}
    resolved = resolve(seen, holders)
    before = unite(resolved.works, now)
    merged = merge(before, resolved.seen, now)
    work = merged.work
    lost = tuple(sorted({one.paper.id for one in resolved.works} - {work.paper.id}))
    if merged.unchanged and lost:  # all that is new is that the works are one
        work = work.model_copy(update={"revision": work.revision + 1})
    trending: tuple[Change, ...] = ()
    if lost or not merged.unchanged:
        updated = update_signals(work, now, yardstick)
        known.signal_updates.append(updated)
        work, trending = updated.work, updated.changes if seen.item.announced != BACKFILLED else ()
        known.put(work, lost)
    if seen.title_key:
        _claim_title(known, seen.title_key, work)
    return enriched_event(work, (*merged.changes, *trending), now, lost) if lost or not merged.unchanged else None


def _claim_title(known: KnownWorks, key: str, work: Work) -> None:
    """Let a title name a work; of two works with one title, the one with the better id, whichever came first."""
    holder = known.find(key)
    if holder is None or rank(work.paper.id) < rank(holder.paper.id):
        known.claim(key, work.paper.id)
