"""Pages of bioRxiv and medRxiv, of our own making: none could be recorded."""

import json
from typing import Any

import pytest

from services.fetcher.sources.biorxiv.parse import parse_details
from services.fetcher.sources.json_records import Page
from shared.errors import TransientError
from shared.papers.events import Item


def row(**fields: Any) -> dict[str, Any]:
    base = {
        "doi": "10.1101/2026.03.01.000001",
        "title": "How cranes\n fold",
        "authors": "Origami, A.; Fold, B. C.;  ; Crease, C.",
        "date": "2026-3-4",
        "version": "1",
        "type": "new results",
        "license": "cc_by",
        "category": "animal behavior",
        "abstract": "Cranes fold.",
        "published": "NA",
        "server": "bioRxiv",
    }
    return {**base, **fields}


def body(*rows: Any, **message: Any) -> bytes:
    messages = [{"status": "ok", "count": len(rows), "total": str(len(rows)), **message}]
    return json.dumps({"messages": messages, "collection": rows}).encode()


def parse(*rows: Any) -> Page:
    return parse_details(body(*rows), "biorxiv")


def one(*rows: Any) -> Item:
    page = parse(*rows)
    assert len(page.items) == 1
    return page.items[0]


def test_a_new_preprint_becomes_an_item() -> None:
    page = parse(row())
    assert (page.refusals, page.entries, page.total) == ([], 1, 1)
    assert page.items == [
        Item(
            source="biorxiv",
            id="doi:10.1101/2026.03.01.000001",
            title="How cranes fold",
            abstract="Cranes fold.",
            authors=("Origami, A.", "Fold, B. C.", "Crease, C."),
            categories=("animal behavior",),
            published="2026-03-04",
            updated="2026-03-04",
            version=1,
            url="https://www.biorxiv.org/content/10.1101/2026.03.01.000001v1",
            pdf="https://www.biorxiv.org/content/10.1101/2026.03.01.000001v1.full.pdf",
            identifiers={"doi": "10.1101/2026.03.01.000001"},
            announced="new",
        )
    ]


def test_the_day_of_the_first_version_is_in_the_doi_of_a_later_one() -> None:
    item = parse_details(body(row(doi="10.64898/2026.03.01.26000001", version=3)), "medrxiv").items[0]
    assert (item.source, item.id, item.version) == ("medrxiv", "doi:10.64898/2026.03.01.26000001", 3)
    assert (item.published, item.updated, item.announced) == ("2026-03-01", "2026-03-04", "replace")
    earlier, odd = (one(row(doi=name, version=2)) for name in ("10.1101/573889", "10.1101/2026.13.41.000001"))
    assert (earlier.published, odd.published) == (None, None)
    assert item.url == "https://www.medrxiv.org/content/10.64898/2026.03.01.26000001v3"


def test_a_published_preprint_keeps_both_dois() -> None:
    item = one(row(published="10.1000/J.Cranes.7"))
    assert item.identifiers == {"doi": "10.1101/2026.03.01.000001", "published": "10.1000/j.cranes.7"}


@pytest.mark.parametrize(
    ("fields", "withdrawn"),
    (
        ({"type": "Withdrawn"}, True),
        ({"type": "withdrawal"}, True),
        ({"title": "WITHDRAWN: How cranes fold"}, True),
        ({"type": "confirmatory results"}, False),
        ({"title": "How a crane was withdrawn"}, False),
    ),
)
def test_a_withdrawn_preprint_is_marked(fields: dict[str, str], withdrawn: bool) -> None:
    assert one(row(**fields)).withdrawn is withdrawn


@pytest.mark.parametrize(
    ("bad", "reason"),
    (
        (None, "an object was expected, not nothing"),
        (["10.1101/1"], "an object was expected, not a list"),
        (row(doi=None), "no doi"),
        (row(doi=10.1101), "doi must be text, not a number"),
        (row(doi="2026.03.01.000001"), "'2026.03.01.000001' is not a DOI"),
        (row(doi="10.1101/" + "x" * 300), "doi has 308 characters; 300 is the most"),
        (row(title=None), "no title"),
        (row(title="\x00\ud800"), "no title"),
        (row(title="x" * 2_001), "title has 2,001 characters; 2,000 is the most"),
        (row(version="999999"), "version 999,999 is not plausible"),
    ),
)
def test_an_invalid_row_is_refused_alone(bad: Any, reason: str) -> None:
    """INVARIANT: the cursor moves on by all that stood on the page, read or refused."""
    page = parse(bad, row(doi="10.1101/2026.03.01.000002"))
    assert [item.id for item in page.items] == ["doi:10.1101/2026.03.01.000002"]
    assert [(note.where, note.reason, note.cleaned) for note in page.refusals] == [("preprint 1", reason, False)]
    assert page.entries == 2


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    (
        ("date", "0-1-1", "date: '0-1-1' is not a date between the years 1500 and 2200; left out"),
        ("date", "99999-1-1", "date: '99999-1-1' is not a date between the years 1500 and 2200; left out"),
        ("date", "2026-13-41", "date: '2026-13-41' is not a date between the years 1500 and 2200; left out"),
        ("version", "two", "version: a count was expected; left out"),
        ("authors", ["Origami, A."], "authors: text was expected, not a list; left out"),
        ("published", "soon", "published: 'soon' is not a DOI; left out"),
        ("abstract", "x" * 50_001, "abstract: cut to 50,000 characters"),
        ("category", 7, "category: text was expected, not a number; left out"),
    ),
)
def test_invalid_optional_fields_are_left_out(field: str, value: Any, reason: str) -> None:
    page = parse(row(**{field: value}))
    assert len(page.items) == 1
    assert [(note.reason, note.cleaned) for note in page.refusals] == [(reason, True)]


def test_characters_that_cannot_be_stored_never_come_through() -> None:
    bad = "A\x00\ud83d\x1b"
    item = one(row(title=bad, abstract=bad, authors=f"{bad}; \x00;", category=bad))
    assert (item.title, item.abstract, item.authors, item.categories) == ("A", "A", ("A",), ("A",))


@pytest.mark.parametrize("status", ("no posts found", "No posts found for this interval"))
def test_a_window_without_preprints_is_empty(status: str) -> None:
    for document in ({"messages": [{"status": status}], "collection": []}, {"messages": [{"status": status}]}):
        page = parse_details(json.dumps(document).encode(), "biorxiv")
        assert (page.items, page.refusals, page.entries) == ([], [], 0)


@pytest.mark.parametrize("total", ("many", None, -3, [], {}))
def test_an_invalid_total_is_unknown(total: object) -> None:
    assert parse_details(body(row(), total=total), "biorxiv").total is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    (
        (b"", "not JSON"),
        (b"<html>Checking your browser</html>", "not JSON"),
        (b"[]", "not a page of preprints"),
        (b'{"messages": "x"}', "not a page of preprints"),
        (b'{"messages": [null], "collection": null}', "not a page of preprints"),
        (b'{"messages": [{"status": "Error: bad\\ninterval"}]}', "^the source answers: error: bad interval$"),
    ),
)
def test_a_malformed_page_is_a_temporary_failure(answer: bytes, reason: str) -> None:
    with pytest.raises(TransientError, match=reason):
        parse_details(answer, "biorxiv")
