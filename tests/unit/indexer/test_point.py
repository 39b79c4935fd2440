"""The payload of a work in the index."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.indexer.papers import payload
from shared.papers.events import PaperEnriched
from shared.papers.paper import Author, CodeLink, Component, Links, Paper, Reading, Signals, SourceRef, Trend
from tests.support import NOW


def event(**fields: Any) -> PaperEnriched:
    paper = Paper(**{"id": "arXiv:2401.00001", "title": "Paper cranes", **fields})
    aliases = ("arXiv:2401.00001", "doi:10.1000/x")
    return PaperEnriched(paper=paper, changes=(), aliases=aliases, fingerprint="f", revision=3, enriched_at=NOW)


def test_the_payload_of_a_complete_work() -> None:
    fields = payload(
        event(
            authors=(Author(name="Ada Origami"), Author(name="A. Origami")),
            published="2024-01-02",
            sources=(
                SourceRef(source="arxiv", id="1"),
                SourceRef(source="blog", id="2"),
                SourceRef(source="blog", id="3"),
            ),
            links=Links(code=(CodeLink(url="https://github.com/a/b"),)),
            trending=1.5,
        ),
        NOW,
    )
    assert fields.pop("paper")["title"] == "Paper cranes"
    assert fields == {
        "ids": ["arXiv:2401.00001", "doi:10.1000/x"],
        "author_keys": [
            "ada origami",
            "ada/ origami",
            "a origami",
            "a/ origami",
            "origami",
            "a. origami",
            "a./ origami",
        ],
        "words": {"title": "paper cranes", "abstract": ""},
        "analysis": 4,
        "source_names": ["arxiv", "blog"],
        "year": 2024,
        "has_code": True,
        "published_at": "2024-01-02T00:00:00Z",
        "indexed_at": "2026-03-04T05:06:07Z",
        "trending": 1.5,
        "fingerprint": "f",
        "revision": 3,
    }


def test_unknown_fields_are_left_out() -> None:
    fields = payload(event(), NOW)
    assert "year" not in fields
    assert "trending" not in fields
    assert fields["has_code"] is False


@pytest.mark.parametrize(
    ("fields", "ordered_at"),
    (
        ({"published": "2024-01-02T08:00:00+02:00"}, "2024-01-02T06:00:00Z"),
        ({"sources": (SourceRef(source="a", id="1", seen_at="2025-05-05T05:05:05Z"),
                      SourceRef(source="b", id="2", seen_at="2025-04-04"))}, "2025-04-04T00:00:00Z"),
        ({"sources": (SourceRef(source="a", id="1"),)}, "2026-03-04T05:06:07Z"),
    ),
)  # fmt: skip
def test_a_paper_without_a_date_is_ordered_by_its_first_sighting(fields: dict[str, Any], ordered_at: str) -> None:
    assert payload(event(**fields), NOW)["published_at"] == ordered_at


@pytest.mark.parametrize(
    ("published", "seen", "span"),
    (
        ("2024", "2025-05-05T05:05:05Z", ("2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z")),
        ("2024-02", "2025-05-05T05:05:05Z", ("2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z")),
        ("2024", "2024-05-05T05:05:05Z", ("2024-01-01T00:00:00Z", "2024-05-05T05:05:05Z")),
        ("2024", "2023-05-05T05:05:05Z", ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z")),
        ("2024-02-03", "2025-05-05T05:05:05Z", ("2024-02-03T00:00:00Z", None)),
    ),
)
def test_a_year_or_a_month_has_an_end_but_none_after_it_was_seen(published: str, seen: str, span: Any) -> None:
    fields = payload(event(published=published, sources=(SourceRef(source="a", id="1", seen_at=seen),)), NOW)
    assert (fields["published_at"], fields.get("published_until"), fields["year"]) == (*span, 2024)


def test_moments_are_in_utc() -> None:
    assert payload(event(), datetime(2026, 1, 1, tzinfo=UTC))["indexed_at"] == "2026-01-01T00:00:00Z"


def test_the_trend_and_the_readings_are_in_the_payload() -> None:
    part = Component(signal="upvotes", value=12, growth=2.5, score=3.1, weight=1.0)
    trend = Trend(key=4_100.5, strength=3.1, field="cs", since="2026-03-01T00:00:00Z", components=(part,))
    reading = Reading(at="2026-03-02T00:00:00Z", signals=Signals(upvotes=12))
    fields = payload(event().model_copy(update={"trend": trend, "readings": (reading,)}), NOW)
    assert fields["trend"]["components"] == [part.model_dump()]
    assert fields["trend"]["key"] == 4_100.5
    assert fields["readings"] == [{"at": "2026-03-02T00:00:00Z", "signals": {"upvotes": 12}}]
    assert "readings" not in payload(event(), NOW)
