"""A work as the enricher remembers it, and how the rest of the system is told of it."""

from datetime import datetime

from services.enricher.works.identity import fingerprint
from shared.papers.events import PaperEnriched
from shared.papers.paper import Change, Model, Paper, Reading, Trend


class Work(Model):
    """What the enricher remembers of a work."""

    paper: Paper
    aliases: tuple[str, ...]
    told_by: str
    """The source whose title and abstract the paper has."""
    trust: int = 0
    """How much the words of that source count beside another's, as its item said."""
    revision: int = 1
    trend: Trend | None = None
    readings: tuple[Reading, ...] = ()
    trended: tuple[str, ...] = ()
    """The windows in which it was told as trending; each once."""
    cooled: bool = True
    """Whether it fell well below the bar since: a strength that hovers about the bar is told once."""

    @property
    def fingerprint(self) -> str:
        """Name the text of the paper: equal texts are embedded once."""
        return fingerprint(self.paper.title, self.paper.abstract)


def told(work: Work, changes: tuple[Change, ...], at: datetime, merged: tuple[str, ...] = ()) -> PaperEnriched:
    """Tell a work and what has happened to it; `merged` are works that turned out to be this one.

    A withdrawn work trends no more, whatever its counters say.
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
