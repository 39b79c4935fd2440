"""One line of the import format: what it becomes, and what is said of a bad one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.sources.files.jsonl import MAX_LINE, parse_line
from services.fetcher.sources.port import Refusal
from shared.papers.bounds import MAX_ABSTRACT, MAX_TITLE
from shared.papers.events import Item, PaperFetched
from shared.papers.paper import CodeLink, Signals
from tests.support import NOW, examples


def parse(line: bytes | dict[str, Any], source: str = "file") -> tuple[Item | None, list[Refusal]]:
    return parse_line(json.dumps(line).encode() if isinstance(line, dict) else line, 7, source)


@pytest.mark.parametrize(
    ("fields", "published", "announced", "notes"),
    (
        ({"published": 2024}, "2024", None, []),
        ({"published": "2024-02"}, "2024-02", None, []),
        ({"published": "2024-02-03", "date_basis": "stated"}, "2024-02-03", None, []),
        ({"published": "2024-02-03", "date_basis": "announced"}, None, "2024-02-03", []),
        (
            {"published": "2024", "date_basis": 7},
            "2024",
            None,
            ["date_basis: stated or announced was expected; left out"],
        ),
        ({"date_basis": "announced"}, None, None, []),
    ),
)
def test_a_date_stays_as_far_as_it_is_known_and_says_where_it_is_from(
    fields: Any, published: str | None, announced: str | None, notes: list[str]
) -> None:
    item, found = parse({"title": "Paper cranes", **fields})
    assert item
    assert (item.published, item.announced_on, [note.reason for note in found]) == (published, announced, notes)


def test_a_complete_line_becomes_an_item() -> None:
    item, notes = parse(
        {
            "id": "https://arxiv.org/abs/2401.00001v2",
            "title": "Paper cranes",
            "abstract": "Folded.",
            "authors": ["Ada Origami", {"name": "Bo Fold"}],
            "categories": ["cs.RO"],
            "published": "2024-1-2",
            "updated": "2024-01-03T04:05:06+01:00",
            "url": "https://x.example/1",
            "pdf": "https://x.example/1.pdf",
            "code": ["https://github.com/ada/cranes"],
            "doi": "10.1000/x",
            "venue": "J. Fold. 12\n(2026) 3-14",
            "upvotes": 3,
            "unheard_of": [1],
        }
    )
    assert notes == []
    assert item == Item(
        source="arxiv",
        id="arXiv:2401.00001",
        title="Paper cranes",
        abstract="Folded.",
        authors=("Ada Origami", "Bo Fold"),
        categories=("cs.RO",),
        published="2024-01-02",
        updated="2024-01-03T03:05:06Z",
        version=2,
        url="https://x.example/1",
        pdf="https://x.example/1.pdf",
        code=(CodeLink(url="https://github.com/ada/cranes"),),
        identifiers={"doi": "10.1000/x"},
        venue="J. Fold. 12 (2026) 3-14",
        signals=Signals(upvotes=3),
    )


def test_a_title_alone_is_a_paper() -> None:
    item, notes = parse({"title": "Paper cranes"})
    assert notes == []
    assert item
    assert item.id.startswith("pw:")
    again, _ = parse({"title": "PAPER  CRANES!"})
    other, _ = parse({"title": "Paper cranes", "authors": ["Ada Origami"]})
    assert again
    assert other
    assert again.id == item.id != other.id


def test_the_source_of_an_arxiv_paper_unless_one_was_named() -> None:
    for source, known in (("file", "arxiv"), ("sample", "sample")):
        item, _ = parse({"title": "x", "id": "2401.00001"}, source)
        assert item
        assert item.source == known


@pytest.mark.parametrize(
    ("line", "reason"),
    (
        (b"{", "not JSON"),
        (b"hello", "not JSON"),
        (b"nan", "not JSON"),
        (b"\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"title": ' + b"[" * 100_000, "not JSON"),
        (b'{"title": "x"} {"title": "y"}', "not JSON"),
        (b'["title"]', "a JSON object was expected, not list"),
        (b"7", "a JSON object was expected, not int"),
        (b"null", "a JSON object was expected, not NoneType"),
        ({"abstract": "x"}, "no title: every paper needs one"),
        ({"title": ""}, "no title: every paper needs one"),
        ({"title": " \n"}, "no title: every paper needs one"),
        ({"title": None}, "no title: every paper needs one"),
        ({"title": "\x00\ud800"}, "no title: every paper needs one"),
        ({"title": 7}, "title must be text, not int"),
        (b'{"title": NaN}', "title must be text, not float"),
        ({"title": ["x"]}, "title must be text, not list"),
        ({"title": "x", "abstract": {"a": 1}}, "abstract must be text, not dict"),
        ({"title": "x", "id": 7}, "id must be text, not int"),
        ({"title": "x" * (MAX_TITLE + 1)}, "the title has 2,001 characters; 2,000 is the most"),
        ({"title": "x" * 10_000_000}, f"the line is longer than {MAX_LINE:,} bytes, the most a paper may have"),
    ),
    ids=str,
)
def test_an_invalid_line_is_refused_with_its_number_and_reason(line: bytes | dict[str, Any], reason: str) -> None:
    item, refusals = parse(line)
    assert item is None
    assert len(refusals) == 1
    assert refusals[0].where == "line 7"
    assert refusals[0].reason.startswith(reason)
    assert not refusals[0].cleaned
    assert "\n" not in refusals[0].reason
    assert len(refusals[0].reason) < 300


@pytest.mark.parametrize(
    ("fields", "note", "kept"),
    (
        ({"title": "a\x00b"}, "title: characters that cannot be stored were dropped", {"title": "ab"}),
        ({"title": "a\ud800b"}, "title: characters that cannot be stored were dropped", {"title": "ab"}),
        ({"abstract": "x" * (MAX_ABSTRACT + 1)}, "abstract: cut to 50,000 characters", {}),
        ({"published": "0000-01-01"}, "published: '0000-01-01' is not a date between", {"published": None}),
        (
            {"published": "9999-12-31T23:00:00-14:00"},
            "published: '9999-12-31T23:00:00-14:00' is no",
            {"published": None},
        ),
        ({"published": "soon\ud800"}, "published: 'soon\\ud800' is not a date", {"published": None}),
        ({"updated": {"y": 1}}, "updated: \"{'y': 1}\" is not a date", {"updated": None}),
        ({"authors": [None, "Ada", 5, {"n": 1}]}, "authors: 3 entries were not text; left out", {"authors": ("Ada",)}),
        ({"authors": 7}, "authors: a list was expected; left out", {"authors": ()}),
        ({"categories": {"a": 1}}, "categories: a list was expected; left out", {"categories": ()}),
        ({"url": "javascript:alert(1)"}, "url: only http and https addresses", {"url": None}),
        ({"url": 7}, "url: only http and https addresses", {"url": None}),
        ({"pdf": "https://"}, "pdf: only http and https addresses", {"pdf": None}),
        ({"version": "two"}, "version: a small positive whole number was expected", {"version": None}),
        ({"version": True}, "version: a small positive whole number was expected", {"version": None}),
        ({"version": -1}, "version: a small positive whole number was expected", {"version": None}),
        ({"upvotes": -1}, "upvotes: a count was expected; left out", {"signals": Signals()}),
        ({"stars": "many"}, "stars: a count was expected; left out", {"signals": Signals()}),
    ),
    ids=str,
)
def test_a_repaired_paper_has_a_note(fields: dict[str, Any], note: str, kept: dict[str, Any]) -> None:
    item, notes = parse({"title": "Paper cranes", **fields})
    assert item
    assert [(one.where, one.cleaned) for one in notes] == [("line 7", True)]
    assert notes[0].reason.startswith(note)
    assert {name: getattr(item, name) for name in kept} == kept


def test_invalid_utf8_is_dropped_with_a_note() -> None:
    item, notes = parse(b'{"title": "caf\xe9 cranes"}')
    assert item
    assert item.title == "caf cranes"
    assert notes[0].cleaned


def test_a_byte_order_mark_is_accepted() -> None:
    item, notes = parse(b'\xef\xbb\xbf{"title": "Paper cranes"}')
    assert item
    assert notes == []


def test_an_invalid_code_address_is_left_out() -> None:
    item, _ = parse({"title": "x", "code": ["httpx", "javascript:x", "https://github.com/a/b"]})
    assert item
    assert item.code == (CodeLink(url="https://github.com/a/b"),)


def test_identifiers_are_read_as_the_api_writes_them_and_doi_comes_first() -> None:
    ids = {"arxiv": "2401.00001", "doi": "10.1000/other", "openreview": " aB1 "}
    item, notes = parse({"title": "x", "identifiers": ids, "doi": "10.1000/x"})
    assert item
    assert item.identifiers == {"arxiv": "2401.00001", "doi": "10.1000/x", "openreview": "aB1"}
    assert notes == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("10.1000/x", "identifiers: an object was expected; left out"),
        ({"doi": 3, "": "x", "a": ""}, "identifiers: 3 entries were empty, too long, too many or not text; left out"),
        (
            {f"k{n}": "x" for n in range(21)},
            "identifiers: 1 entries were empty, too long, too many or not text; left out",
        ),
    ],
)
def test_invalid_identifiers_are_left_out_with_a_note(value: object, words: str) -> None:
    item, notes = parse({"title": "x", "identifiers": value})
    assert item
    assert [note.reason for note in notes] == [words]


@pytest.mark.parametrize("field", [{"status": "withdrawn"}, {"withdrawn": True}])
def test_a_withdrawn_flag_is_read(field: dict[str, Any]) -> None:
    item, notes = parse({"title": "x", **field})
    assert item
    assert (item.withdrawn, notes) == (True, [])


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"status": "active"}, []),
        ({"withdrawn": False}, []),
        ({"status": "gone"}, ["status: active or withdrawn was expected; left out"]),
        ({"status": []}, ["status: active or withdrawn was expected; left out"]),
        ({"withdrawn": "no"}, ["withdrawn: true or false was expected; left out"]),
    ],
)
def test_any_other_value_is_not_withdrawn(field: dict[str, Any], words: list[str]) -> None:
    item, notes = parse({"title": "x", **field})
    assert item
    assert (item.withdrawn, [note.reason for note in notes]) == (False, words)


TEXT = st.text(st.characters(), max_size=20)
FIELDS = st.sampled_from([*Item.model_fields, *Signals.model_fields, "doi", "status"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)


def storable(item: Item | None, refusals: list[Refusal]) -> None:
    assert (item is None) == any(not refusal.cleaned for refusal in refusals)
    assert all(refusal.where == "line 7" and refusal.reason for refusal in refusals)
    if item:
        event = PaperFetched(item=item, fetched_at=NOW)
        assert PaperFetched.model_validate_json(event.model_dump_json()) == event
        assert "\\u0000" not in event.model_dump_json()


@examples(300)
@given(st.binary(max_size=60) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_end_as_an_item_or_a_refusal(line: bytes) -> None:
    """INVARIANT: no line of a file stops its import."""
    storable(*parse(line))


@examples(400)
@given(st.dictionaries(FIELDS, VALUES, max_size=8), TEXT)
def test_any_values_end_as_an_item_or_a_refusal(record: dict[str, Any], title: str) -> None:
    """INVARIANT: what is taken can be stored, read back, and is the same."""
    storable(*parse({"title": title, **record}))


def test_lines_without_an_id_are_one_paper_if_their_title_and_author_are_one_unless_it_is_a_rubric() -> None:
    def ids(title: str) -> set[str]:
        lines = (json.dumps({"title": title, "published": f"2026-0{month}-01"}).encode() for month in (1, 2))
        return {item.id for line in lines if (item := parse_line(line, 1, "file")[0])}

    assert len(ids("A census of tin boats")) == 1
    assert len(ids("Issue Information")) == 2
