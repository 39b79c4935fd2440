"""Merging: a sighting becomes part of its work, and what changed is found and recorded. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.enricher.text.extraction import Extracted, extract
from services.enricher.works.changes import extend_life, find_changes
from services.enricher.works.combining import combine, named, order_aliases, own_links
from services.enricher.works.dating import Trusted
from services.enricher.works.parts import parts_after
from services.enricher.works.sighting import Sighting
from services.enricher.works.withdrawals import statements, statements_after
from services.enricher.works.work import Work, rank
from shared.moments import iso
from shared.papers.events import Item
from shared.papers.paper import Author, Change, ChangeKind, Links, Paper, SourceRef
from shared.papers.partial_dates import precision

BACKFILLED: Final = "backfill"
"""The announcement of an item of the past that was requested, not announced by its source."""
_STATUS: Final = frozenset({ChangeKind.WITHDRAWN, ChangeKind.RESTORED})
_FIRST_SHOWN: Final = frozenset({"new", "cross"})
_CENTURY: Final = 91
"""The year of arXiv's first ids: two digits from here on are of the last century."""
# arXiv:2401.00001 and arXiv:hep-th/9901001 begin with the year and month of their announcement.
_ARXIV_MONTH: Final = re.compile(
    r"arXiv:(?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d\d)(0[1-9]|1[0-2])(?:\.\d{4,5}|\d{3})$", re.ASCII
)


class Dates(NamedTuple):
    """The dates of a sighting, as fields of a paper, and what is odd about them."""

    fields: dict[str, Any]
    oddities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A work after a sighting. `unchanged` means that the sighting had nothing new."""

    work: Work
    changes: tuple[Change, ...]
    unchanged: bool = False


def merge(before: Work | None, seen: Sighting, now: datetime) -> Merged:
    """Merge a sighting into its work, or begin a work with it.

    A backfill brings the past, so it makes no changes, except that a known work was withdrawn or restored.
    """
    merged = _new_work(seen, now) if before is None else _with_sighting(before, seen, now)
    if seen.item.announced != BACKFILLED:
        return merged
    news = (change for change in merged.changes if before is not None and change.kind in _STATUS)
    return replace(merged, changes=tuple(news))


def _new_work(seen: Sighting, now: datetime) -> Merged:
    # A paper that was replaced existed before, so it is not new.
    kind = ChangeKind.REVISED if seen.announces_revision else ChangeKind.NEW
    if seen.item.withdrawn:
        kind = ChangeKind.WITHDRAWN
    work = Work(
        paper=_paper(seen, now),
        aliases=seen.public_ids,
        text_source=seen.item.source,
        trust=seen.item.trust,
        withdrawals=statements_after(None, seen) if seen.item.withdrawn else (),
    )
    return Merged(work, (Change(kind=kind, version=seen.revision_id),))


def _with_sighting(before: Work, seen: Sighting, now: datetime) -> Merged:
    source = seen.item.source
    replaces = _replaces_text(before, seen)
    new = _paper(seen, now, before.paper).model_copy(update={"links": _links_of(seen, before.trust)})
    pair = (Trusted(own_links(before, seen.item.trust), before.trust), Trusted(new, seen.item.trust))
    paper = combine(*(reversed(pair) if replaces else pair), newest=new)
    aliases = order_aliases((*before.aliases, *seen.public_ids), paper.sources)
    paper = named(paper, aliases[0], before.paper)
    withdrawals = statements_after(before, seen)
    if (status := "withdrawn" if withdrawals else "active") != paper.status:
        paper = paper.model_copy(update={"status": status})
    text_source, trust = (source, seen.item.trust) if replaces else (before.text_source, before.trust)
    known = before.paper, before.aliases, before.text_source, statements(before)
    if (paper, aliases, text_source, withdrawals) == known:
        return Merged(before, (), unchanged=True)
    own = replaces and (source, seen.source_id) in {(ref.source, ref.id) for ref in before.paper.sources}
    changes = find_changes(before.paper, paper, seen, now, own=own and source == before.text_source)
    paper = paper.model_copy(update={"life": extend_life(paper, changes, now)})
    update = {
        "paper": paper,
        "aliases": aliases,
        "text_source": text_source,
        "trust": trust,
        "withdrawals": withdrawals,
        "parts": parts_after(before, seen, new),
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
        title_tex=seen.title_tex,
        abstract_tex=seen.abstract_tex,
        authors=tuple(Author(name=name, orcid=seen.orcids.get(name)) for name in seen.authors),
        **dates.fields,
        categories=item.categories,
        status="withdrawn" if item.withdrawn else "active",
        identifiers=seen.identifiers,
        sources=(ref,),
        links=seen.links,
        signals=item.signals,
        tldr=item.tldr,
        **_extracted(seen, before),
        venue=seen.venue,
        appeared=seen.appeared,
        oddities=(*seen.oddities, *dates.oddities),
    )


def dates_of(item: Item, seen: datetime) -> Dates:
    """Return the dates of an item that was seen at a moment.

    A date in the future is an error or a plan: the day on which it was seen stands for it.
    """
    today = seen.date().isoformat()
    stated = item.published is not None
    published, updated = item.published or _announced(item, today), item.updated
    odd = []
    if published and published[:10] > today:
        odd.append(f"{item.source}: published: {published[:10]} is in the future; the day it was seen counts")
        published, stated = today, False
    if updated and updated[:10] > today:
        odd.append(f"{item.source}: updated: {updated[:10]} is in the future; the day it was seen counts")
        updated = today
    basis = ("stated" if stated else "announced") if published else None
    known = {"published": published, "date_precision": published and precision(published), "date_basis": basis}
    return Dates({**known, "updated": updated}, tuple(odd))


def _announced(item: Item, today: str) -> str | None:
    """Return when an item was announced first, as far as its source shows that.

    A paper that is replaced or listed elsewhere was announced before: arXiv's ids say in which month.
    """
    day = item.announced_on or (today if item.announced in _FIRST_SHOWN else None)
    again = (item.announced or "").startswith(("cross", "replace"))
    month = _month_of(item.id) if again else None
    return month if month and (day is None or month < day[:7]) else day


def _month_of(item_id: str) -> str | None:
    found = _ARXIV_MONTH.match(item_id)
    return f"{'19' if int(found[1]) >= _CENTURY else '20'}{found[1]}-{found[2]}" if found else None


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
