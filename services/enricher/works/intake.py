"""One sighting taken in: resolved, merged, and kept in what is known."""

from datetime import datetime

from services.enricher.works.identity import rank
from services.enricher.works.joining import unite
from services.enricher.works.known_works import Known
from services.enricher.works.merging import BACKFILLED, merge
from services.enricher.works.resolution import resolve
from services.enricher.works.sighting import Prepared
from services.enricher.works.signals import UNMEASURED, Yardstick, note
from services.enricher.works.work import Work, told
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change


def sight(known: Known, seen: Prepared, now: datetime, yard: Yardstick = UNMEASURED) -> PaperEnriched | None:
    """Take in a sighting; give what there is to tell of its work, or None where all was known."""
    holders = {alias: work for alias in seen.aliases if (work := known.find(alias))}
    resolved = resolve(seen, holders)
    before = unite(resolved.works, now)
    merged = merge(before, resolved.seen, now)
    work = merged.work
    lost = tuple(sorted({one.paper.id for one in resolved.works} - {work.paper.id}))
    if merged.same and lost:  # it told nothing but that they are one
        work = work.model_copy(update={"revision": work.revision + 1})
    trending: tuple[Change, ...] = ()
    if lost or not merged.same:
        noted = note(work, now, yard)
        known.noted.append(noted)
        work, trending = noted.work, noted.changes if seen.item.announced != BACKFILLED else ()
        known.put(work, lost)
    if seen.title_key:
        _claim_title(known, seen.title_key, work)
    return told(work, (*merged.changes, *trending), now, lost) if lost or not merged.same else None


def _claim_title(known: Known, key: str, work: Work) -> None:
    """Let a title name a work; of two works with one title that is the one with the better id, whoever came first."""
    holder = known.find(key)
    if holder is None or rank(work.paper.id) < rank(holder.paper.id):
        known.claim(key, work.paper.id)
