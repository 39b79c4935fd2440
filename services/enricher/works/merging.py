"""Merging: a sighting becomes part of its work, and what changed is found and recorded. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.enricher.text.extraction import Extracted, extract
from services.enricher.works.changes import extend_life, find_changes
from services.enricher.works.combining import combine, named, order_aliases
from services.enricher.works.dates import Trusted, dates_of
from services.enricher.works.sighting import Sighting
from services.enricher.works.work import Work, rank
from shared.moments import iso
from shared.papers.paper import Author, Change, ChangeKind, Links, Paper, SourceRef

BACKFILLED: Final = "backfill"
"""The announcement of an item of the past that was requested, not announced by its source."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A work after a sighting. `unchanged` means that the sighting had nothing new."""

    work: Work
    changes: tuple[Change, ...]
    unchanged: bool = False


def merge(before: Work | None, seen: Sighting, now: datetime) -> Merged:
    """Merge a sighting into its work, or begin a work with it.

    A backfill brings the past, so it makes no changes, except that a known work was withdrawn.
    """
    merged = _new_work(seen, now) if before is None else _with_sighting(before, seen, now)
    if seen.item.announced != BACKFILLED:
        return merged
    news = (change for change in merged.changes if before is not None and change.kind is ChangeKind.WITHDRAWN)
    return replace(merged, changes=tuple(news))


def _new_work(seen: Sighting, now: datetime) -> Merged:
    # A paper that was replaced existed before, so it is not new.
    kind = ChangeKind.REVISED if seen.announces_revision else ChangeKind.NEW
    if seen.item.withdrawn:
        kind = ChangeKind.WITHDRAWN
    work = Work(paper=_paper(seen, now), aliases=seen.public_ids, text_source=seen.item.source, trust=seen.item.trust)
    return Merged(work, (Change(kind=kind, version=seen.revision_id),))


def _with_sighting(before: Work, seen: Sighting, now: datetime) -> Merged:
    source = seen.item.source
    replaces = _replaces_text(before, seen)
    new = _paper(seen, now, before.paper).model_copy(update={"links": _links_of(seen, before.trust)})
    pair = (Trusted(before.paper, before.trust), Trusted(new, seen.item.trust))
    paper = combine(*(reversed(pair) if replaces else pair), newest=new)
    aliases = order_aliases((*before.aliases, *seen.public_ids), paper.sources)
    paper = named(paper, aliases[0], before.paper)
    text_source, trust = (source, seen.item.trust) if replaces else (before.text_source, before.trust)
    if (paper, aliases, text_source) == (before.paper, before.aliases, before.text_source):
        return Merged(before, (), unchanged=True)
    own = replaces and (source, seen.source_id) in {(ref.source, ref.id) for ref in before.paper.sources}
    changes = find_changes(before.paper, paper, seen, now, own=own and source == before.text_source)
    paper = paper.model_copy(update={"life": extend_life(paper, changes, now)})
    update = {
        "paper": paper,
        "aliases": aliases,
        "text_source": text_source,
        "trust": trust,
        "revision": before.revision + 1,
    }
    return Merged(before.model_copy(update=update), changes)


def _paper(seen: Sighting, now: datetime, before: Paper | None = None) -> Paper:
    item = seen.item
    ref = SourceRef(source=item.source, id=seen.source_id, version=item.version, url=item.url, seen_at=iso(now))
    dates = dates_of(item, now)
    return Paper(
        id=seen.public_ids[0],
        title=seen.title,
        abstract=seen.abstract,
        authors=tuple(Author(name=name) for name in seen.authors),
        **dates.fields,
        categories=item.categories,
        status="withdrawn" if item.withdrawn else "active",
        identifiers=seen.identifiers,
        sources=(ref,),
        links=seen.links,
        signals=item.signals,
        **_extracted(seen, before),
        venue=seen.venue,
        oddities=(*seen.oddities, *dates.oddities),
    )


def _links_of(seen: Sighting, trust: int) -> Links:
    """Return the links that a sighting adds to a work whose source has some trust.

    The words of a source that is trusted less are about the work: the repositories that they name are not its own.
    """
    if seen.item.trust >= trust:
        return seen.links
    return seen.links.model_copy(update={"code": seen.item.code, "project": seen.item.project})


def _extracted(seen: Sighting, before: Paper | None) -> dict[str, Any]:
    """Extract from the text of a sighting, or reuse the extraction of the same text: most sightings repeat a work."""
    if before and (before.title, before.abstract) == (seen.title, seen.abstract):
        return {field: getattr(before, field) for field in Extracted._fields}
    return extract(seen.title, seen.abstract)._asdict()


def _replaces_text(before: Work, seen: Sighting) -> bool:
    """Return whether a sighting replaces the text of a work: as a newer version, or from a better source.

    Where one source has a work under two ids, the better id counts, unless the other has a later version.
    """
    source = seen.item.source
    if source != before.text_source:
        return seen.item.trust > before.trust
    refs = [ref for ref in before.paper.sources if ref.source == source]
    known = max((ref.version or 0 for ref in refs), default=0)
    if min((seen.source_id, *(ref.id for ref in refs)), key=rank) != seen.source_id:
        return (seen.item.version or 0) > known
    return (seen.item.version or known) >= known
