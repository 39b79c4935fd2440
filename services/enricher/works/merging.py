"""Merging: what a work was, and one more sighting of it, give what it is now and what has happened to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.enricher.text.extraction import ReadingHelp, read
from services.enricher.works.changes import announces_revision, changes, lived, revision_of
from services.enricher.works.identity import rank
from services.enricher.works.joining import join, named
from services.enricher.works.sighting import Prepared
from services.enricher.works.work import Work
from shared.moments import iso
from shared.papers.paper import Author, Change, ChangeKind, Paper, SourceRef

BACKFILLED: Final = "backfill"
"""How a source marks an item of the past that was asked for, not announced."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The work after a sighting. `same` means that nothing at all is new, and nothing needs to be said."""

    work: Work
    changes: tuple[Change, ...]
    same: bool = False


def merge(before: Work | None, seen: Prepared, now: datetime) -> Merged:
    """Merge a sighting into its work, or begin one.

    What a backfill brings is the past, and told to nobody; but that a known work is withdrawn is news.
    """
    merged = _begun(seen, now) if before is None else _merged(before, seen, now)
    if seen.item.announced != BACKFILLED:
        return merged
    news = (change for change in merged.changes if before is not None and change.kind is ChangeKind.WITHDRAWN)
    return replace(merged, changes=tuple(news))


def _begun(seen: Prepared, now: datetime) -> Merged:
    # That a paper which was replaced exists is no news to anybody.
    kind = ChangeKind.REVISED if announces_revision(seen) else ChangeKind.NEW
    if seen.item.withdrawn:
        kind = ChangeKind.WITHDRAWN
    work = Work(paper=_paper(seen, now), aliases=seen.public_ids, told_by=seen.item.source, trust=seen.item.trust)
    return Merged(work, (Change(kind=kind, version=revision_of(seen)),))


def _merged(before: Work, seen: Prepared, now: datetime) -> Merged:
    source = seen.item.source
    retold = _may_retell(before, seen)
    paper = _joined(before.paper, seen, now, retold=retold)
    aliases = named((*before.aliases, *seen.public_ids), paper.sources)
    paper = paper.model_copy(update={"id": aliases[0]})
    told_by, trust = (source, seen.item.trust) if retold else (before.told_by, before.trust)
    if (paper, aliases, told_by) == (before.paper, before.aliases, before.told_by):
        return Merged(before, (), same=True)
    own = retold and (source, seen.place) in {(ref.source, ref.id) for ref in before.paper.sources}
    happened = changes(before.paper, paper, seen, now, own=own and source == before.told_by)
    paper = paper.model_copy(update={"life": lived(paper, happened, now)})
    update = {"paper": paper, "aliases": aliases, "told_by": told_by, "trust": trust, "revision": before.revision + 1}
    return Merged(before.model_copy(update=update), happened)


def _paper(seen: Prepared, now: datetime, before: Paper | None = None) -> Paper:
    item = seen.item
    moment = iso(now)
    return Paper(
        id=seen.public_ids[0],
        title=seen.title,
        abstract=seen.abstract,
        authors=tuple(Author(name=name) for name in seen.authors),
        published=item.published,
        updated=item.updated,
        categories=item.categories,
        status="withdrawn" if item.withdrawn else "active",
        identifiers=seen.identifiers,
        sources=(SourceRef(source=item.source, id=seen.place, version=item.version, url=item.url, seen_at=moment),),
        links=seen.links,
        signals=item.signals,
        **_help(seen, before),
        venue=seen.venue,
        oddities=seen.oddities,
    )


def _help(seen: Prepared, before: Paper | None) -> dict[str, Any]:
    """Read the text of a sighting, unless these very words were read before: most sightings are of known works."""
    if before and (before.title, before.abstract) == (seen.title, seen.abstract):
        return {field: getattr(before, field) for field in ReadingHelp._fields}
    return read(seen.title, seen.abstract)._asdict()


def _may_retell(before: Work, seen: Prepared) -> bool:
    """Tell whether this source's words replace those we have: its own newer ones, or a better source's.

    Of two places in one source that show one work that with the better id is heard, until another has a later version.
    """
    source = seen.item.source
    if source != before.told_by:
        return seen.item.trust > before.trust
    refs = [ref for ref in before.paper.sources if ref.source == source]
    known = max((ref.version or 0 for ref in refs), default=0)
    if min((seen.place, *(ref.id for ref in refs)), key=rank) != seen.place:
        return (seen.item.version or 0) > known
    return (seen.item.version or known) >= known


def _joined(paper: Paper, seen: Prepared, now: datetime, *, retold: bool) -> Paper:
    new = _paper(seen, now, paper)
    return join(new, paper, newest=new) if retold else join(paper, new, newest=new)
