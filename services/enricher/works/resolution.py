"""Resolution: whose sighting this is, which works it shows to be one, and which of its ids are another work's.

Evidence is weighed from strong to weak: an archive's id, the id a source itself gave, a DOI, title and authors. What
contradicts stronger evidence joins nothing and is told as an oddity. See docs/adr/0012.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.enricher.works.identity import differ, join_identifiers, unlike
from services.enricher.works.sighting import Prepared
from services.enricher.works.work import Work


@dataclass(frozen=True, slots=True)
class Resolved:
    """A sighting with the ids that are its own, and the known works that it belongs to: none, one, or more to join."""

    seen: Prepared
    works: tuple[Work, ...]


def resolve(seen: Prepared, holders: Mapping[str, Work]) -> Resolved:
    """Resolve a sighting; `holders` gives the work that each of its aliases names so far."""
    accepted: dict[str, Work] = {}
    refused: dict[str, Work] = {}
    oddities: list[str] = []
    for alias in sorted(holders, key=_strength):
        work = holders[alias]
        ours = alias == seen.spare and alias not in seen.public_ids  # its id should it be left without one
        if work.paper.id in accepted or (ours and not refused.keys() >= set(seen.public_ids)):
            continue
        if why := _against(alias, work, seen, list(accepted.values())):
            refused[alias] = work
            oddities += [] if alias.startswith("title:") else [why]
        else:
            accepted[work.paper.id] = work
    kept = {alias: work for alias, work in refused.items() if work.paper.id not in accepted}
    return Resolved(_without(seen, kept, oddities), tuple(accepted.values()))


def _strength(alias: str) -> tuple[int, str]:
    order = {"arXiv": 0, "doi": 2, "title": 3, "pw": 4}
    return order.get(alias.partition(":")[0], 1), alias


def _against(alias: str, work: Work, seen: Prepared, others: list[Work]) -> str | None:
    """Say what speaks against a work that an alias of the sighting names."""
    told = f"{seen.item.source} gives {alias}, but that is {work.paper.id}"
    known = [seen.identifiers, *(other.paper.identifiers for other in others)]
    if any(differ(work.paper.identifiers, ids) for ids in known):
        return f"{told}, another paper of the same archive"
    titles = [seen.title, *(other.paper.title for other in others)]
    if alias.startswith("doi:") and all(unlike(work.paper.title, title) for title in titles):
        return f"{told}, which has another title"
    return None


def _without(seen: Prepared, refused: Mapping[str, Work], oddities: list[str]) -> Prepared:
    """Take from a sighting the ids that are another work's."""
    if not refused and not oddities:
        return seen
    ids = tuple(name for name in seen.public_ids if name not in refused)
    kinds = (("doi", "doi"), ("doi", "published"), ("openreview", "openreview"))
    lost = {kind for prefix, kind in kinds if f"{prefix}:{seen.identifiers.get(kind)}" in refused}
    return replace(
        seen,
        public_ids=ids or (seen.spare,),
        identifiers=join_identifiers({kind: name for kind, name in seen.identifiers.items() if kind not in lost}, {}),
        oddities=(*seen.oddities, *oddities),
    )
