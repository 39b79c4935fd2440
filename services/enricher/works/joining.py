"""Joining: two tellings of one paper become one, and two works that turn out to be one become one."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any, Final, TypeVar

from services.enricher.text.extraction import ReadingHelp
from services.enricher.works.changes import lived
from services.enricher.works.identity import join_identifiers, journal_doi, rank
from services.enricher.works.work import Work
from shared.papers.names import canonical_id
from shared.papers.paper import Change, ChangeKind, CodeLink, Links, Paper, Signals, SourceRef

C = TypeVar("C", Signals, CodeLink)
MOST: Final = 100
"""Places, ids and repositories that one work keeps: who shows it in more is up to something."""
MOST_ODDITIES: Final = 10
_OTHER: Final = rank("")[0]


def named(aliases: Iterable[str], refs: tuple[SourceRef, ...]) -> tuple[str, ...]:
    """Put the ids of a work in order, the one that names it first: the better kind, then what was seen earlier.

    The order depends on what has been seen and not on the order of seeing it, and so does the id of a work.
    """
    names = tuple(dict.fromkeys(aliases))
    if len(names) == 1:
        return names
    seen: dict[str, str] = {}
    for ref in refs:
        name = canonical_id(ref.id)
        seen[name] = min(seen.get(name, "~"), ref.seen_at or "~")

    def order(name: str) -> tuple[int, str, str]:
        grade, _ = rank(name)
        return grade, seen.get(name, "~") if grade >= _OTHER else "", name

    return tuple(sorted(names, key=order)[:MOST])


def unite(works: tuple[Work, ...], now: datetime) -> Work | None:
    """Make one of works that turned out to be one; None where there is none. Nothing of it is news to a subscriber."""
    return reduce(lambda one, other: _united(one, other, now), works) if works else None


def _united(one: Work, other: Work, now: datetime) -> Work:
    better, lesser = sorted((one, other), key=lambda work: (-work.trust, rank(work.paper.id)))
    paper = join(better.paper, lesser.paper, newest=better.paper)
    aliases = named((*better.aliases, *lesser.aliases), paper.sources)
    life = tuple(sorted({*one.paper.life, *other.paper.life}, key=lambda event: event.at))
    paper = paper.model_copy(update={"id": aliases[0], "life": life})
    journals = [journal_doi(work.paper.identifiers) for work in (better, lesser)]
    if (name := next(filter(None, journals), None)) and None in journals:
        published = Change(kind=ChangeKind.PUBLISHED, version=name)
        paper = paper.model_copy(update={"life": lived(paper, (published,), now)})
    return better.model_copy(
        update={
            "paper": paper,
            "aliases": aliases,
            "revision": max(one.revision, other.revision),
            "trend": max((t for t in (one.trend, other.trend) if t), key=lambda trend: trend.key, default=None),
            "readings": tuple(sorted((*one.readings, *other.readings), key=lambda reading: reading.at)),
        }
    )


def join(better: Paper, other: Paper, *, newest: Paper) -> Paper:
    """Join two tellings of one paper: the words of the better one, what it lacks, and the counters of the newest."""
    words = better if better.abstract or not other.abstract else other
    older = other if newest is better else better
    trends = [key for key in (better.trending, other.trending) if key is not None]
    update: dict[str, Any] = {
        **{field: getattr(words, field) for field in ("abstract", *ReadingHelp._fields)},
        "authors": better.authors or other.authors,
        "venue": better.venue or other.venue,
        "published": min((m for m in (better.published, other.published) if m), default=None),
        "updated": max((m for m in (better.updated, other.updated) if m), default=None),
        "categories": tuple(dict.fromkeys((*better.categories, *other.categories))),
        "status": "withdrawn" if "withdrawn" in (better.status, other.status) else "active",
        "identifiers": join_identifiers(better.identifiers, other.identifiers),
        "sources": _sources((*better.sources, *other.sources)),
        "links": _links(better.links, other.links, newest=newest.links),
        "signals": _counters(older.signals, newest.signals),
        "trending": max(trends, default=None),
        "tldr": newest.tldr or older.tldr,
        "life": better.life or other.life,
        "oddities": tuple(dict.fromkeys((*older.oddities, *newest.oddities)))[:MOST_ODDITIES],
    }
    return better.model_copy(update=update)


def _sources(refs: tuple[SourceRef, ...]) -> tuple[SourceRef, ...]:
    """Keep the newest version in each place, and when it first showed the work: to look again changes nothing."""
    places: dict[tuple[str, str], SourceRef] = {}
    for ref in refs:
        known = places.setdefault((ref.source, ref.id), ref)
        if known is not ref:
            newer = ref if (ref.version or 0) > (known.version or 0) else known
            first = min((m for m in (known.seen_at, ref.seen_at) if m), default=None)
            places[ref.source, ref.id] = newer.model_copy(update={"seen_at": first})
    return tuple(sorted(places.values(), key=lambda ref: (ref.seen_at or "", ref.source, ref.id))[:MOST])


def _links(better: Links, other: Links, *, newest: Links) -> Links:
    code: dict[str, CodeLink] = {}
    for link in (*better.code, *other.code, *newest.code):
        name = link.url.casefold()  # so do the hosts of code compare
        code[name] = _counters(code[name], link).model_copy(update={"url": code[name].url}) if name in code else link
    return Links(
        abs=better.abs or other.abs,
        pdf=better.pdf or other.pdf,
        code=tuple(code.values())[:MOST],
        project=better.project or other.project,
    )


def _counters(known: C, new: C) -> C:
    return known.model_copy(update={name: value for name, value in new if value is not None})
