"""The ids that a work is known by, from its JSON. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.papers.names import canonical_id


def known_ids(paper: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of a paper, as the index and the events hold it: its own first, each once and canonical."""
    return tuple(dict.fromkeys(filter(None, _ids(paper))))


def _ids(paper: Mapping[str, Any]) -> Iterator[str | None]:
    yield paper["id"]
    yield paper.get("first_id")
    for kind, name in (paper.get("identifiers") or {}).items():
        yield f"arXiv:{name}" if kind == "arxiv" else canonical_id(name)
    yield from (canonical_id(source["id"]) for source in paper.get("sources") or ())
