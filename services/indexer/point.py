"""The payload of a work in the index."""

from datetime import datetime
from typing import Any

from shared.moments import iso, parse_moment
from shared.papers.events import PaperEnriched
from shared.papers.names import author_keys
from shared.papers.paper import Paper


def payload(event: PaperEnriched, indexed_at: datetime) -> dict[str, Any]:
    """Return the payload of a work's point: the public paper, fields for filters and orders, and its trend."""
    paper = event.paper
    published = parse_moment(paper.published) if paper.published else None
    fields: dict[str, Any] = {
        "paper": paper.model_dump(mode="json"),
        "ids": list(event.aliases),
        "author_keys": list(dict.fromkeys(key for author in paper.authors for key in author_keys(author.name))),
        "source_names": list(dict.fromkeys(ref.source for ref in paper.sources)),
        "year": published.year if published else None,
        "has_code": bool(paper.links.code),
        "published_at": iso(published or first_seen(paper) or indexed_at),
        "indexed_at": iso(indexed_at),
        "trending": paper.trending,
        "trend": event.trend and event.trend.model_dump(mode="json"),
        "readings": [reading.model_dump(mode="json", exclude_none=True) for reading in event.readings] or None,
        "fingerprint": event.fingerprint,
        "revision": event.revision,
    }
    return {field: value for field, value in fields.items() if value is not None}


def first_seen(paper: Paper) -> datetime | None:
    """Return when the first source showed a paper, which orders a paper that has no date."""
    return min((parse_moment(ref.seen_at) for ref in paper.sources if ref.seen_at), default=None)
