"""The parts of a work: what was seen under each of its ids, so that a wrong join can be undone. Pure.

A work that was seen under one id, as most are, has no parts besides itself and stores none.
"""

from collections.abc import Iterable
from typing import Final

from services.enricher.text.extraction import Extracted, extract
from services.enricher.works.combining import merge_sources
from services.enricher.works.sighting import Sighting
from services.enricher.works.withdrawals import statements_after
from services.enricher.works.work import Part, Work
from shared.papers.names import canonical_id
from shared.papers.paper import Paper

MAX_PARTS: Final = 10
"""The most parts that a record stores; of what was seen under further ids, the text of the work stands for theirs."""
_LEFT_OUT: Final = {
    name: Paper.model_fields[name].get_default()
    for name in ("first_id", "trending", "tldr", "life", "oddities", *Extracted._fields)
}
"""The fields of a paper that a part leaves out: they belong to the work, or follow from the text."""


def part_ids(part: Part) -> frozenset[str]:
    """Return the ids under which a part was seen."""
    return frozenset(canonical_id(ref.id) for ref in part.paper.sources) or frozenset(part.aliases)


def parts_of(work: Work) -> tuple[Part, ...]:
    """Return the parts of a work; of ids without a stored part, each is one with the text of the work."""
    covered = frozenset[str]().union(*map(part_ids, work.parts))
    ids = dict.fromkeys(canonical_id(ref.id) for ref in work.paper.sources)
    missing = [name for name in ids if name not in covered]
    if not work.parts and len(missing) <= 1:
        return (_part(work, work.paper, work.aliases),)
    return (*work.parts, *(_only(work, name) for name in missing))


def parts_after(before: Work, seen: Sighting, new: Paper) -> tuple[Part, ...]:
    """Return the parts to store after a sighting, of which `new` is the description."""
    own = seen.source_id
    if not before.parts and all(ref.id == own for ref in before.paper.sources):
        return ()
    said = tuple(each for each in statements_after(None, seen) if seen.item.withdrawn)
    shown = Part(
        paper=_slim(new),
        aliases=seen.public_ids,
        text_source=seen.item.source,
        trust=seen.item.trust,
        withdrawals=said,
    )
    parts = parts_of(before)
    if not any(own in part_ids(part) for part in parts):
        return bounded((*parts, shown))
    return bounded(_renewed(part, shown) if own in part_ids(part) else part for part in parts)


def bounded(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the first parts, as many as a record stores; none if there is only one."""
    kept = tuple(parts)[:MAX_PARTS]
    return kept if len(kept) > 1 else ()


def as_work(part: Part) -> Work:
    """Return a part as a work by itself."""
    found = extract(part.paper.title, part.paper.abstract)._asdict()
    status = "withdrawn" if part.withdrawals else "active"
    paper = part.paper.model_copy(update={**found, "status": status})
    return Work(**dict(part) | {"paper": paper})


def _renewed(known: Part, shown: Part) -> Part:
    better = shown if shown.trust >= known.trust else known
    sources = merge_sources((*known.paper.sources, *shown.paper.sources))
    aliases = tuple(dict.fromkeys((*known.aliases, *shown.aliases)))
    return better.model_copy(update={"paper": better.paper.model_copy(update={"sources": sources}), "aliases": aliases})


def _only(work: Work, name: str) -> Part:
    """Return the part of an id, with the text of the work; no source stands for that, so any sighting corrects it."""
    refs = tuple(ref for ref in work.paper.sources if canonical_id(ref.id) == name)
    part = _part(work, work.paper.model_copy(update={"sources": refs, "id": name}), (name,))
    return part.model_copy(update={"text_source": "", "trust": 0})


def _part(work: Work, paper: Paper, aliases: tuple[str, ...]) -> Part:
    refs = {(ref.source, ref.id) for ref in paper.sources}
    said = tuple(each for each in work.withdrawals if (each.source, each.id) in refs)
    return Part(paper=_slim(paper), aliases=aliases, text_source=work.text_source, trust=work.trust, withdrawals=said)


def _slim(paper: Paper) -> Paper:
    return paper.model_copy(update=_LEFT_OUT)
