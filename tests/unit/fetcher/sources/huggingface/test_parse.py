"""Days of Hugging Face's daily papers: of our own making, and recorded ones where they are at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.fetcher.sources.huggingface.parse import MAX_ENTRIES, Daily, parse_daily
from shared.errors import TransientError
from shared.papers.events import Item, PaperFetched
from shared.papers.paper import CodeLink, Signals
from tests.support import NOW

DAY = "2026-03-04"
DATA = Path(os.environ.get("PAPERWIRE_DATA", Path(__file__).parents[6] / "shared" / "data"))
RECORDED = sorted((DATA / "feeds" / "hf-daily").glob("*.json"))


def entry(outer: dict[str, Any] | None = None, **paper: Any) -> dict[str, Any]:
    base = {"id": "2603.00001", "title": "Folding cranes", "summary": "We fold.", "authors": [{"name": "Ada Origami"}]}
    return {"paper": {**base, **paper}, "numComments": 2, **(outer or {})}


def parse(*entries: Any) -> Daily:
    return parse_daily(json.dumps(entries).encode(), DAY)


def one(*entries: Any) -> Item:
    page = parse(*entries).page
    assert len(page.items) == 1
    return page.items[0]


def reasons(*entries: Any) -> list[tuple[str, str, bool]]:
    return [(note.where, note.reason, note.cleaned) for note in parse(*entries).page.refusals]


def test_a_daily_paper_becomes_an_item() -> None:
    full = entry(
        {"publishedAt": "2026-03-01T04:00:00.000Z", "isAuthorParticipating": False},
        title="Folding\n  cranes",
        authors=[{"name": "Ada Origami", "hidden": False}, {"name": "Eve Shy", "hidden": True}, {"name": " Bo  Fold "}],
        publishedAt="2026-03-02T17:00:00.000Z",
        submittedOnDailyAt="2026-03-04T01:12:40.364Z",
        upvotes=17,
        githubRepo="https://github.com/origami/crane/tree/main/arm",
        githubStars=31,
        projectPage="https://origami.example/crane",
    )
    day = parse(full)
    assert day.page.refusals == []
    assert day.dates == {"arXiv:2603.00001": "2026-03-04"}
    assert day.page.items == [
        Item(
            source="huggingface",
            id="arXiv:2603.00001",
            title="Folding cranes",
            abstract="We fold.",
            authors=("Ada Origami", "Bo Fold"),
            published="2026-03-02T17:00:00Z",
            url="https://huggingface.co/papers/2603.00001",
            project="https://origami.example/crane",
            code=(CodeLink(url="https://github.com/origami/crane", stars=31),),
            signals=Signals(upvotes=17, comments=2, stars=31),
        )
    ]


def test_older_days_have_fields_outside_of_the_paper() -> None:
    item = one({"paper": {"id": "2603.00001", "summary": "We fold.", "title": None}, "title": "Cranes"})
    assert (item.title, item.abstract, item.authors) == ("Cranes", "We fold.", ())
    assert item.signals == Signals(), "unknown is not zero"


def test_a_single_paper_is_flat() -> None:
    assert one(entry()["paper"]).id == "arXiv:2603.00001"


@pytest.mark.parametrize(("value", "withdrawn"), ((None, False), (False, False), ("2026-03-03T00:00:00.000Z", True)))
def test_a_withdrawn_paper_is_marked(value: object, withdrawn: bool) -> None:
    assert one(entry(withdrawnAt=value)).withdrawn is withdrawn
    assert one(entry({"withdrawnAt": value})).withdrawn is withdrawn


@pytest.mark.parametrize(
    ("reported", "date"),
    (
        ("2026-03-04T23:59:00.000Z", DAY),
        ("2026-03-05T00:01:00.000Z", "2026-03-05"),
        ("2026-03-04T23:00:00-05:00", "2026-03-05"),
        ("2025-03-04T00:00:00.000Z", DAY),
        ("99999-01-01", DAY),
        ("0000-01-01", DAY),
        (17, DAY),
        (None, DAY),
    ),
)
def test_the_daily_date_is_when_it_was_submitted_to_the_list(reported: object, date: str) -> None:
    assert parse(entry(submittedOnDailyAt=reported)).dates == {"arXiv:2603.00001": date}


def test_a_paper_outside_arxiv_has_an_id_of_the_source() -> None:
    item = one(entry(id="crane-report-7"))
    assert (item.id, item.url) == ("huggingface:crane-report-7", "https://huggingface.co/papers/crane-report-7")


@pytest.mark.parametrize(
    ("bad", "reason"),
    (
        (None, "an object was expected, not nothing"),
        ([], "an object was expected, not a list"),
        ("{'paper': {'id': '2603.00001'}}", "an object was expected, not text"),
        (7, "an object was expected, not a number"),
        (True, "an object was expected, not true or false"),
        ({}, "no id"),
        ({"paper": None}, "paper must be an object, not nothing"),
        ({"paper": "2603.00001"}, "paper must be an object, not text"),
        (entry(id=None), "no id"),
        (entry(id=2603.00001), "id must be text, not a number"),
        (entry(id="\x00\ud800"), "no id"),
        (entry(id="../../admin?x=1"), "'../../admin?x=1' is not the id of a paper"),
        (entry(id="x" * 101), "id has 101 characters; 100 is the most"),
        (entry(title=""), "no title"),
        (entry(title=" \x07 "), "no title"),
        (entry(title=["Cranes"]), "title must be text, not a list"),
        (entry(title="x" * 10_000_000), "title has 10,000,000 characters; 2,000 is the most"),
    ),
)
def test_an_invalid_paper_is_refused_alone(bad: Any, reason: str) -> None:
    """INVARIANT: one bad entry costs the others nothing."""
    good = entry(id="2603.00002")
    assert one(bad, good).id == "arXiv:2603.00002"
    assert reasons(bad, good) == [("entry 1", reason, False)]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    (
        ("summary", 7, "summary: text was expected, not a number; left out"),
        ("summary", "x" * 50_001, "summary: cut to 50,000 characters"),
        ("authors", {"name": "Ada"}, "authors: a list was expected; left out"),
        ("authors", [None, {"name": 7}, {"name": " "}, "Bo"],
         "authors: 3 of 4 were not names, or were too many; left out"),
        ("publishedAt", "99999-1-1",
         "publishedAt: '99999-1-1' is not a date between the years 1500 and 2200; left out"),
        ("publishedAt", "0000-00-00",
         "publishedAt: '0000-00-00' is not a date between the years 1500 and 2200; left out"),
        ("publishedAt", {}, "publishedAt: an object is not a date between the years 1500 and 2200; left out"),
        ("projectPage", "javascript:alert(1)",
         "projectPage: only http and https addresses of at most 2,000 characters are kept; left out"),
        ("githubRepo", ["https://x.example"],
         "githubRepo: only http and https addresses of at most 2,000 characters are kept; left out"),
        ("upvotes", -1, "upvotes: a count was expected; left out"),
        ("upvotes", True, "upvotes: a count was expected; left out"),
        ("upvotes", 2**70, "upvotes: a count was expected; left out"),
        ("githubStars", 1e9, "githubStars: a count was expected; left out"),
    ),
)  # fmt: skip
def test_invalid_optional_fields_are_left_out(field: str, value: Any, reason: str) -> None:
    assert reasons(entry(**{field: value})) == [("entry 1", reason, True)]
    assert one(entry(**{field: value})).id == "arXiv:2603.00001"


def test_characters_that_cannot_be_stored_never_come_through() -> None:
    bad = "A\x00\ud83d\x1b[31m"
    item = one(entry(title=bad, summary=bad, authors=[{"name": bad}], githubRepo="https://x.example/\x00\udc00"))
    text = PaperFetched(item=item, fetched_at=NOW).model_dump_json()
    assert "\\u00" not in text
    assert (item.title, item.authors, item.code[0].url) == ("A[31m", ("A[31m",), "https://x.example")


@pytest.mark.parametrize(
    ("body", "reason"),
    (
        (b"", "not JSON"),
        (b"<html>Just a moment...</html>", "not JSON"),
        (b"Rate exceeded.", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'[{"paper": {"id": "2603.0', "not JSON"),
        (b"null", "not a list of papers"),
        (b"{}", "not a list of papers"),
        (b'{"error": "Too\\nmany requests"}', "^the source reports an error: Too many requests$"),
    ),
)
def test_a_malformed_day_is_a_temporary_failure(body: bytes, reason: str) -> None:
    with pytest.raises(TransientError, match=reason):
        parse_daily(body, DAY)


def test_a_very_long_page_is_bounded() -> None:
    page = parse(*({} for _ in range(MAX_ENTRIES + 7))).page
    assert page.entries == MAX_ENTRIES + 7
    assert len(page.refusals) == MAX_ENTRIES + 1
    assert page.refusals[-1].reason == "only the first 1,000 of 1,007 are taken"


@pytest.mark.parametrize("path", RECORDED or [None], ids=lambda path: path.stem[-10:] if path else "none")
def test_recorded_days_are_parsed(path: Path | None) -> None:
    if path is None:
        pytest.skip(f"no recorded days in {DATA}: set PAPERWIRE_DATA")
    body = path.read_bytes()
    day = path.stem[-10:]
    rows = json.loads(body)
    read = parse_daily(body, day)
    if isinstance(rows[0], str):  # two days were saved as the text of another language's values
        assert {note.reason for note in read.page.refusals} == {"an object was expected, not text"}
        assert read.page.items == []
        return
    assert read.page.refusals == []
    assert len(read.page.items) == read.page.entries == len(rows)
    assert set(read.dates.values()) == {day}
    for row, item in zip(rows, read.page.items, strict=True):
        assert item.id == f"arXiv:{row['paper']['id']}"
        assert item.authors
        assert item.abstract
        assert item.published
        assert item.signals.upvotes == row["paper"]["upvotes"]
        assert item.signals.comments == row["numComments"]
        assert bool(item.code) == ("githubRepo" in row["paper"])


@pytest.mark.parametrize(
    ("media", "expected"),
    (
        (None, "https://cdn.example/card.png"),
        ([], "https://cdn.example/card.png"),
        ("https://cdn.example/a.png", "https://cdn.example/card.png"),
        ([7, None, {}], "https://cdn.example/card.png"),
        (["https://cdn.example/film.mp4"], "https://cdn.example/card.png"),
        (
            ["javascript:a.png", "https://cdn.example/film.mp4", "https://cdn.example/A.PNG"],
            "https://cdn.example/A.PNG",
        ),
    ),
)
def test_a_picture_that_was_sent_in_comes_before_the_card_of_the_source(media: Any, expected: str) -> None:
    assert one(entry({"thumbnail": "https://cdn.example/card.png"}, mediaUrls=media)).thumbnail == expected


def test_a_paper_without_a_picture_has_none() -> None:
    assert one(entry()).thumbnail is None
    assert one(entry({"thumbnail": "data:image/png;base64,AAAA"})).thumbnail is None
