"""Withdrawals of a work: which sources say that it was withdrawn, and when a later version takes that back. Pure."""

from services.enricher.works.sighting import Sighting
from services.enricher.works.work import Withdrawal, Work
from shared.papers.titles import noticed_title, title_letters


def statements(work: Work) -> tuple[Withdrawal, ...]:
    """Return who says that a work was withdrawn; records of earlier versions do not tell, so the source of the text."""
    if work.withdrawals or work.paper.status == "active":
        return work.withdrawals
    refs = [ref for ref in work.paper.sources if ref.source == work.text_source] or list(work.paper.sources)
    return tuple(Withdrawal(source=ref.source, id=ref.id, version=ref.version) for ref in refs)


def statements_after(before: Work | None, seen: Sighting) -> tuple[Withdrawal, ...]:
    """Return who says so after a sighting.

    A sighting speaks for its source, unless that has shown a later version. One without the statement takes it back
    only if it shows a later version: arXiv repeats a withdrawn version without the comment that says so.
    """
    said = statements(before) if before else ()
    if not said and not seen.item.withdrawn and noticed_title(seen.title) is None:  # nearly all of them
        return ()
    own = seen.item.source, seen.source_id
    others = tuple(each for each in said if (each.source, each.id) != own)
    earlier = next((each for each in said if (each.source, each.id) == own), None)
    known = _newest(before, own)
    version = seen.item.version
    if seen.item.withdrawn or (before and _retracts(seen.title, before.paper.title, again=earlier is not None)):
        if version and known and version < known:
            return said
        return (*others, Withdrawal(source=own[0], id=own[1], version=version or known))
    return others if earlier and _is_later(version, earlier.version) else said


def _retracts(title: str, known: str, *, again: bool) -> bool:
    """Return whether a title is that of a notice in the place of a paper; `again` if it was before."""
    of = noticed_title(title)
    if of is None:
        return False
    letters = title_letters(of)
    return letters is not None and letters == title_letters(noticed_title(known) or known if again else known)


def _newest(before: Work | None, own: tuple[str, str]) -> int | None:
    refs = before.paper.sources if before else ()
    return max((ref.version for ref in refs if (ref.source, ref.id) == own and ref.version), default=None)


def _is_later(version: int | None, withdrawn: int | None) -> bool:
    """Return whether a version is later than the withdrawn one; without versions, what is seen later is."""
    if version is None or withdrawn is None:
        return version is withdrawn
    return version > withdrawn


def all_statements(one: Work, other: Work) -> tuple[Withdrawal, ...]:
    """Return what is said of either of two works that are one."""
    return tuple(dict.fromkeys((*statements(one), *statements(other))))
