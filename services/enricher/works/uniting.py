"""Uniting of works that turned out to be one. Pure."""

from datetime import datetime
from functools import reduce

from services.enricher.works.changes import extend_life
from services.enricher.works.combining import combine, named, order_aliases, own_links
from services.enricher.works.dating import Trusted
from services.enricher.works.parts import bounded, parts_of
from services.enricher.works.withdrawals import all_statements
from services.enricher.works.work import Work, rank
from shared.papers.paper import Change, ChangeKind, Paper
from shared.papers.publication import journal_doi


def unite(works: tuple[Work, ...], now: datetime) -> Work:
    """Join works that turned out to be one; there is at least one. Subscribers are not alerted about it."""
    return reduce(lambda one, other: _united(one, other, now), works)


def _united(one: Work, other: Work, now: datetime) -> Work:
    better, lesser = sorted((one, other), key=lambda work: (-work.trust, rank(work.paper.id)))
    pair = (Trusted(better.paper, better.trust), Trusted(own_links(lesser, better.trust), lesser.trust))
    paper = combine(*pair, newest=better.paper)
    aliases = order_aliases((*better.aliases, *lesser.aliases), paper.sources)
    life = tuple(sorted({*one.paper.life, *other.paper.life}, key=lambda event: event.at))
    paper = named(paper, aliases[0], min(one.paper, other.paper, key=_since)).model_copy(update={"life": life})
    journals = [journal_doi(work.paper.identifiers) for work in (better, lesser)]
    if (name := next(filter(None, journals), None)) and None in journals:
        published = Change(kind=ChangeKind.PUBLISHED, version=name)
        paper = paper.model_copy(update={"life": extend_life(paper, (published,), now)})
    return better.model_copy(
        update={
            "paper": paper,
            "aliases": aliases,
            "withdrawals": all_statements(one, other),
            "parts": bounded((*parts_of(one), *parts_of(other))),
            "joined": _without((*one.joined, *other.joined), ()),
            "apart": _without((*one.apart, *other.apart), aliases),
            "revision": max(one.revision, other.revision),
            "trend": max((t for t in (one.trend, other.trend) if t), key=lambda trend: trend.key, default=None),
            "readings": tuple(sorted((*one.readings, *other.readings), key=lambda reading: reading.at)),
        }
    )


def _without(ids: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(ids) if each not in others)


def _since(paper: Paper) -> tuple[str, tuple[int, str]]:
    """Return when a work was first seen; of two seen at the same moment, the better id counts."""
    return min((ref.seen_at for ref in paper.sources if ref.seen_at), default="~"), rank(paper.id)
