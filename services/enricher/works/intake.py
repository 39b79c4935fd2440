"""The intake of a sighting: it is resolved to its works, merged into one work, and stored.

Resolution weighs evidence from strong to weak: an archive's id, the id that a source itself gave, a DOI, title and
authors. What contradicts stronger evidence joins nothing and becomes an oddity of the paper. See docs/adr/0012.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from services.enricher.works.merging import BACKFILLED, merge
from services.enricher.works.rulings import ruled_apart
from services.enricher.works.sighting import Sighting
from services.enricher.works.trending import UNMEASURED, Baseline, SignalUpdate, update_signals
from services.enricher.works.uniting import unite
from services.enricher.works.work import (
    Work,
    enriched_event,
    identifiers_conflict,
    initials,
    is_local,
    merge_identifiers,
    rank,
    titles_differ,
)
from shared.board.rows import PictureWish
from shared.moments import parse_moment
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change, Paper
from shared.papers.person_names import same_person
from shared.papers.publication import journal_doi

MAX_HOPS = 8
"""The most aliases that are followed: the id of a work that was joined to another is an alias of that one."""


class KnownWorks:
    """Works and aliases that were read (`loaded`); the other attributes are what has to be written or deleted."""

    def __init__(self, works: Mapping[str, Work], aliases: Mapping[str, str]) -> None:
        """`works` are by id; `aliases` point to ids of works, present or past. A work's own id is no alias of it."""
        self.loaded = works
        self._works = dict(works)
        self._aliases = dict(aliases)
        self.written: dict[str, Work] = {}
        self.claimed: dict[str, str] = {}
        self.removed: set[str] = set()
        self.released: set[str] = set()
        self.signal_updates: list[SignalUpdate] = []

    def find(self, alias: str) -> Work | None:
        """Return the work that an id or another alias names."""
        work_id: str | None = alias
        for _ in range(MAX_HOPS):
            if work_id is None or work_id in self._works:
                break
            work_id = self._aliases.get(work_id)
        return self._works.get(work_id) if work_id else None

    @property
    def wishes(self) -> dict[str, PictureWish]:
        """The wishes for pictures of works that are new, or may have a picture elsewhere than before."""
        wishes = {}
        for work_id, work in self.written.items():
            wish, before = wish_of(work.paper), self.loaded.get(work_id)
            if wish and not (before and wish_of(before.paper) == wish):
                wishes[work_id] = wish
        return wishes

    @property
    def unwished(self) -> list[str]:
        """The works that lose their picture: those that were withdrawn, and those that are now part of another."""
        withdrawn = (work_id for work_id, work in self.written.items() if work.paper.status == "withdrawn")
        return sorted({*withdrawn, *self.removed})

    def put(self, work: Work, lost: Iterable[str] = ()) -> None:
        """Keep a work; `lost` are the ids under which it, or what it joins, was kept until now."""
        own = work.paper.id
        for work_id in lost:
            self._works.pop(work_id, None)
            self.written.pop(work_id, None)
            self.removed.add(work_id)
        self._works[own] = self.written[own] = work
        for alias in work.aliases:
            if alias != own:
                self.claim(alias, own)

    def drop(self, work: Work) -> None:
        """Let a work leave, with its aliases."""
        self._works.pop(work.paper.id, None)
        self.written.pop(work.paper.id, None)
        self.removed.add(work.paper.id)
        for alias in work.aliases:
            self.release(alias)

    def release(self, alias: str) -> None:
        """Let an alias name no work."""
        self._aliases.pop(alias, None)
        self.released.add(alias)

    def claim(self, alias: str, work_id: str) -> None:
        """Let an alias name a work."""
        if self._aliases.get(alias) != work_id:
            self._aliases[alias] = self.claimed[alias] = work_id


def wish_of(paper: Paper) -> PictureWish | None:
    """Return where a paper may have a picture; None if nowhere, if it was withdrawn, or if its age is unknown."""
    arxiv = paper.identifiers.get("arxiv")
    links = paper.links
    if paper.status == "withdrawn" or not paper.published or not (arxiv or links.thumbnail or links.project):
        return None
    version = max((ref.version or 0 for ref in paper.sources if arxiv and ref.id == f"arXiv:{arxiv}"), default=0)
    return PictureWish(
        thumbnail=links.thumbnail,
        project=links.project,
        arxiv=f"{arxiv}v{version}" if arxiv and version else arxiv,
        published=parse_moment(paper.published).timestamp(),
    )


def take_in(known: KnownWorks, seen: Sighting, now: datetime, baseline: Baseline = UNMEASURED) -> PaperEnriched | None:
    """Merge a sighting into its work; return the event to publish about it, or None if nothing is new."""
    resolved = resolve(seen, _holders(known, seen))
    before = unite(resolved.works, now) if resolved.works else None
    merged = merge(before, resolved.seen, now)
    work = merged.work
    lost = tuple(sorted({one.paper.id for one in resolved.works} - {work.paper.id}))
    if merged.unchanged and lost:  # all that is new is that the works are one
        work = work.model_copy(update={"revision": work.revision + 1})
    trending: tuple[Change, ...] = ()
    if lost or not merged.unchanged:
        updated = update_signals(work, now, baseline)
        known.signal_updates.append(updated)
        work, trending = updated.work, updated.changes if seen.item.announced != BACKFILLED else ()
        known.put(work, lost)
    if seen.title_key:
        _claim_title(known, seen.title_key, work)
    return enriched_event(work, (*merged.changes, *trending), now, lost) if lost or not merged.unchanged else None


def unchanged_event(known: KnownWorks, seen: Sighting, now: datetime) -> PaperEnriched:
    """Return the event, without changes, of the work of a sighting in which nothing was new."""
    (work,) = resolve(seen, _holders(known, seen)).works
    return enriched_event(work, (), now)


def _holders(known: KnownWorks, seen: Sighting) -> dict[str, Work]:
    """Return the works that the aliases of a sighting name."""
    return {alias: work for alias in seen.aliases if (work := known.find(alias))}


def _claim_title(known: KnownWorks, key: str, work: Work) -> None:
    """Point a title to a work; of two works with one title, to the one with the better id."""
    holder = known.find(key)
    if holder is None or rank(work.paper.id) < rank(holder.paper.id):
        known.claim(key, work.paper.id)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A sighting with the ids that are its own, and the known works that it belongs to: none, one, or more to join."""

    seen: Sighting
    works: tuple[Work, ...]


def resolve(seen: Sighting, holders: Mapping[str, Work]) -> Resolved:
    """Resolve a sighting; `holders` are the works that its aliases name so far."""
    accepted: dict[str, Work] = {}
    refused: dict[str, Work] = {}
    oddities: list[str] = []
    for alias in sorted(holders, key=_strength):
        work = holders[alias]
        fallback = alias == seen.fallback_id and alias not in seen.public_ids  # its id when every other is refused
        if work.paper.id in accepted or (fallback and not refused.keys() >= set(seen.public_ids)):
            continue
        if reason := _contradiction(alias, work, seen, list(accepted.values())):
            refused[alias] = work
            oddities += [] if alias.startswith("title:") else [reason]
        else:
            accepted[work.paper.id] = work
    others = {alias for alias, work in refused.items() if work.paper.id not in accepted}
    others.update(name for work in accepted.values() for name in work.apart)
    return Resolved(_without(seen, others, oddities), tuple(accepted.values()))


def _strength(alias: str) -> tuple[int, str]:
    order = {"arXiv": 0, "doi": 2, "title": 3, "pw": 4}
    return order.get(alias.partition(":")[0], 1), alias


def _contradiction(alias: str, work: Work, seen: Sighting, others: list[Work]) -> str | None:
    """Return why a work that an alias names is not the work of a sighting, or None."""
    claim = f"{seen.item.source} gives {alias}, but that is {work.paper.id}"
    if alias in work.joined:
        return None
    if any(ruled_apart(work, other) for other in others) or (not others and seen.source_id in work.apart):
        return f"{claim}, which was split off"
    known = [seen.identifiers, *(other.paper.identifiers for other in others)]
    if any(identifiers_conflict(work.paper.identifiers, ids) for ids in known):
        return f"{claim}, another paper of the same archive"
    apart = any(_two_journals(work.paper.identifiers, ids) for ids in known)
    if alias.startswith("title:") and (apart or _namesakes(work.paper, seen)):
        return f"{claim}, which has the same title"
    others_too = [other.paper.title for other in others] if alias.startswith("doi:") else []
    doubtful = alias.startswith("doi:") or is_local(alias)
    if doubtful and all(titles_differ(work.paper.title, title) for title in (seen.title, *others_too)):
        return f"{claim}, which has another title"
    return None


def _two_journals(identifiers: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether two journals have published something: a title and an author in common do not make it one work."""
    one, two = journal_doi(identifiers), journal_doi(other)
    return bool(one and two) and one != two


def _namesakes(paper: Paper, seen: Sighting) -> bool:
    """Return whether the first authors differ although they have the same initials, which are all that a key has."""
    if not (paper.authors and seen.authors):
        return False
    one, other = paper.authors[0], seen.authors[0]
    if initials(one.name) != initials(other):
        return False
    own = seen.orcids.get(other)
    return one.orcid != own if one.orcid and own else not same_person(one.name, other)


def _without(seen: Sighting, others: AbstractSet[str], oddities: list[str]) -> Sighting:
    """Return a sighting without the ids that belong to other works."""
    if others.isdisjoint(seen.aliases) and not oddities:
        return seen
    ids = tuple(public_id for public_id in seen.public_ids if public_id not in others)
    kinds = (("arXiv", "arxiv"), ("doi", "doi"), ("doi", "published"), ("openreview", "openreview"))
    lost = {kind for prefix, kind in kinds if f"{prefix}:{seen.identifiers.get(kind)}" in others}
    left = {kind: name for kind, name in seen.identifiers.items() if kind not in lost}
    return replace(
        seen,
        public_ids=ids or (seen.fallback_id,),
        identifiers=merge_identifiers(left, {}),
        oddities=(*seen.oddities, *oddities),
    )
