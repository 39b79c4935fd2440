"""Semantic Scholar: citations, venues and summaries, five hundred works at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection
from services.enricher.providers.values import counts, identifier, name, record, rows, text
from services.enricher.works.work import Work
from shared.errors import TransientError
from shared.papers.names import doi

ID: Final = "semantic-scholar"
FIELDS: Final = "externalIds,title,venue,citationCount,influentialCitationCount,tldr"


def wants(work: Work) -> bool:
    """Return whether Semantic Scholar can know a work."""
    return paper_id(work.paper.identifiers) is not None


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Send the ids of the works to `/paper/batch`."""
    ids = [each for work in works if (each := paper_id(work.paper.identifiers))]
    answer = await connection.post("/paper/batch", {"fields": FIELDS}, {"ids": ids})
    return {work.paper.id: facts for work, facts in zip(works, parse(answer, ids), strict=True)}


def paper_id(identifiers: Mapping[str, str]) -> str | None:
    """Return the id that Semantic Scholar knows a work by."""
    if "arxiv" in identifiers:
        return f"ARXIV:{identifiers['arxiv']}"
    return f"DOI:{identifiers['doi']}" if "doi" in identifiers else None


def parse(answer: Any, asked: Sequence[str]) -> list[Facts]:  # noqa: ANN401  # a stranger's JSON
    """Parse the answer to a batch: one row for each id, in their order, null for an unknown paper.

    Raises:
        TransientError: it is no such list, so the rows cannot be assigned.

    """
    found = rows(answer, provider=ID)
    if len(found) != len(asked):
        raise TransientError(f"{ID} sent {len(found)} rows for {len(asked)} papers")
    return [_facts(record(row), each) for row, each in zip(found, asked, strict=True)]


def _facts(row: Mapping[str, Any], asked: str) -> Facts:
    by_arxiv = asked.startswith("ARXIV:")
    return Facts(
        provider=ID,
        title=None if by_arxiv else text(row.get("title")),
        signals=counts(row, citations="citationCount", influential_citations="influentialCitationCount"),
        venue=name(row.get("venue")),
        published=doi(identifier(record(row.get("externalIds")).get("DOI"))) if by_arxiv else None,
        tldr=text(record(row.get("tldr")).get("text")),
    )
