"""OpenAlex: citations, and abstracts that no source gave."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection
from services.enricher.providers.values import counts, record, rows, text
from services.enricher.works.work import Work
from shared.papers.names import doi

ID: Final = "openalex"
FIELDS: Final = "doi,title,cited_by_count,abstract_inverted_index,primary_location"
ARXIV: Final = "10.48550/arxiv."
MAX_WORDS: Final = 5_000
"""A position beyond this is no place in an abstract."""


def wants(work: Work) -> bool:
    """Return whether it can know a work."""
    return work_doi(work.paper.identifiers) is not None


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/works` for a list of DOIs."""
    names = {work.paper.id: name for work in works if (name := work_doi(work.paper.identifiers))}
    dois = "|".join(dict.fromkeys(names.values()))
    page = await connection.get("/works", {"filter": f"doi:{dois}", "select": FIELDS, "per-page": "200"})
    found, nothing = parse(page), Facts(provider=ID)
    return {work.paper.id: _needed(work, found.get(names[work.paper.id], nothing)) for work in works}


def _needed(work: Work, facts: Facts) -> Facts:
    """Leave out the abstract, and what is odd about it, where the work has one."""
    return facts.model_copy(update={"abstract": None, "oddities": ()}) if work.paper.abstract else facts


def work_doi(identifiers: Mapping[str, str]) -> str | None:
    """Name a work as this provider does: its DOI, or the one that arXiv gives it.

    A DOI with a sign that parts the values of a filter cannot be asked for: it would spoil the question for all.
    """
    own = identifiers.get("doi")
    if own and not {",", "|"} & set(own):
        return own
    return f"{ARXIV}{identifiers['arxiv']}" if "arxiv" in identifiers else None


def parse(answer: Any) -> dict[str, Facts]:  # noqa: ANN401  # a stranger's JSON
    """Read a page: DOI → facts. Raises TransientError when it is no page of works."""
    found = {}
    for row in map(record, rows(answer, "results", provider=ID)):
        address = text(row.get("doi"), 300)
        if address:
            name = address.lower().removeprefix("https://doi.org/")
            found[name] = _facts(row, name)
    return found


def _facts(row: Mapping[str, Any], name: str) -> Facts:
    abstract, oddity = unroll(record(row.get("abstract_inverted_index")))
    by_journal = doi(name) is not None
    source = record(record(row.get("primary_location")).get("source"))
    return Facts(
        provider=ID,
        title=text(row.get("title")) if by_journal else None,
        signals=counts(row, citations="cited_by_count"),
        venue=text(source.get("display_name"), 300),
        abstract=abstract,
        oddities=(oddity,) if oddity else (),
    )


def unroll(index: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Put the words of an inverted index (word → positions) in their places; the second text says what was odd.

    A place that no word has is a hole, and reads "…".
    """
    words: dict[int, str] = {}
    for word, places in index.items():
        for place in places if isinstance(places, list) else ():
            if isinstance(place, int) and 0 <= place < MAX_WORDS:
                words.setdefault(place, word)
    if not words:
        return None, None
    last = max(words)
    holes = last + 1 - len(words)
    joined = " ".join(words.get(place, "…") for place in range(last + 1))
    return joined, f"the abstract from {ID} has {holes:,} holes" if holes else None
