"""Amending: a work, and what a provider says of it, give what it is now and what has happened to it."""

from datetime import datetime
from typing import Any, Final

from services.enricher.providers.facts import Facts, Repository
from services.enricher.text.clean import clean_text
from services.enricher.text.keywords import keywords
from services.enricher.works.changes import lived
from services.enricher.works.identity import join_identifiers, journal_doi, unlike
from services.enricher.works.joining import MOST_ODDITIES
from services.enricher.works.sighting import MAX_ABSTRACT
from services.enricher.works.work import Work
from shared.moments import iso
from shared.papers.paper import MAX_TLDR, Change, ChangeKind, CodeLink, Links, Paper, Signals, Tldr

_ARCHIVES: Final = ("arxiv", "biorxiv", "medrxiv", "corr", "openreview", "ssrn", "research square", "preprint")
"""Venues whose names begin so publish nothing: to stand there is no news."""


def amend(work: Work, facts: Facts, now: datetime) -> tuple[Work, tuple[Change, ...]]:
    """Amend a work; the very same work comes back when nothing is new. Its revision is for the caller to count."""
    paper = work.paper
    if facts.title and unlike(paper.title, facts.title):
        oddity = f"{facts.provider} knows a DOI of this work as another one: {facts.title[:200]}"
        return _with(work, {"oddities": _odd(paper, (oddity,))}), ()
    amended = _with(
        work,
        {
            "signals": _signals(paper.signals, facts.signals),
            "links": _links(paper.links, {repository.asked: repository for repository in facts.repositories}),
            "oddities": _odd(paper, facts.oddities),
            "status": "withdrawn" if facts.retracted else paper.status,
            "tldr": _tldr(facts) or paper.tldr,
            **_published(paper, facts),
            **_text(paper, facts),
        },
    )
    happened = _changes(paper, amended.paper, facts, now)
    return _with(amended, {"life": lived(paper, happened, now)}), happened


def _changes(before: Paper, after: Paper, facts: Facts, now: datetime) -> tuple[Change, ...]:
    changes = []
    if before.status != after.status:
        changes.append(Change(kind=ChangeKind.WITHDRAWN, version=facts.retracted or ""))
    place = journal_doi(after.identifiers) or after.venue
    if place and not (journal_doi(before.identifiers) or before.venue):  # whichever came first was told
        changes.append(Change(kind=ChangeKind.PUBLISHED, version=place))
    if before.signals != after.signals:
        changes.append(Change(kind=ChangeKind.SIGNALS, version=iso(now)))
    return tuple(changes)


def _with(work: Work, update: dict[str, Any]) -> Work:
    """Give a work with another paper, known by its DOIs too; the very same one when nothing is another."""
    paper = work.paper.model_copy(update=update)
    if paper == work.paper:
        return work
    names = (f"doi:{paper.identifiers[name]}" for name in ("doi", "published") if name in paper.identifiers)
    return work.model_copy(update={"paper": paper, "aliases": tuple(dict.fromkeys((*work.aliases, *names)))})


def _signals(known: Signals, new: Signals) -> Signals:
    """Take the new counters. Two providers count citations, and both miss some: the higher count stands."""
    counts = new.model_dump(exclude_none=True)
    if known.citations and "citations" in counts:
        counts["citations"] = max(known.citations, counts["citations"])
    return known.model_copy(update=counts)


def _odd(paper: Paper, oddities: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*paper.oddities, *oddities)))[:MOST_ODDITIES]


def _tldr(facts: Facts) -> Tldr | None:
    """Return the summary that a provider gave, cleaned and bounded."""
    text = clean_text(facts.tldr or "", MAX_TLDR)
    return Tldr(text=text, source=facts.provider) if text else None


def _text(paper: Paper, facts: Facts) -> dict[str, Any]:
    """Take an abstract only where we have none."""
    if paper.abstract or not facts.abstract:
        return {}
    abstract = clean_text(facts.abstract, MAX_ABSTRACT)
    return {"abstract": abstract, "keywords": paper.keywords or keywords(paper.title, abstract)}


def _published(paper: Paper, facts: Facts) -> dict[str, Any]:
    """Give what is new of where a work was published; what is said to be published as itself, is not."""
    update: dict[str, Any] = {}
    if facts.venue and not paper.venue and not facts.venue.lower().startswith(_ARCHIVES):
        update["venue"] = facts.venue
    if facts.published and facts.published not in paper.identifiers.values():
        update["identifiers"] = join_identifiers(paper.identifiers, {"published": facts.published})
    return update


def _links(links: Links, found: dict[str, Repository]) -> Links:
    """Follow repositories to where they moved; two links that lead to one place become one."""
    code: dict[str, CodeLink] = {}
    for link in links.code:
        now = _followed(link, found[link.url]) if link.url in found else link
        code.setdefault(now.url.casefold(), now)
    return links.model_copy(update={"code": tuple(code.values())})


def _followed(link: CodeLink, repository: Repository) -> CodeLink:
    stars = link.stars if repository.stars is None else repository.stars
    return CodeLink(url=repository.url, stars=stars, archived=repository.archived)
