"""A work as the enricher stores it, and the event that it publishes about a work."""

from datetime import datetime

from services.enricher.works.identity import fingerprint
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change, Model, Paper, Reading, Trend


class Work(Model):
    """What the enricher stores of a work."""

    paper: Paper
    aliases: tuple[str, ...]
    told_by: str
    """The source of the title and abstract."""
    trust: int = 0
    """How much the text of that source counts against that of another, as its item said."""
    revision: int = 1
    trend: Trend | None = None
    readings: tuple[Reading, ...] = ()
    trended: tuple[str, ...] = ()
    """The windows in which a change said that it trends; each once."""
    cooled: bool = True
    """Whether it fell well below the bar since: a strength that hovers about the bar makes one change."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the paper's text: equal texts are embedded once."""
        return fingerprint(self.paper.title, self.paper.abstract)


def enriched_event(
    work: Work, changes: tuple[Change, ...], at: datetime, merged: tuple[str, ...] = ()
) -> PaperEnriched:
    """Build the event about a work and its changes; `merged` are works that turned out to be this one.

    A withdrawn work does not trend, whatever its counters are.
    """
    withdrawn = work.paper.status == "withdrawn"
    return PaperEnriched(
        paper=work.paper.model_copy(update={"trending": None}) if withdrawn else work.paper,
        changes=changes,
        aliases=work.aliases,
        fingerprint=work.fingerprint,
        revision=work.revision,
        merged=merged,
        trend=None if withdrawn else work.trend,
        readings=work.readings,
        enriched_at=at,
    )
