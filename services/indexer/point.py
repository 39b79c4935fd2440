"""What a work becomes in the index: its payload, and the text that is embedded."""

from datetime import UTC, datetime
from typing import Any

from shared.papers.events import PaperEnriched
from shared.papers.names import author_keys
from shared.papers.paper import Paper


def payload(event: PaperEnriched, indexed_at: datetime) -> dict[str, Any]:
    """Write the payload of a work's point: the public paper, what filters and orders need of it, why it trends."""
    paper = event.paper
    published = moment(paper.published)
    fields: dict[str, Any] = {
        "paper": paper.model_dump(mode="json"),
        "ids": list(event.aliases),
        "author_keys": list(dict.fromkeys(key for author in paper.authors for key in author_keys(author.name))),
        "source_names": list(dict.fromkeys(ref.source for ref in paper.sources)),
        "year": published.year if published else None,
        "has_code": bool(paper.links.code),
        "published_at": rfc3339(published or first_seen(paper) or indexed_at),
        "indexed_at": rfc3339(indexed_at),
        "trending": paper.trending,
        "trend": event.trend and event.trend.model_dump(mode="json"),
        "readings": [reading.model_dump(mode="json", exclude_none=True) for reading in event.readings] or None,
        "fingerprint": event.fingerprint,
        "revision": event.revision,
    }
    return {name: value for name, value in fields.items() if value is not None}


def first_seen(paper: Paper) -> datetime | None:
    """Tell when the first source showed a paper: its place among the newest when it has no date of its own."""
    moments = [moment(ref.seen_at) for ref in paper.sources]
    return min((m for m in moments if m), default=None)


def moment(text: str | None) -> datetime | None:
    """Read a paper's date or moment; a date stands for its midnight in UTC."""
    if text is None:
        return None
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def rfc3339(value: datetime) -> str:
    """Write a moment as the index orders it."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
