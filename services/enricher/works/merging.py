"""Merging: a sighting becomes part of its work, two works become one, and what changed is found and recorded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, Final, TypeVar

from services.enricher.text.extraction import Extracted, extract
from services.enricher.works.sighting import Sighting
from services.enricher.works.work import Work, fingerprint, journal_doi, merge_identifiers, rank
from shared.moments import iso
from shared.papers.names import canonical_id, fold
from shared.papers.paper import Author, Change, ChangeKind, CodeLink, LifeEvent, Links, Paper, Signals, SourceRef

C = TypeVar("C", Signals, CodeLink)
BACKFILLED: Final = "backfill"
"""The announcement of an item of the past that was requested, not announced by its source."""
MAX_REFERENCES: Final = 100
"""The most sources, ids and repositories of one work; more of them are an error or an attack."""
MAX_ODDITIES: Final = 10
_OTHER: Final = rank("")[0]
MAX_LIFE_EVENTS: Final = 30
"""The most events of its life that a work keeps; the newest stay."""
_FLEETING: Final = frozenset({ChangeKind.NEW, ChangeKind.SIGNALS, ChangeKind.TRENDING})


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
    kind = ChangeKind.REVISED if announces_revision(seen) else ChangeKind.NEW
    if seen.item.withdrawn:
        kind = ChangeKind.WITHDRAWN
    work = Work(paper=_paper(seen, now), aliases=seen.public_ids, text_source=seen.item.source, trust=seen.item.trust)
    return Merged(work, (Change(kind=kind, version=revision_id(seen)),))


def _with_sighting(before: Work, seen: Sighting, now: datetime) -> Merged:
    source = seen.item.source
    replaces = _replaces_text(before, seen)
    new = _paper(seen, now, before.paper)
    paper = combine(new, before.paper, newest=new) if replaces else combine(before.paper, new, newest=new)
    aliases = order_aliases((*before.aliases, *seen.public_ids), paper.sources)
    paper = _named(paper, aliases[0], before.paper)
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
        **_extracted(seen, before),
        venue=seen.venue,
        oddities=seen.oddities,
    )


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


def unite(works: tuple[Work, ...], now: datetime) -> Work | None:
    """Join works that turned out to be one; return None if there are none. Subscribers are not alerted about it."""
    return reduce(lambda one, other: _united(one, other, now), works) if works else None


def _united(one: Work, other: Work, now: datetime) -> Work:
    better, lesser = sorted((one, other), key=lambda work: (-work.trust, rank(work.paper.id)))
    paper = combine(better.paper, lesser.paper, newest=better.paper)
    aliases = order_aliases((*better.aliases, *lesser.aliases), paper.sources)
    life = tuple(sorted({*one.paper.life, *other.paper.life}, key=lambda event: event.at))
    paper = _named(paper, aliases[0], min(one.paper, other.paper, key=_since)).model_copy(update={"life": life})
    journals = [journal_doi(work.paper.identifiers) for work in (better, lesser)]
    if (name := next(filter(None, journals), None)) and None in journals:
        published = Change(kind=ChangeKind.PUBLISHED, version=name)
        paper = paper.model_copy(update={"life": extend_life(paper, (published,), now)})
    return better.model_copy(
        update={
            "paper": paper,
            "aliases": aliases,
            "revision": max(one.revision, other.revision),
            "trend": max((t for t in (one.trend, other.trend) if t), key=lambda trend: trend.key, default=None),
            "readings": tuple(sorted((*one.readings, *other.readings), key=lambda reading: reading.at)),
        }
    )


def _named(paper: Paper, work_id: str, earlier: Paper) -> Paper:
    """Return a paper with the id of its work, and the id that the work had first: what feeds call it stays."""
    first = earlier.first_id or earlier.id
    return paper.model_copy(update={"id": work_id, "first_id": None if first == work_id else first})


def _since(paper: Paper) -> tuple[str, tuple[int, str]]:
    """Return when a work was first seen; of two seen at the same moment, the better id counts."""
    return min((ref.seen_at for ref in paper.sources if ref.seen_at), default="~"), rank(paper.id)


def order_aliases(aliases: Iterable[str], refs: tuple[SourceRef, ...]) -> tuple[str, ...]:
    """Order the ids of a work, its own first: the better kind of id, then what was seen earlier.

    The order depends on what was seen but not on the order of seeing it, and so does the id of the work.
    """
    ids = tuple(dict.fromkeys(aliases))
    if len(ids) == 1:
        return ids
    seen: dict[str, str] = {}
    for ref in refs:
        canonical = canonical_id(ref.id)
        seen[canonical] = min(seen.get(canonical, "~"), ref.seen_at or "~")

    def order(alias: str) -> tuple[int, str, str]:
        grade, _ = rank(alias)
        return grade, seen.get(alias, "~") if grade >= _OTHER else "", alias

    return tuple(sorted(ids, key=order)[:MAX_REFERENCES])


def combine(better: Paper, other: Paper, *, newest: Paper) -> Paper:
    """Combine two descriptions of a paper: the text of the better one, what it lacks, and the newest counters."""
    text = better if better.abstract or not other.abstract else other
    older = other if newest is better else better
    trends = [key for key in (better.trending, other.trending) if key is not None]
    update: dict[str, Any] = {
        **{field: getattr(text, field) for field in ("abstract", *Extracted._fields)},
        "authors": better.authors or other.authors,
        "venue": better.venue or other.venue,
        "published": min((m for m in (better.published, other.published) if m), default=None),
        "updated": max((m for m in (better.updated, other.updated) if m), default=None),
        "categories": tuple(dict.fromkeys((*better.categories, *other.categories))),
        "status": "withdrawn" if "withdrawn" in (better.status, other.status) else "active",
        "identifiers": merge_identifiers(better.identifiers, other.identifiers),
        "sources": _sources((*better.sources, *other.sources)),
        "links": _links(better.links, other.links, newest=newest.links),
        "signals": _update(older.signals, newest.signals),
        "trending": max(trends, default=None),
        "tldr": newest.tldr or older.tldr,
        "life": better.life or other.life,
        "oddities": tuple(dict.fromkeys((*older.oddities, *newest.oddities)))[:MAX_ODDITIES],
    }
    return better.model_copy(update=update)


def _sources(refs: tuple[SourceRef, ...]) -> tuple[SourceRef, ...]:
    """Keep the newest version in each source, and when the source first showed the work."""
    known: dict[tuple[str, str], SourceRef] = {}
    for ref in refs:
        before = known.setdefault((ref.source, ref.id), ref)
        if before is not ref:
            newer = ref if (ref.version or 0) > (before.version or 0) else before
            first = min((m for m in (before.seen_at, ref.seen_at) if m), default=None)
            known[ref.source, ref.id] = newer.model_copy(update={"seen_at": first})
    return tuple(sorted(known.values(), key=lambda ref: (ref.seen_at or "", ref.source, ref.id))[:MAX_REFERENCES])


def _links(better: Links, other: Links, *, newest: Links) -> Links:
    code: dict[str, CodeLink] = {}
    for link in (*better.code, *other.code, *newest.code):
        key = link.url.casefold()  # hosts of code ignore case
        code[key] = _update(code[key], link).model_copy(update={"url": code[key].url}) if key in code else link
    return Links(
        abs=better.abs or other.abs,
        pdf=better.pdf or other.pdf,
        code=tuple(code.values())[:MAX_REFERENCES],
        project=better.project or other.project,
    )


def _update(known: C, new: C) -> C:
    return known.model_copy(update={field: value for field, value in new if value is not None})


def revision_id(seen: Sighting) -> str:
    """Return the id of the revision that a sighting shows: its version, else a hash of its text and authors."""
    return f"v{seen.item.version}" if seen.item.version else fingerprint(seen.fingerprint, "; ".join(seen.authors))


def find_changes(before: Paper, after: Paper, seen: Sighting, now: datetime, *, own: bool) -> tuple[Change, ...]:
    """Return what changed.

    A better text from a better source, or one that was missing, corrects ours: only the work's `own` source revises
    it. A new version with the same text is a revision of the file, without fields.
    """
    found = []
    fields = _changed_fields(before, after)
    withdrawn = before.status != after.status
    if own and (fields or (_is_new_version(before.sources, seen) and not withdrawn)):
        found.append(Change(kind=ChangeKind.REVISED, version=revision_id(seen), fields=fields))
    if withdrawn:
        found.append(Change(kind=ChangeKind.WITHDRAWN, version=revision_id(seen)))
    known = {link.url.casefold() for link in before.links.code}
    added = [link.url for link in after.links.code if link.url.casefold() not in known]
    if added:
        found.append(Change(kind=ChangeKind.CODE_ADDED, version=added[-1]))
    if (place := _place(after)) and not _place(before):
        found.append(Change(kind=ChangeKind.PUBLISHED, version=place))
    if before.signals != after.signals or _stars(before) != _stars(after, known):
        grown = _grown(before.signals, after.signals)
        found.append(Change(kind=ChangeKind.SIGNALS, version=_reading_id(after.signals, now), fields=grown))
    return tuple(found)


def extend_life(paper: Paper, changes: tuple[Change, ...], at: datetime) -> tuple[LifeEvent, ...]:
    """Return the life of a paper with these changes added, except changes of counters."""
    moment = iso(at)
    added = (
        LifeEvent(kind=change.kind, at=moment, version=change.version, fields=change.fields)
        for change in changes
        if change.kind not in _FLEETING
    )
    return (*paper.life, *added)[-MAX_LIFE_EVENTS:]


def announces_revision(seen: Sighting) -> bool:
    """Return whether a source shows a work because it was replaced, not because it is new."""
    return (seen.item.announced or "").startswith("replace")


def _changed_fields(before: Paper, after: Paper) -> tuple[str, ...]:
    compared = (
        ("title", before.title, after.title),
        ("abstract", before.abstract, after.abstract),
        ("authors", _authors(before), _authors(after)),
    )
    return tuple(field for field, old, new in compared if old and old != new and fold(old) != fold(new))


def _grown(before: Signals, after: Signals) -> tuple[str, ...]:
    """Return the counters that went up; one that was unknown before may have been as high."""
    return tuple(signal for signal, old in before if old is not None and (getattr(after, signal) or 0) > old)


def _authors(paper: Paper) -> str:
    return "; ".join(author.name for author in paper.authors)


def _is_new_version(known: tuple[SourceRef, ...], seen: Sighting) -> bool:
    item = seen.item
    versions = [ref.version for ref in known if (ref.source, ref.id) == (item.source, seen.source_id)]
    if not versions or item.version is None:
        return False
    return item.version > versions[0] if versions[0] else announces_revision(seen)


def _place(paper: Paper) -> str | None:
    return journal_doi(paper.identifiers) or paper.venue


def _stars(paper: Paper, among: set[str] | None = None) -> dict[str, int | None]:
    stars = {link.url.casefold(): link.stars for link in paper.links.code}
    return stars if among is None else {url: count for url, count in stars.items() if url in among}


def _reading_id(signals: Signals, now: datetime) -> str:
    """Return the id of a reading of the counters: the same for the same counters at the same moment only."""
    counts = ",".join(f"{signal}={count}" for signal, count in signals if count is not None)
    return f"{iso(now)} {counts}"
