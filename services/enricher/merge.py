"""Merging: what a work was, and one more sighting of it, give what it is now and what has happened to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.enricher.prepare import Prepared
from services.enricher.work import Work
from shared.names import fold
from shared.paper import Author, Change, ChangeKind, Links, Paper, Signals, SourceRef, normalize_moment

# Whose title and abstract are kept when two sources tell the same work: the archive's own before a copy of it.
_RANK: Final = {"arxiv": 3, "biorxiv": 3, "medrxiv": 3, "openreview": 3, "crossref": 2, "huggingface": 1}

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
    merged = _merged(before, seen, now)
    if seen.item.announced != BACKFILLED:
        return merged
    news = (change for change in merged.changes if before is not None and change.kind is ChangeKind.WITHDRAWN)
    return replace(merged, changes=tuple(news))


def _merged(before: Work | None, seen: Prepared, now: datetime) -> Merged:
    ref = _reference(seen, now)
    if before is None:
        kind = ChangeKind.REVISED if _announces_revision(seen) else ChangeKind.NEW
        if seen.item.withdrawn:
            kind = ChangeKind.WITHDRAWN
        work = Work(paper=_paper(seen, ref), aliases=seen.public_ids, told_by=seen.item.source)
        return Merged(work, (Change(kind=kind, version=_version(seen)),))
    paper = before.paper
    retold = _may_retell(before, seen)
    merged = _joined(paper, seen, ref, retold=retold)
    aliases = tuple(dict.fromkeys((*before.aliases, *seen.public_ids)))
    if merged == paper and aliases == before.aliases:
        return Merged(before, (), same=True)
    told_by = seen.item.source if retold else before.told_by
    work = Work(paper=merged, aliases=aliases, told_by=told_by, revision=before.revision + 1)
    own_words = seen.item.source == before.told_by
    return Merged(work, _changes(paper, merged, seen, revised=own_words))


def _announces_revision(seen: Prepared) -> bool:
    """Tell a replacement of a paper that was never seen here: it is no news to anybody that it exists."""
    return (seen.item.announced or "").startswith("replace")


def _version(seen: Prepared) -> str:
    return f"v{seen.item.version}" if seen.item.version else seen.fingerprint


def _reference(seen: Prepared, now: datetime) -> SourceRef:
    item = seen.item
    moment = normalize_moment(now.isoformat())
    return SourceRef(source=item.source, id=item.id, version=item.version, url=item.url, seen_at=moment)


def _paper(seen: Prepared, ref: SourceRef) -> Paper:
    item = seen.item
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
        sources=(ref,),
        links=seen.links,
        signals=item.signals,
        keywords=seen.keywords,
    )


def _may_retell(before: Work, seen: Prepared) -> bool:
    """Tell whether this source's words replace those we have: its own newer ones, or a better source's."""
    source = seen.item.source
    if source != before.told_by:
        return _RANK.get(source, 0) > _RANK.get(before.told_by, 0)
    known = max((ref.version or 0 for ref in before.paper.sources if ref.source == source), default=0)
    return (seen.item.version or known) >= known


def _joined(paper: Paper, seen: Prepared, ref: SourceRef, *, retold: bool) -> Paper:
    item = seen.item
    new = _paper(seen, ref)
    text = {
        "title": new.title if retold else paper.title,
        "abstract": (new.abstract or paper.abstract) if retold else (paper.abstract or new.abstract),
        "authors": (new.authors or paper.authors) if retold else (paper.authors or new.authors),
        "keywords": (new.keywords or paper.keywords) if retold else (paper.keywords or new.keywords),
    }
    moments = [moment for moment in (paper.published, item.published) if moment]
    return paper.model_copy(
        update={
            **text,
            "published": min(moments, default=None),
            "updated": max((m for m in (paper.updated, item.updated) if m), default=None),
            "categories": tuple(dict.fromkeys((*paper.categories, *item.categories))),
            "status": "withdrawn" if item.withdrawn else paper.status,
            "identifiers": {**seen.identifiers, **paper.identifiers},
            "sources": _with_reference(paper.sources, ref),
            "links": _links(paper.links, seen.links),
            "signals": _signals(paper.signals, item.signals),
        }
    )


def _with_reference(refs: tuple[SourceRef, ...], ref: SourceRef) -> tuple[SourceRef, ...]:
    """Keep when each source first showed the work: a second look at the same thing changes nothing."""
    kept = []
    found = False
    for known in refs:
        if (known.source, known.id) == (ref.source, ref.id):
            found = True
            newer = ref.version is not None and (known.version or 0) < ref.version
            kept.append(ref.model_copy(update={"seen_at": known.seen_at}) if newer else known)
        else:
            kept.append(known)
    return tuple(kept) if found else (*refs, ref)


def _links(known: Links, new: Links) -> Links:
    code = {link.url: link for link in (*new.code, *known.code)}
    ordered = tuple(code[url] for url in dict.fromkeys(link.url for link in (*known.code, *new.code)))
    return Links(abs=known.abs or new.abs, pdf=known.pdf or new.pdf, code=ordered, project=known.project or new.project)


def _signals(known: Signals, new: Signals) -> Signals:
    return known.model_copy(update=new.model_dump(exclude_none=True))


def _changes(before: Paper, after: Paper, seen: Prepared, *, revised: bool) -> tuple[Change, ...]:
    """Tell what happened. Better words of a better source, or what was missing, correct us: the work is not revised."""
    changes = []
    told = (
        ("title", before.title, after.title),
        ("abstract", before.abstract, after.abstract),
        ("authors", _people(before), _people(after)),
    )
    fields = tuple(name for name, old, new in told if old and old != new and fold(old) != fold(new))
    if fields and revised:
        changes.append(Change(kind=ChangeKind.REVISED, version=_version(seen), fields=fields))
    if before.status != after.status:
        changes.append(Change(kind=ChangeKind.WITHDRAWN, version=_version(seen)))
    if len(after.links.code) > len(before.links.code):
        changes.append(Change(kind=ChangeKind.CODE_ADDED, version=after.links.code[-1].url))
    if "doi" in after.identifiers and "doi" not in before.identifiers and "arxiv" in after.identifiers:
        changes.append(Change(kind=ChangeKind.PUBLISHED, version=after.identifiers["doi"]))
    if before.signals != after.signals:
        changes.append(Change(kind=ChangeKind.SIGNALS))
    return tuple(changes)


def _people(paper: Paper) -> str:
    return "; ".join(author.name for author in paper.authors)
