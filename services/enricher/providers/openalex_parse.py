"""OpenAlex's answers: a pure parser of one page of works."""

from collections.abc import Mapping
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.reading import counts, record, rows, text
from shared.papers.names import doi

NAME: Final = "openalex"
FIELDS: Final = "doi,title,cited_by_count,abstract_inverted_index,primary_location"
ARXIV: Final = "10.48550/arxiv."
MAX_WORDS: Final = 5_000
"""A position beyond this is no place in an abstract."""


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
    for row in map(record, rows(answer, "results", provider=NAME)):
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
        provider=NAME,
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
    return joined, f"the abstract from {NAME} has {holes:,} holes" if holes else None
