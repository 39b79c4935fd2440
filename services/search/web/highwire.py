"""The `citation_*` tags of a paper's page, by which reference managers and Google Scholar read it. Pure."""

from collections.abc import Iterator

from services.search.web.urls import external
from shared.export.citable import citable
from shared.export.citation import people
from shared.papers.journal_references import JournalReference
from shared.papers.paper import Paper

MAX_AUTHORS = 100
"""Authors that are named; a collaboration has thousands, and the page is bounded."""


def citation_tags(paper: Paper, page: str) -> list[tuple[str, str]]:
    """Return the names and contents of the tags, in order; `page` is the whole address of our page."""
    return [(f"citation_{name}", " ".join(text.split())) for name, text in _tags(paper, page) if text]


def _tags(paper: Paper, page: str) -> Iterator[tuple[str, str]]:
    cited = citable(paper)
    place = cited.place or JournalReference("")
    first, _, last = (place.pages or "").partition("-")
    yield "title", paper.title
    for name, _ in zip(people(paper), range(MAX_AUTHORS), strict=False):
        yield "author", ", ".join(filter(None, (f"{name.full_family} {name.suffix}".strip(), name.given)))
    yield "publication_date", "/".join(f"{part:02d}" for part in cited.date)
    yield "conference_title" if place.proceedings else "journal_title", place.name
    yield "volume", place.volume or ""
    yield "issue", place.number or ""
    yield "firstpage", first
    yield "lastpage", last
    yield "doi", cited.doi
    yield "arxiv_id", cited.arxiv
    yield "language", paper.language or ""
    yield "keywords", "; ".join(paper.keywords)
    yield "abstract", paper.abstract
    yield "pdf_url", external(paper.links.pdf) or ""
    yield "abstract_html_url", external(paper.links.abs) or page
