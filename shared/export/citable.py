"""Where a work is cited from: its journal or its proceedings, if it appeared there, else its archive. Pure."""

from dataclasses import dataclass, replace

from shared.papers.journal_references import JournalReference, read_reference
from shared.papers.paper import Paper
from shared.papers.partial_dates import date_parts


@dataclass(frozen=True, slots=True)
class Citable:
    """What a citation says of the publication of a work. `date`: its year, and month and day as far as known.

    `place` is where it appeared; a venue that is not understood whole is a `note`.
    """

    place: JournalReference | None
    note: str
    date: tuple[int, ...]
    doi: str
    arxiv: str

    @property
    def year(self) -> str:
        """The year in four digits, or nothing."""
        return f"{self.date[0]:04d}" if self.date else ""


def citable(paper: Paper) -> Citable:
    """Return what to cite of a work: the DOI and the year of its journal's version where there is one."""
    place = read_reference(paper.venue) if paper.venue else None
    if place and (known := paper.appeared):
        told = {name: value for name, value in known if value is not None}
        place = replace(place, **told)
    date = date_parts(paper.published) if paper.published else ()
    if place and place.year and date[:1] != (place.year,):
        date = (place.year,)
    elif place and ("arxiv" in paper.identifiers or "published" in paper.identifiers):
        date = date[:1]  # the day is that of the preprint
    doi = paper.identifiers.get("published") or paper.identifiers.get("doi") or ""
    note = "" if place else paper.venue or ""
    return Citable(place, note, date, doi, paper.identifiers.get("arxiv", ""))
