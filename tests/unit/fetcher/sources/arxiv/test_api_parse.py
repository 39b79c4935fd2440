"""Answers of arXiv's API, of our own making and recorded."""

import os
from pathlib import Path

import pytest

from services.fetcher.sources.arxiv.api_parse import read_slice
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item

DATA = Path(os.environ.get("PAPERWIRE_DATA", Path(__file__).parents[6] / "shared" / "data"))
RECORDED = sorted((DATA / "feeds" / "arxiv-atom-api").glob("*.xml"))
HEAD = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom"><title>Query</title>'
)
ENTRY = """<entry><id>http://arxiv.org/abs/2603.00001v2</id><title>Paper
  cranes</title><updated>2026-03-04T05:06:07Z</updated><published>2026-03-01T05:06:07Z</published>
  <summary> Folded by a robot. </summary><author><name>Ada  Origami</name>
  <arxiv:affiliation>Paper Institute</arxiv:affiliation></author>
  <author><arxiv:affiliation>Crane Lab</arxiv:affiliation><name>Bo Fold</name></author><author><name/></author>
  <category term="cs.LG"/><category term="cs.RO"/><arxiv:primary_category term="cs.RO"/>
  <arxiv:comment>5 pages</arxiv:comment><arxiv:journal_ref>J. Fold. 12
  (2026) 3-14</arxiv:journal_ref><arxiv:doi>10.1000/x 10.1000/y</arxiv:doi></entry>"""


def answer(*entries: str, total: str = "1") -> bytes:
    counts = f"<opensearch:totalResults>{total}</opensearch:totalResults>"
    return f"{HEAD}{counts}{''.join(entries)}</feed>".encode()


def test_a_complete_entry_becomes_an_item() -> None:
    found = read_slice(answer(ENTRY, total="214881"))
    assert (found.total, found.entries, found.refusals) == (214_881, 1, [])
    assert found.items == [
        Item(
            source="arxiv",
            id="arXiv:2603.00001",
            title="Paper cranes",
            abstract="Folded by a robot.",
            authors=("Ada Origami", "Bo Fold"),
            categories=("cs.RO", "cs.LG"),
            published="2026-03-01T05:06:07Z",
            updated="2026-03-04T05:06:07Z",
            version=2,
            url="https://arxiv.org/abs/2603.00001",
            identifiers={"doi": "10.1000/x"},
            venue="J. Fold. 12 (2026) 3-14",
        )
    ]


def test_items_built_without_validation_are_valid() -> None:
    item = read_slice(answer(ENTRY)).items[0]
    assert Item.model_validate_json(item.model_dump_json()) == item
    assert item.model_fields_set == set(Item.model_fields)


def test_a_withdrawal_is_read_from_the_comment() -> None:
    assert read_slice(answer(ENTRY.replace("5 pages", "withdrawn by the authors"))).items[0].withdrawn


def test_invalid_entries_are_refused_one_by_one() -> None:
    odd = ENTRY.replace("http://arxiv.org/abs/2603.00001v2", "https://cranes.example/1")
    nameless = ENTRY.replace("Paper\n  cranes", " ")
    found = read_slice(answer(odd, ENTRY, nameless))
    assert [item.id for item in found.items] == ["arXiv:2603.00001"]
    assert [(note.where, note.reason) for note in found.refusals] == [
        ("entry 1", "no arXiv id"),
        ("entry 3", "no title"),
    ]
    assert found.entries == 3


@pytest.mark.parametrize("total", ("", "many", "-3", "１"))
def test_an_invalid_total_is_unknown(total: str) -> None:
    assert read_slice(answer(ENTRY, total=total)).total == 0


def test_an_error_entry_is_an_error() -> None:
    error = "<entry><id>https://arxiv.org/api/errors#bad</id><title>Error</title><summary>bad  id</summary></entry>"
    with pytest.raises(PermanentError, match="the API reports an error: bad id"):
        read_slice(answer(error))


@pytest.mark.parametrize("body", (b"", b"Rate exceeded.", b"<html><body>busy</body></html>", answer(ENTRY)[:-30]))
def test_a_malformed_answer_is_a_temporary_failure(body: bytes) -> None:
    with pytest.raises(TransientError, match="the API's answer is not Atom"):
        read_slice(body)


@pytest.mark.skipif(not RECORDED, reason="no recorded answers: set PAPERWIRE_DATA")
def test_recorded_answers_are_parsed() -> None:
    items = 0
    for path in RECORDED:
        if path.name.startswith("id_abc"):
            with pytest.raises(PermanentError, match="incorrect id format for abc"):
                read_slice(path.read_bytes())
            continue
        found = read_slice(path.read_bytes())
        assert found.refusals == []
        assert len(found.items) == found.entries <= found.total
        assert all(item.version and item.published and item.authors and item.categories for item in found.items)
        assert all(Item.model_validate_json(item.model_dump_json()) == item for item in found.items)
        items += len(found.items)
    assert items > 150
