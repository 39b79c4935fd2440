"""Combination of two descriptions of one work: its text, ids, sources, links and counters. Pure."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from services.enricher.text.extraction import Extracted, find_links
from services.enricher.works.dating import Trusted, combine_dates
from services.enricher.works.work import Work, merge_identifiers, rank
from shared.papers.names import canonical_id
from shared.papers.orcids import with_orcids
from shared.papers.paper import Appearance, Author, CodeLink, Links, Paper, Signals, SourceRef

C = TypeVar("C", Signals, CodeLink, Appearance)
MAX_REFERENCES: Final = 100
"""The most sources, ids and repositories of one work; more of them are an error or an attack."""
MAX_ODDITIES: Final = 10
_OTHER: Final = rank("")[0]


def combine(one: Trusted, two: Trusted, *, newest: Paper) -> Paper:
    """Combine two descriptions of a paper: the text of the first one, what it lacks, and the newest counters."""
    better, other = one.paper, two.paper
    text = better if better.abstract or not other.abstract else other
    older = other if newest is better else better
    trends = [key for key in (better.trending, other.trending) if key is not None]
    update: dict[str, Any] = {
        **{field: getattr(text, field) for field in ("abstract", "abstract_tex", *Extracted._fields)},
        "authors": _authors(better.authors or other.authors, other.authors),
        "venue": better.venue or other.venue,
        "appeared": combine_appearances(better.appeared, other.appeared),
        **combine_dates(one, two),
        "categories": tuple(dict.fromkeys((*better.categories, *other.categories))),
        "status": "withdrawn" if "withdrawn" in (better.status, other.status) else "active",
        "identifiers": merge_identifiers(better.identifiers, other.identifiers),
        "sources": merge_sources((*better.sources, *other.sources)),
        "links": _links(better.links, other.links, newest=newest.links),
        "signals": _update(older.signals, newest.signals),
        "trending": max(trends, default=None),
        "tldr": newest.tldr or older.tldr,
        "life": better.life or other.life,
        "oddities": tuple(dict.fromkeys((*older.oddities, *newest.oddities)))[:MAX_ODDITIES],
    }
    return better.model_copy(update=update)


def _authors(better: tuple[Author, ...], other: tuple[Author, ...]) -> tuple[Author, ...]:
    return with_orcids(better, other) if any(author.orcid for author in other) else better


def combine_appearances(better: Appearance | None, other: Appearance | None) -> Appearance | None:
    """Return where a work appeared, as far as either of two descriptions says."""
    return _update(other, better) if better and other else better or other


def merge_sources(refs: tuple[SourceRef, ...]) -> tuple[SourceRef, ...]:
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
        thumbnail=newest.thumbnail or better.thumbnail or other.thumbnail,
    )


def _update(known: C, new: C) -> C:
    return known.model_copy(update={field: value for field, value in new if value is not None})


def own_links(work: Work, trust: int) -> Paper:
    """Return the paper of a work to be combined with a description from a source of some trust.

    If the source of the work is not trusted at all and the other one is, what its words link to is not the work's own.
    """
    paper = work.paper
    if work.trust or not trust or not (paper.links.code or paper.links.project):
        return paper
    quoted, project = find_links(paper.abstract)
    code = tuple(link for link in paper.links.code if link.url not in quoted)
    links = {"code": code, "project": None if paper.links.project == project else paper.links.project}
    return paper.model_copy(update={"links": paper.links.model_copy(update=links)})


def named(paper: Paper, work_id: str, earlier: Paper) -> Paper:
    """Return a paper with the id of its work, and the id that the work had first: what feeds call it stays."""
    first = earlier.first_id or earlier.id
    return paper.model_copy(update={"id": work_id, "first_id": None if first == work_id else first})


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
