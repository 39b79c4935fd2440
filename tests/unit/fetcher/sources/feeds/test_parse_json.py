"""JSON Feeds of our own making, by way of the parser of all feeds."""

import json
from typing import Any

import pytest

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.port import Poll
from shared.errors import TransientError
from shared.papers.events import Item, PaperFetched
from tests.support import NOW

VERSION = "https://jsonfeed.org/version/1.1"


def body(*items: Any, **fields: Any) -> bytes:
    return json.dumps({"version": VERSION, "title": "Cranes weekly", "items": items, **fields}).encode()


def parse(*items: Any, **fields: Any) -> Poll:
    return parse_feed(body(*items, **fields), "cranes", "https://x.example/feed", 100)


def one(**fields: Any) -> Item:
    items = parse({"title": "Paper cranes", "id": "urn:x:1", **fields}).items
    assert len(items) == 1
    return items[0]


def test_json_feed_1_1_is_parsed() -> None:
    poll = parse(
        {
            "id": "https://x.example/1",
            "url": "https://x.example/1",
            "title": "Paper\n cranes",
            "summary": "Folded.",
            "content_html": "<p>Folded in many steps.</p>",
            "date_published": "2024-01-02T08:00:00+02:00",
            "date_modified": "2024-01-03T08:00:00Z",
            "authors": [{"name": "Ada Origami", "url": "https://x.example/ada"}, {"url": "https://x.example/bo"}],
            "tags": ["folding", "paper"],
        }
    )
    assert poll.detail == "Cranes weekly"
    assert [note.reason for note in poll.refusals] == ["authors: 1 of 2 were not names, or were too many; left out"]
    assert poll.items == [
        Item(
            source="cranes",
            id="https://x.example/1",
            title="Paper cranes",
            abstract="Folded.",
            authors=("Ada Origami",),
            categories=("folding", "paper"),
            published="2024-01-02T06:00:00Z",
            updated="2024-01-03T08:00:00Z",
            url="https://x.example/1",
        )
    ]


def test_json_feed_1_has_one_author() -> None:
    (item,) = parse(
        {"id": 17, "title": "Cranes", "content_text": "Folded.", "author": {"name": "Ada Origami"}},
        version="https://jsonfeed.org/version/1",
    ).items
    assert (item.id, item.abstract, item.authors) == ("cranes:17", "Folded.", ("Ada Origami",))


@pytest.mark.parametrize(
    "fields",
    (
        {"id": "https://arxiv.org/abs/2401.00001v2"},
        {"id": "oai:arXiv.org:2401.00001v2"},
        {"id": "7", "url": "https://arxiv.org/pdf/2401.00001v2"},
        {"id": "7", "url": "https://x.example/7", "external_url": "http://arxiv.org/abs/2401.00001v2"},
    ),
)
def test_a_paper_of_the_archive_is_known_by_its_id_or_links_and_the_feed_keeps_its_name(fields: dict[str, str]) -> None:
    item = one(**fields)
    assert (item.source, item.id, item.version) == ("cranes", "arXiv:2401.00001", None)


@pytest.mark.parametrize(
    ("fields", "own"),
    (
        ({"id": "10.1000/X"}, "doi:10.1000/x"),
        ({"id": None, "url": "https://x.example/1"}, "https://x.example/1"),
        ({"id": None}, "cranes:Paper cranes"),
        ({"id": True}, "cranes:Paper cranes"),
        ({"id": 10**30}, "cranes:Paper cranes"),
        ({"id": "a\x00b"}, "cranes:ab"),
    ),
)
def test_a_local_id_is_qualified_with_its_feed(fields: dict[str, Any], own: str) -> None:
    assert one(**fields).id == own


@pytest.mark.parametrize(
    ("bad", "reason"),
    (
        (None, "an object was expected, not nothing"),
        ("x", "an object was expected, not text"),
        ({"id": "1"}, "no title"),
        ({"id": "1", "title": 7}, "title must be text, not a number"),
        ({"id": "1", "title": "x" * 2_001}, "title has 2,001 characters; 2,000 is the most"),
    ),
)
def test_an_invalid_entry_is_refused_alone(bad: Any, reason: str) -> None:
    poll = parse(bad, {"id": "2", "title": "Cranes"})
    assert [item.id for item in poll.items] == ["cranes:2"]
    assert [(note.where, note.reason, note.cleaned) for note in poll.refusals] == [("entry 1", reason, False)]


def test_two_entries_with_one_id_are_two_items() -> None:
    found = parse({"id": "1", "title": "One"}, {"id": "1", "title": "Two"}, {"id": "1", "title": "Two"})
    assert [item.title for item in found.items] == ["One", "Two"]
    assert [(note.where, note.cleaned) for note in found.refusals] == [("“Two”", True)]


@pytest.mark.parametrize("link", ("javascript:alert(1)", "data:text/html,x", 7, "https://x.example/a b"))
def test_only_http_links_are_kept(link: Any) -> None:
    assert one(url=link, external_url=link).url is None


@pytest.mark.parametrize("date", ("0000-01-01T00:00:00Z", "99999-01-01", "soon", True, {}))
def test_an_impossible_date_is_left_out(date: Any) -> None:
    item = one(date_published=date, date_modified=date)
    assert (item.published, item.updated) == (None, None)


def test_characters_that_cannot_be_stored_never_come_through() -> None:
    bad = "A\x00\ud83d\x1b"
    item = one(title=bad, content_html=bad, authors=[{"name": bad}], tags=[bad, None], id=f"urn:{bad}")
    assert "\\u00" not in PaperFetched(item=item, fetched_at=NOW).model_dump_json()
    assert (item.title, item.abstract, item.authors, item.categories) == ("A", "A", ("A",), ("A",))


def test_a_byte_order_mark_and_blanks_are_skipped() -> None:
    assert parse_feed(b"\xef\xbb\xbf \n" + body(), "cranes").detail == "Cranes weekly"


@pytest.mark.parametrize(
    "answer",
    (
        b"{}",
        b'{"error": "rate limited"}',
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b'{"version": 1, "items": []}',
        b'{"version": "2.0", "items": []}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [',
    ),
)
def test_other_json_is_a_temporary_failure(answer: bytes) -> None:
    with pytest.raises(TransientError, match=r"not a feed but other JSON|not JSON but something else"):
        parse_feed(answer, "cranes")


def test_fifty_thousand_items_are_bounded() -> None:
    poll = parse(*({"id": str(number), "title": "x"} for number in range(50_000)))
    assert len(poll.items) == 100
    assert [note.reason for note in poll.refusals] == ["only the first 100 of 50,000 are taken"]


def test_the_orcid_of_an_author_is_read_from_the_address() -> None:
    people = [{"name": "Ada Origami", "url": "https://orcid.org/0000-0002-1825-0097"}, {"name": "Bo", "url": 7}, "Cy"]
    assert one(authors=people).orcids == {"Ada Origami": "0000-0002-1825-0097"}
