"""Notes of OpenReview, of our own making: none could be recorded."""

import json
from typing import Any

import pytest

from services.fetcher.sources.openreview.parse import Notes, parse_notes, parse_token, refusal
from shared.errors import TransientError
from shared.papers.events import Item

VENUE = "Cranes.example/2026/Conference"
MARCH_4 = 1_772_582_400_000


def note(outer: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    fields = {
        "title": "Folding\n cranes",
        "abstract": "We fold.",
        "authors": ["Ada Origami", "Bo Fold"],
        "keywords": ["folding"],
        "venue": "Cranes 2026 poster",
        "venueid": VENUE,
        "pdf": "/pdf/0123456789abcdef.pdf",
        **content,
    }
    return {
        "id": "aB3_x-9Q1z",
        "forum": "aB3_x-9Q1z",
        "cdate": MARCH_4,
        "tcdate": MARCH_4 + 5,
        "mdate": MARCH_4 + 86_400_000,
        "content": {name: {"value": value, "readers": ["everyone"]} for name, value in fields.items()},
        **(outer or {}),
    }


def parse(*rows: Any) -> Notes:
    return parse_notes(json.dumps({"notes": rows, "count": len(rows)}).encode())


def one(*rows: Any) -> Item:
    items = parse(*rows).page.items
    assert len(items) == 1
    return items[0]


def test_a_submission_becomes_an_item() -> None:
    read = parse(note())
    assert (read.page.refusals, read.page.entries, read.page.total, read.newest) == ([], 1, 1, MARCH_4 + 5)
    assert read.page.items == [
        Item(
            source="openreview",
            id="openreview:aB3_x-9Q1z",
            title="Folding cranes",
            abstract="We fold.",
            authors=("Ada Origami", "Bo Fold"),
            categories=(VENUE,),
            published="2026-03-04T00:00:00Z",
            updated="2026-03-05T00:00:00Z",
            url="https://openreview.net/forum?id=aB3_x-9Q1z",
            pdf="https://openreview.net/pdf?id=aB3_x-9Q1z",
            venue="Cranes 2026 poster",
        )
    ]


def test_authors_are_strings_or_objects() -> None:
    people = ["Ada Origami", {"fullname": "Bo Fold", "username": "~Bo_Fold1"}, {"username": "~Cy_Crease1"}]
    assert one(note(authors=people)).authors == ("Ada Origami", "Bo Fold", "~Cy_Crease1")


def test_the_publication_date_precedes_the_submission_date() -> None:
    assert one(note({"pdate": MARCH_4 + 86_400_000})).published == "2026-03-05T00:00:00Z"


@pytest.mark.parametrize(
    ("stage", "withdrawn"),
    (("Submission", False), ("Rejected_Submission", False), ("Withdrawn_Submission", True),
     ("Desk_Rejected_Submission", False)),
)  # fmt: skip
def test_the_decision_is_read_from_the_venue_id(stage: str, withdrawn: bool) -> None:
    item = one(note(venueid=f"{VENUE}/{stage}"))
    assert item.categories == (VENUE, f"{VENUE}/{stage}")
    assert item.withdrawn is withdrawn
    assert item.venue is None, "it has not taken the submission"


@pytest.mark.parametrize(
    "venue",
    ("Submitted to Cranes 2026", "Under review for Cranes", "Rejected by Cranes", "Decision pending", " ", None, 3),
)
def test_an_undecided_venue_is_no_venue(venue: object) -> None:
    assert one(note(venue=venue)).venue is None


def test_a_deleted_note_is_withdrawn() -> None:
    assert one(note({"ddate": MARCH_4})).withdrawn
    assert not one(note({"ddate": None})).withdrawn


@pytest.mark.parametrize(
    ("pdf", "kept"),
    (("https://x.example/a.pdf", "https://x.example/a.pdf"), ("javascript:alert(1)", None), (7, None), (None, None)),
)
def test_only_http_links_are_kept(pdf: object, kept: str | None) -> None:
    assert one(note(pdf=pdf)).pdf == kept


@pytest.mark.parametrize(
    ("bad", "reason"),
    (
        (None, "an object was expected, not nothing"),
        ({}, "no id"),
        (note({"id": 7}), "id must be text, not a number"),
        (note({"id": "../x"}), "'../x' is not the id of a note"),
        (note({"id": "x" * 101}), "id has 101 characters; 100 is the most"),
        (note({"forum": "another"}), "it is a reply to a submission"),
        (note({"content": None}), "no content"),
        (note({"content": {"title": "bare"}}), "no title"),
        (note(title=None), "no title"),
        (note(title={"value": "x"}), "title must be text, not an object"),
        (note(title="\ud800\x00"), "no title"),
        (note(title="x" * 2_001), "title has 2,001 characters; 2,000 is the most"),
    ),
)
def test_an_invalid_submission_is_refused_alone(bad: Any, reason: str) -> None:
    read = parse(bad, note({"id": "other", "forum": "other"}))
    assert [item.id for item in read.page.items] == ["openreview:other"]
    assert [(found.where, found.reason, found.cleaned) for found in read.page.refusals] == [("note 1", reason, False)]


@pytest.mark.parametrize("date", (10**17, -(10**17), -62_135_596_800_001, 253_402_300_800_000, True, "soon", [], 1.5))
def test_an_impossible_date_is_left_out(date: object) -> None:
    page = parse(note({"cdate": date, "mdate": date})).page
    assert (page.items[0].published, page.items[0].updated) == (None, None)
    assert [found.cleaned for found in page.refusals] == [True, True]


def test_the_newest_note_is_found_among_invalid_ones() -> None:
    rows = [None, note({"tcdate": "soon", "cdate": 5}), note({"tcdate": -1, "cdate": None}), note({"tcdate": 9})]
    assert parse(*rows).newest == 9


def test_characters_that_cannot_be_stored_never_come_through() -> None:
    bad = "A\x00\ud83d\x1b"
    item = one(note(title=bad, abstract=bad, authors=[bad, {"fullname": bad}], venueid=bad))
    assert (item.title, item.abstract, item.authors, item.categories) == ("A", "A", ("A", "A"), ("A",))


@pytest.mark.parametrize("answer", (b"", b"<html>", b"[]", b'{"notes": null}', b'{"name": "RateLimitError"}'))
def test_a_malformed_page_of_notes_is_a_temporary_failure(answer: bytes) -> None:
    with pytest.raises(TransientError, match=r"not a page of notes|not JSON"):
        parse_notes(answer)


@pytest.mark.parametrize(
    ("answer", "token"),
    (
        (b'{"token": "abc.def-1", "user": {}}', "abc.def-1"),
        (b'{"token": "a\\r\\nX-Evil: 1"}', None),
        (b'{"token": ""}', None),
        (b'{"token": 7}', None),
        (b'{"mfaPending": true}', None),
        (b"[]", None),
    ),
)
def test_a_token_must_fit_into_a_header(answer: bytes, token: str | None) -> None:
    assert parse_token(answer) == token


@pytest.mark.parametrize(
    ("answer", "words"),
    (
        (b'{"name": "ChallengeRequiredError", "message": "Please\\nverify"}', "ChallengeRequiredError: Please verify"),
        (b'{"message": "x"}', "x"),
        (b'{"message": {}}', "no reason given"),
        (b"[1]", "no reason given"),
        (b"<html>", "the answer is not JSON but something else, such as a challenge page"),
    ),
)
def test_a_refusal_has_its_reason(answer: bytes, words: str) -> None:
    assert refusal(answer) == words
