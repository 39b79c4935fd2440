"""The changes of a work: what a sighting changed, and what of it the life of the work keeps. Pure."""

from datetime import datetime
from typing import Final

from services.enricher.works.sighting import Sighting
from shared.moments import iso
from shared.papers.paper import Change, ChangeKind, LifeEvent, Paper, Signals, SourceRef
from shared.papers.publication import journal_doi
from shared.papers.titles import fold

MAX_LIFE_EVENTS: Final = 30
"""The most events of its life that a work keeps; the newest stay."""
_FLEETING: Final = frozenset({ChangeKind.NEW, ChangeKind.SIGNALS, ChangeKind.TRENDING})


def find_changes(before: Paper, after: Paper, seen: Sighting, now: datetime, *, own: bool) -> tuple[Change, ...]:
    """Return what changed.

    A better text from a better source, or one that was missing, corrects ours: only the work's `own` source revises
    it. A new version with the same text is a revision of the file, without fields.
    """
    found = []
    fields = _changed_fields(before, after)
    turned = before.status != after.status
    if own and (fields or (_is_new_version(before.sources, seen) and not turned)):
        found.append(Change(kind=ChangeKind.REVISED, version=seen.revision_id, fields=fields))
    if turned:
        kind = ChangeKind.WITHDRAWN if after.status == "withdrawn" else ChangeKind.RESTORED
        found.append(Change(kind=kind, version=seen.revision_id))
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


def _changed_fields(before: Paper, after: Paper) -> tuple[str, ...]:
    compared = (
        ("title", before.title, after.title),
        ("abstract", before.abstract, after.abstract),
        ("authors", _authors(before), _authors(after)),
    )
    return tuple(field for field, old, new in compared if old and old != new and _compared(old) != _compared(new))


def _compared(text: str) -> str:
    """Return what two texts are compared by: x², x^2 and x ^2 are one, as LaTeX was read in several ways."""
    return fold(text).replace("_", "").replace(" ", "")


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
    return item.version > versions[0] if versions[0] else seen.announces_revision


def _place(paper: Paper) -> str | None:
    return journal_doi(paper.identifiers) or paper.venue


def _stars(paper: Paper, among: set[str] | None = None) -> dict[str, int | None]:
    stars = {link.url.casefold(): link.stars for link in paper.links.code}
    return stars if among is None else {url: count for url, count in stars.items() if url in among}


def _reading_id(signals: Signals, now: datetime) -> str:
    """Return the id of a reading of the counters: the same for the same counters at the same moment only."""
    counts = ",".join(f"{signal}={count}" for signal, count in signals if count is not None)
    return f"{iso(now)} {counts}"
