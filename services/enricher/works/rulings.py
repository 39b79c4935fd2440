"""Rulings of an operator on what is one work: a join that sources do not show, and a split of one that they do. Pure.

The records keep them, so that no later sighting, answer or reconciliation decides otherwise. Nobody is alerted.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from services.enricher.works.combining import MAX_REFERENCES, order_aliases
from services.enricher.works.parts import as_work, part_ids, parts_of
from services.enricher.works.uniting import unite
from services.enricher.works.work import Work, merge_identifiers
from shared.errors import ConfigurationError
from shared.papers.paper import Paper

_KINDS = {"arxiv": "arXiv", "doi": "doi", "published": "doi", "openreview": "openreview"}


class Split(NamedTuple):
    """A work without what was split off, and that as a work of its own, if anything was seen under its ids."""

    kept: Work
    gone: Work | None


def join(one: Work, other: Work, now: datetime) -> Work:
    """Join two works for good.

    Raises:
        ConfigurationError: they have too many ids together.

    """
    united = unite((one, other), now)
    joined = _named_in((*united.joined, *one.aliases, *other.aliases), united.paper.id)
    revision = max(one.revision, other.revision) + 1
    return united.model_copy(update={"joined": joined, "revision": revision})


def split(work: Work, leaving: Collection[str], now: datetime) -> Split:
    """Split what was seen under some ids off a work, for good; `leaving` are canonical ids.

    An id under which nothing was seen, such as a DOI that a source gave by mistake, leaves it as well.

    Raises:
        ConfigurationError: the work has no such id, or nothing would stay.

    """
    parts = parts_of(work)
    out = [part for part in parts if not part_ids(part).isdisjoint(leaving)]
    stay = [part for part in parts if part not in out]
    known = frozenset(work.aliases).union(*map(part_ids, parts))
    if unknown := sorted(set(leaving) - known):
        raise ConfigurationError(f"{work.paper.id} has no id {unknown[0]}: its ids are {', '.join(sorted(known))}.")
    if not stay:
        raise ConfigurationError(f"Nothing would stay of {work.paper.id}: name the ids of one of its parts.")
    gone_ids = frozenset(leaving).union(*map(part_ids, out))
    kept_ids = frozenset[str]().union(*map(part_ids, stay))
    kept = _kept(work, _stripped(unite(tuple(map(as_work, stay)), now), gone_ids), gone_ids)
    if not out:
        return Split(kept, None)
    new = _stripped(unite(tuple(map(as_work, out)), now), kept_ids)
    apart = _named_in((*work.apart, *kept_ids, *kept.aliases), new.paper.id)
    return Split(kept, _begun(new, work, kept).model_copy(update={"apart": apart}))


def groups(work: Work, name: str, leaving: Collection[str]) -> list[Collection[str]]:
    """Return the groups of ids that leave a work one after the other, if an operator names these.

    Raises:
        ConfigurationError: the work was seen under one id only.

    """
    if leaving or name != work.paper.id:
        return [leaving or [name]]
    others = [part_ids(part) for part in parts_of(work) if name not in part_ids(part)]
    if not others or len(parts_of(work)) == 1:
        raise ConfigurationError(f"{name} was seen under one id only: name an id that is not its own.")
    return list(others)


def ruled_apart(one: Work, other: Work) -> bool:
    """Return whether a ruling keeps two works apart."""
    return not (set(one.apart).isdisjoint(other.aliases) and set(other.apart).isdisjoint(one.aliases))


def _kept(work: Work, rest: Work, gone: Collection[str]) -> Work:
    """Return what stays of a work: the text and the ids of `rest`, and all that belongs to the work as a whole."""
    whole = {name: getattr(work.paper, name) for name in ("signals", "trending", "tldr", "life", "oddities")}
    first = work.paper.first_id or work.paper.id
    paper = rest.paper.model_copy(update=whole | {"first_id": None if first == rest.paper.id else first})
    update = {
        "paper": paper,
        "aliases": rest.aliases,
        "text_source": rest.text_source,
        "trust": rest.trust,
        "withdrawals": rest.withdrawals,
        "parts": rest.parts,
        "joined": tuple(name for name in work.joined if name not in gone),
        "apart": _named_in((*work.apart, *gone), rest.paper.id),
        "revision": work.revision + 1,
    }
    return work.model_copy(update=update)


def _begun(new: Work, work: Work, kept: Work) -> Work:
    """Return a work that begins by a split: as a new one, whose entries in feeds are not those of the other."""
    first = f"split:{new.paper.id}" if new.paper.id == (kept.paper.first_id or kept.paper.id) else None
    paper = new.paper.model_copy(update={"first_id": first, "life": ()})
    joined = tuple(name for name in work.joined if name in new.aliases)
    return new.model_copy(update={"paper": paper, "joined": joined, "revision": work.revision + 1})


def _stripped(work: Work, others: Collection[str]) -> Work:
    """Return a work without the ids of another one."""
    ids = [alias for alias in work.aliases if alias not in others]
    own = [name for name in (ref.id for ref in work.paper.sources) if name not in others]
    aliases = order_aliases(ids or own, work.paper.sources)
    identifiers = {kind: name for kind, name in work.paper.identifiers.items() if _spelled(kind, name) not in others}
    paper: Paper = work.paper.model_copy(update={"id": aliases[0], "identifiers": merge_identifiers(identifiers, {})})
    return work.model_copy(update={"paper": paper, "aliases": aliases})


def _spelled(kind: str, name: str) -> str:
    return f"{_KINDS.get(kind, kind)}:{name}"


def _named_in(ids: Iterable[str], work: str) -> tuple[str, ...]:
    """Return the ids of a ruling.

    Raises:
        ConfigurationError: a record would have too many.

    """
    named = tuple(dict.fromkeys(ids))
    if len(named) > MAX_REFERENCES:
        raise ConfigurationError(f"{work} would have rulings on more than {MAX_REFERENCES} ids, the most of a work.")
    return named
