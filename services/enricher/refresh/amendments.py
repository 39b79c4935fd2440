"""Amendments of works by answers of providers: the pure part of a refresh, before anything is written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.enricher.providers.facts import Facts, Repository
from services.enricher.text.clean import clean_text, read_text
from services.enricher.text.keywords import keywords
from services.enricher.works.changes import extend_life
from services.enricher.works.combining import MAX_ODDITIES, combine_appearances
from services.enricher.works.intake import KnownWorks
from services.enricher.works.rulings import ruled_apart
from services.enricher.works.sighting import MAX_ABSTRACT
from services.enricher.works.trending import Baseline, SignalUpdate, update_signals
from services.enricher.works.uniting import unite
from services.enricher.works.withdrawals import statements
from services.enricher.works.work import (
    Withdrawal,
    Work,
    enriched_event,
    identifiers_conflict,
    merge_identifiers,
    titles_differ,
)
from shared.moments import iso
from shared.papers.events import PaperEnriched
from shared.papers.orcids import with_orcids
from shared.papers.paper import MAX_TLDR, Change, ChangeKind, CodeLink, Links, Paper, Signals, Tldr
from shared.papers.publication import is_venue, journal_doi


@dataclass(slots=True)
class Amendments:
    """The amendments of one transaction; `works` are the requested ones, in their state after it."""

    known: KnownWorks
    baseline: Baseline
    at: datetime
    works: list[Work] = field(default_factory=list)
    signal_updates: list[SignalUpdate] = field(default_factory=list)
    events: list[PaperEnriched] = field(default_factory=list)

    def add(self, work_id: str, facts: Facts) -> None:
        """Amend a work by the answer about it, and join it with its published version where that is known too."""
        before = self.known.find(work_id)
        if before is None:
            return
        other = self.known.find(f"doi:{facts.published}") if facts.published else None
        if other is before:  # they were joined before
            other = None
        if other and (ruled_apart(before, other) or _contradict(before.paper, other.paper)):
            facts, other = _without_published(facts, other), None
        if f"doi:{facts.published}" in before.apart:
            facts = facts.model_copy(update={"published": None})
        amended, changes = amend(before, facts, self.at)
        united = unite((amended, other), self.at) if other else amended
        updated = update_signals(united, self.at, self.baseline)
        self.works.append(updated.work)
        self.signal_updates.append(updated)
        if updated.work is not before:
            merged = [before, other] if other else [before]
            self._keep(updated.work, merged, (*changes, *updated.changes))

    def _keep(self, work: Work, merged: list[Work], changes: tuple[Change, ...]) -> None:
        """Keep a work that has changed, and add the event about it."""
        lost = tuple(sorted({one.paper.id for one in merged} - {work.paper.id}))
        work = work.model_copy(update={"revision": max(one.revision for one in merged) + 1})
        self.known.put(work, lost)
        self.events.append(enriched_event(work, changes, self.at, lost))


def _contradict(one: Paper, other: Paper) -> bool:
    return identifiers_conflict(one.identifiers, other.identifiers) or titles_differ(one.title, other.title)


def _without_published(facts: Facts, other: Work) -> Facts:
    """Leave out a published version that belongs to another work."""
    oddity = f"{facts.provider} says it was published as doi:{facts.published}, but that is {other.paper.id}"
    return facts.model_copy(update={"published": None, "oddities": (*facts.oddities, oddity)})


def amend(work: Work, facts: Facts, now: datetime) -> tuple[Work, tuple[Change, ...]]:
    """Amend a work; return the very same work when nothing is new. The caller increments its revision."""
    paper = work.paper
    if facts.title and titles_differ(paper.title, facts.title):
        oddity = f"{facts.provider} knows a DOI of this work as another one: {facts.title[:200]}"
        return _with(work, {"oddities": _oddities(paper, (oddity,))}), ()
    amended = _with(
        work,
        {
            "signals": _signals(paper.signals, facts.signals),
            "links": _links(paper.links, {repository.asked: repository for repository in facts.repositories}),
            "oddities": _oddities(paper, facts.oddities),
            "status": "withdrawn" if facts.retracted else paper.status,
            "tldr": _tldr(work, facts),
            "appeared": combine_appearances(paper.appeared, facts.appeared),
            "authors": with_orcids(paper.authors, facts.people),
            **_published(paper, facts),
            **_text(paper, facts),
        },
    )
    if (withdrawals := _withdrawals(work, facts)) != statements(work):
        amended = amended.model_copy(update={"withdrawals": withdrawals})
    changes = _changes(paper, amended.paper, facts, now)
    return _with(amended, {"life": extend_life(paper, changes, now)}), changes


def _withdrawals(work: Work, facts: Facts) -> tuple[Withdrawal, ...]:
    """Return who says that a work was withdrawn, and the notice that a provider knows, which no version undoes."""
    notices = (Withdrawal(source=facts.provider, id=f"doi:{facts.retracted}"),) if facts.retracted else ()
    return tuple(dict.fromkeys((*statements(work), *notices)))


def _changes(before: Paper, after: Paper, facts: Facts, now: datetime) -> tuple[Change, ...]:
    changes = []
    if before.status != after.status:
        changes.append(Change(kind=ChangeKind.WITHDRAWN, version=facts.retracted or ""))
    place = journal_doi(after.identifiers) or after.venue
    if place and not (journal_doi(before.identifiers) or before.venue):  # the first of the two makes the change
        changes.append(Change(kind=ChangeKind.PUBLISHED, version=place))
    if before.signals != after.signals:
        changes.append(Change(kind=ChangeKind.SIGNALS, version=iso(now)))
    return tuple(changes)


def _with(work: Work, update: dict[str, Any]) -> Work:
    """Return a work with its paper updated and its DOIs as aliases; the very same work when nothing changed."""
    paper = work.paper.model_copy(update=update)
    if paper == work.paper:
        return work
    dois = (f"doi:{paper.identifiers[kind]}" for kind in ("doi", "published") if kind in paper.identifiers)
    return work.model_copy(update={"paper": paper, "aliases": tuple(dict.fromkeys((*work.aliases, *dois)))})


def _signals(known: Signals, new: Signals) -> Signals:
    """Return the new counters. Two providers count citations and both miss some, so the higher count stays."""
    counts = new.model_dump(exclude_none=True)
    if known.citations and "citations" in counts:
        counts["citations"] = max(known.citations, counts["citations"])
    return known.model_copy(update=counts)


def _oddities(paper: Paper, added: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*paper.oddities, *added)))[:MAX_ODDITIES]


def _tldr(work: Work, facts: Facts) -> Tldr | None:
    """Return the summary of a work: by the operator's model if there is one of this text, else by a provider."""
    present = work.paper.tldr
    if facts.summary and facts.summary.of == work.fingerprint:
        return facts.summary
    text = clean_text(facts.tldr or "", MAX_TLDR)
    if not text or (present and present.model):
        return present
    return Tldr(text=text, source=facts.provider)


def _text(paper: Paper, facts: Facts) -> dict[str, Any]:
    """Return an abstract and its keywords, where the work has no abstract."""
    if paper.abstract or not facts.abstract:
        return {}
    abstract, tex = read_text(facts.abstract, MAX_ABSTRACT)
    return {"abstract": abstract, "abstract_tex": tex, "keywords": paper.keywords or keywords(paper.title, abstract)}


def _published(paper: Paper, facts: Facts) -> dict[str, Any]:
    """Return the new facts about the publication of a work; its own DOI is not one."""
    update: dict[str, Any] = {}
    if facts.venue and not paper.venue and is_venue(facts.venue):
        update["venue"] = facts.venue
    if facts.published and facts.published not in paper.identifiers.values():
        update["identifiers"] = merge_identifiers(paper.identifiers, {"published": facts.published})
    return update


def _links(links: Links, found: dict[str, Repository]) -> Links:
    """Follow repositories that moved; two links to one repository become one."""
    code: dict[str, CodeLink] = {}
    for link in links.code:
        now = _followed(link, found[link.url]) if link.url in found else link
        code.setdefault(now.url.casefold(), now)
    return links.model_copy(update={"code": tuple(code.values())})


def _followed(link: CodeLink, repository: Repository) -> CodeLink:
    stars = link.stars if repository.stars is None else repository.stars
    return CodeLink(url=repository.url, stars=stars, archived=repository.archived)
