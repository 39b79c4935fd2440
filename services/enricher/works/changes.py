"""What has happened to a work between two states of it, and the record of its life."""

from datetime import datetime
from typing import Final

from services.enricher.works.identity import fingerprint, journal_doi
from services.enricher.works.sighting import Prepared
from shared.moments import iso
from shared.papers.names import fold
from shared.papers.paper import Change, ChangeKind, LifeEvent, Paper, Signals, SourceRef

MOST_LIFE: Final = 30
"""Events that a work keeps of its life, the newest."""
_FLEETING: Final = frozenset({ChangeKind.NEW, ChangeKind.SIGNALS, ChangeKind.TRENDING})


def revision_of(seen: Prepared) -> str:
    """Name the revision that a sighting shows: its version, else its words and people."""
    return f"v{seen.item.version}" if seen.item.version else fingerprint(seen.fingerprint, "; ".join(seen.authors))


def changes(before: Paper, after: Paper, seen: Prepared, now: datetime, *, own: bool) -> tuple[Change, ...]:
    """Tell what happened.

    Better words of a better source, or what was missing, correct us: the work is revised only in its `own` source. A
    new version with the same words is a revision of the file, without fields.
    """
    found = []
    fields = _fields(before, after)
    withdrawn = before.status != after.status
    if own and (fields or (_new_version(before.sources, seen) and not withdrawn)):
        found.append(Change(kind=ChangeKind.REVISED, version=revision_of(seen), fields=fields))
    if withdrawn:
        found.append(Change(kind=ChangeKind.WITHDRAWN, version=revision_of(seen)))
    known = {link.url.casefold() for link in before.links.code}
    added = [link.url for link in after.links.code if link.url.casefold() not in known]
    if added:
        found.append(Change(kind=ChangeKind.CODE_ADDED, version=added[-1]))
    if (place := _place(after)) and not _place(before):
        found.append(Change(kind=ChangeKind.PUBLISHED, version=place))
    if before.signals != after.signals or _stars(before) != _stars(after, known):
        grown = _grown(before.signals, after.signals)
        found.append(Change(kind=ChangeKind.SIGNALS, version=_reading(after.signals, now), fields=grown))
    return tuple(found)


def lived(paper: Paper, happened: tuple[Change, ...], at: datetime) -> tuple[LifeEvent, ...]:
    """Give the life of a paper with what has happened to it added; that its counters moved is not kept."""
    moment = iso(at)
    added = (
        LifeEvent(kind=change.kind, at=moment, version=change.version, fields=change.fields)
        for change in happened
        if change.kind not in _FLEETING
    )
    return (*paper.life, *added)[-MOST_LIFE:]


def _fields(before: Paper, after: Paper) -> tuple[str, ...]:
    told = (
        ("title", before.title, after.title),
        ("abstract", before.abstract, after.abstract),
        ("authors", _people(before), _people(after)),
    )
    return tuple(name for name, old, new in told if old and old != new and fold(old) != fold(new))


def _grown(before: Signals, after: Signals) -> tuple[str, ...]:
    """Name the counters that went up; one that was not known before may have been as high."""
    return tuple(name for name, old in before if old is not None and (getattr(after, name) or 0) > old)


def _people(paper: Paper) -> str:
    return "; ".join(author.name for author in paper.authors)


def _new_version(known: tuple[SourceRef, ...], seen: Prepared) -> bool:
    item = seen.item
    told = [ref.version for ref in known if (ref.source, ref.id) == (item.source, seen.place)]
    if not told or item.version is None:
        return False
    return item.version > told[0] if told[0] else announces_revision(seen)


def announces_revision(seen: Prepared) -> bool:
    """Tell whether a source shows a work because it was replaced, not because it is new."""
    return (seen.item.announced or "").startswith("replace")


def _place(paper: Paper) -> str | None:
    return journal_doi(paper.identifiers) or paper.venue


def _stars(paper: Paper, among: set[str] | None = None) -> dict[str, int | None]:
    stars = {link.url.casefold(): link.stars for link in paper.links.code}
    return stars if among is None else {url: count for url, count in stars.items() if url in among}


def _reading(signals: Signals, now: datetime) -> str:
    """Name a reading of the counters: the same when it is told again, another one each time they move."""
    counts = ",".join(f"{name}={count}" for name, count in signals if count is not None)
    return f"{iso(now)} {counts}"
