"""Semantic Scholar's answers: a pure parser of one batch."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.reading import counts, record, rows, text
from shared.errors import TransientError
from shared.papers.names import doi

NAME: Final = "semantic-scholar"
FIELDS: Final = "externalIds,title,venue,citationCount,influentialCitationCount,tldr"


def paper_id(identifiers: Mapping[str, str]) -> str | None:
    """Name a work as this provider does."""
    if "arxiv" in identifiers:
        return f"ARXIV:{identifiers['arxiv']}"
    return f"DOI:{identifiers['doi']}" if "doi" in identifiers else None


def parse(answer: Any, asked: Sequence[str]) -> list[Facts]:  # noqa: ANN401  # a stranger's JSON
    """Read the answer to a batch: one row for each id, in their order, null for what it does not know.

    Raises:
        TransientError: this is no such list, so nobody could tell which row is whose.

    """
    found = rows(answer, provider=NAME)
    if len(found) != len(asked):
        raise TransientError(f"{NAME} answers {len(found)} rows for {len(asked)} papers")
    return [_facts(record(row), name) for row, name in zip(found, asked, strict=True)]


def _facts(row: Mapping[str, Any], asked: str) -> Facts:
    by_arxiv = asked.startswith("ARXIV:")
    return Facts(
        provider=NAME,
        title=None if by_arxiv else text(row.get("title")),
        signals=counts(row, citations="citationCount", influential_citations="influentialCitationCount"),
        venue=text(row.get("venue"), 300),
        published=doi(text(record(row.get("externalIds")).get("DOI"), 300) or "") if by_arxiv else None,
        tldr=text(record(row.get("tldr")).get("text")),
    )
