"""OpenAlex: citations, and abstracts that no source gave."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection
from services.enricher.providers.values import author, counts, elements, identifier, name, record, rows, text
from services.enricher.works.work import Work
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHORS
from shared.papers.names import doi
from shared.papers.paper import Author

ID: Final = "openalex"
FIELDS: Final = "doi,title,cited_by_count,abstract_inverted_index,primary_location,authorships"
ARXIV: Final = "10.48550/arxiv."
MAX_WORDS: Final = 5_000
"""The most words of an abstract; later positions are errors."""
MAX_WORD: Final = 300
"""Characters of a word."""


def wants(work: Work) -> bool:
    """Return whether OpenAlex can know a work."""
    return work_doi(work.paper.identifiers) is not None


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/works` for a list of DOIs."""
    dois = {work.paper.id: each for work in works if (each := work_doi(work.paper.identifiers))}
    values = "|".join(dict.fromkeys(dois.values()))
    page = await connection.get("/works", {"filter": f"doi:{values}", "select": FIELDS, "per-page": "200"})
    found, nothing = parse(page), Facts(provider=ID)
    return {work.paper.id: _needed(work, found.get(dois[work.paper.id], nothing)) for work in works}


def _needed(work: Work, facts: Facts) -> Facts:
    """Leave out the abstract, and the oddity about it, if the work has one."""
    return facts.model_copy(update={"abstract": None, "oddities": ()}) if work.paper.abstract else facts


def work_doi(identifiers: Mapping[str, str]) -> str | None:
    """Return the DOI that OpenAlex knows a work by: its own, or the one that arXiv gives it.

    A DOI with a separator of the filter's values cannot be requested: it would break the request for all works.
    """
    own = identifiers.get("doi")
    if own and not {",", "|"} & set(own):
        return own
    return f"{ARXIV}{identifiers['arxiv']}" if "arxiv" in identifiers else None


def parse(answer: Any) -> dict[str, Facts]:  # noqa: ANN401  # a stranger's JSON
    """Parse a page of works: facts by DOI.

    Raises:
        TransientError: it is no such page.

    """
    found = {}
    for row in map(record, rows(answer, "results", provider=ID)):
        address = identifier(row.get("doi"))
        if address:
            row_doi = address.lower().removeprefix("https://doi.org/")
            found[row_doi] = _facts(row, row_doi)
    return found


def _facts(row: Mapping[str, Any], row_doi: str) -> Facts:
    abstract, oddity = unroll(record(row.get("abstract_inverted_index")))
    by_doi = doi(row_doi) is not None
    source = record(record(row.get("primary_location")).get("source"))
    return Facts(
        provider=ID,
        title=text(row.get("title")) if by_doi else None,
        signals=counts(row, citations="cited_by_count"),
        venue=name(source.get("display_name")),
        people=_people(row) if by_doi else (),
        abstract=abstract,
        oddities=(oddity,) if oddity else (),
    )


def _people(row: Mapping[str, Any]) -> tuple[Author, ...]:
    people = (record(record(one).get("author")) for one in elements(row.get("authorships"))[:MAX_AUTHORS])
    return tuple(known for one in people if (known := author(name(one.get("display_name")) or "", one.get("orcid"))))


def unroll(index: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the abstract of an inverted index (word → positions), and an oddity where positions are missing.

    A position without a word becomes "…".
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
    joined = " ".join(words.get(place, "…")[:MAX_WORD] for place in range(last + 1))
    return joined[:MAX_ABSTRACT], f"the abstract from {ID} is incomplete: words missing: {holes:,}" if holes else None
