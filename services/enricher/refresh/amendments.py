"""One step of amending: works as they are known, what is said of them, and all that follows, before it is written."""

from dataclasses import dataclass, field
from datetime import datetime

from services.enricher.providers.facts import Facts
from services.enricher.refresh.amend import amend
from services.enricher.works.identity import differ, unlike
from services.enricher.works.joining import unite
from services.enricher.works.known_works import Known
from services.enricher.works.signals import Noted, Yardstick, note
from services.enricher.works.work import Work, told
from shared.papers.events import PaperEnriched


@dataclass(slots=True)
class Step:
    """What a step knows and comes to; `works` are those that were asked about, as they are now."""

    known: Known
    yard: Yardstick
    at: datetime
    works: list[Work] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    told: list[PaperEnriched] = field(default_factory=list)


def take(step: Step, name: str, facts: Facts) -> None:
    """Take in what was said of the work of a name."""
    before = step.known.find(name)
    if before is None:
        return
    other = step.known.find(f"doi:{facts.published}") if facts.published else None
    if other is before:  # it was told before, and the two are one already
        other = None
    if other and (differ(before.paper.identifiers, other.paper.identifiers) or _unlike(before, other)):
        facts, other = _without(facts, other), None
    amended, changes = amend(before, facts, step.at)
    united = (unite((amended, other), step.at) if other else None) or amended
    noted = note(united, step.at, step.yard)
    step.works.append(noted.work)
    step.noted.append(noted)
    if noted.work is before:
        return
    own = noted.work.paper.id
    lost = tuple(sorted({work.paper.id for work in (before, other) if work} - {own}))
    revision = max(work.revision for work in (before, other) if work) + 1
    work = noted.work.model_copy(update={"revision": revision})
    step.known.put(work, lost)
    step.told.append(told(work, (*changes, *noted.changes), step.at, lost))


def _unlike(one: Work, other: Work) -> bool:
    return unlike(one.paper.title, other.paper.title)


def _without(facts: Facts, other: Work) -> Facts:
    """Leave out a published version that is another work's."""
    oddity = f"{facts.provider} says it was published as doi:{facts.published}, but that is {other.paper.id}"
    return facts.model_copy(update={"published": None, "oddities": (*facts.oddities, oddity)})
