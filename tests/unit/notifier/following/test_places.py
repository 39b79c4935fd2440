"""What the adapters read of an item: its ids wherever they stand, its title, and when it was added."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.notifier.fields.likes_from import LikesFrom
from services.notifier.following import orcid_record, scholar_author, zotero
from services.notifier.following.port import MAX_ITEMS, Item, newest
from services.notifier.subscription.model import Criteria

PLACE: TypeAdapter[Any] = TypeAdapter(LikesFrom)


def item(**data: Any) -> Item | None:
    return zotero.parse({"key": "AAAA2222", "version": 4, "data": {"key": "AAAA2222", "itemType": "preprint"} | data})


@pytest.mark.parametrize(
    "data",
    (
        {"DOI": "10.48550/arXiv.2603.00001"},
        {"archiveID": "arXiv:2603.00001", "repository": "arXiv"},
        {"url": "http://arxiv.org/abs/2603.00001v3"},
        {"extra": "arXiv:2603.00001 [cs]"},
        {"extra": "tex.note: x\narXiv ID: 2603.00001"},
        {"publicationTitle": "arXiv:2603.00001 [cs]"},
        {"reportNumber": "arXiv:2603.00001"},
        {"extra": "DOI: 10.48550/arXiv.2603.00001"},
    ),
)
def test_an_arxiv_id_is_read_wherever_zotero_keeps_it(data: dict[str, str]) -> None:
    found = item(**data)
    assert found is not None
    assert found.ids == ("arXiv:2603.00001",)


def test_an_item_keeps_all_its_ids_its_title_and_its_date() -> None:
    found = item(
        DOI="10.5555/ABC", extra="arXiv: 2603.00001", title=" Two\nlines ", dateAdded="2026-03-01T08:00:00Z", url="x"
    )
    assert found == Item(
        key="AAAA2222", ids=("doi:10.5555/abc", "arXiv:2603.00001"), title="Two lines", added="2026-03-01T08:00:00Z"
    )


@pytest.mark.parametrize("kind", ("attachment", "note", "annotation"))
def test_notes_and_files_are_no_papers(kind: str) -> None:
    found = item(itemType=kind, title="Full Text PDF", url="https://arxiv.org/pdf/2603.00001")
    assert found is not None
    assert not found.is_paper


@pytest.mark.parametrize(
    "row",
    (
        None,
        [],
        {"key": 1, "data": {}},
        {"key": "A", "data": None},
        {"data": {"title": "x"}},
        {"key": "A" * 101, "data": {}},
    ),
)
def test_a_row_of_another_shape_is_left_out(row: Any) -> None:
    assert zotero.parse(row) is None


def test_values_of_another_kind_or_length_count_as_missing() -> None:
    assert item(DOI=5, title=["x"], extra={}, url=None, dateAdded=1) == Item(key="AAAA2222")
    assert item(itemType=["note"], dateAdded="9" * 50_000) == Item(key="AAAA2222")


def test_a_work_of_orcid_has_its_own_ids_only() -> None:
    group = {
        "last-modified-date": {"value": 1772000000000},
        "external-ids": {
            "external-id": [
                {
                    "external-id-type": "doi",
                    "external-id-value": "10.5555/Own",
                    "external-id-normalized": {"value": "10.5555/own", "transient": True},
                    "external-id-url": {"value": "https://doi.org/10.5555/Own"},
                    "external-id-relationship": "self",
                },
                {
                    "external-id-type": "doi",
                    "external-id-value": "10.5555/proceedings",
                    "external-id-relationship": "part-of",
                },
                {"external-id-type": "arxiv", "external-id-value": "2603.00001", "external-id-relationship": "self"},
                {"external-id-type": "isbn", "external-id-value": "978-0", "external-id-relationship": "self"},
            ]
        },
        "work-summary": [
            {
                "put-code": 733536,
                "title": {"title": {"value": "Cranes"}, "subtitle": None},
                "type": "journal-article",
                "publication-date": {"year": {"value": "2026"}, "month": {"value": "03"}, "day": None},
            }
        ],
    }
    assert orcid_record.parse(group) == Item(
        key="733536", ids=("doi:10.5555/own", "arXiv:2603.00001"), title="Cranes", added="2026-03"
    )
    assert orcid_record.parse({"work-summary": []}) is None


def test_a_paper_of_semantic_scholar_has_its_external_ids() -> None:
    row = {
        "paperId": "649def34f8be52c8b66281af98ae884c09aef38b",
        "externalIds": {"MAG": "112218234", "DOI": "10.5555/Own", "ArXiv": "2603.00001"},
        "title": "Cranes",
        "year": 2026,
        "publicationDate": None,
    }
    assert scholar_author.parse(row) == Item(
        key=row["paperId"], ids=("arXiv:2603.00001", "doi:10.5555/own"), title="Cranes", added="2026"
    )
    assert scholar_author.parse({"paperId": None}) is None


def test_the_newest_items_of_a_large_place_are_kept() -> None:
    items = [Item(key=str(n), added=f"{n:05}") for n in range(MAX_ITEMS + 2)]
    kept = newest(items)
    assert (len(kept), kept[0].key, kept[-1].key) == (MAX_ITEMS, str(MAX_ITEMS + 1), "2")


@pytest.mark.parametrize(
    ("given", "read"),
    (
        ({"type": "zotero", "library": "groups/4711"}, "Zotero library groups/4711"),
        ({"type": "zotero", "library": "https://www.zotero.org/groups/4711/cranes"}, "Zotero library groups/4711"),
        (
            {
                "type": "zotero",
                "library": "users/1",
                "collection": "https://www.zotero.org/z/collections/FOLD2345/items",
            },
            "Zotero library users/1, collection FOLD2345",
        ),
        ({"type": "zotero", "library": "users/1", "tag": "to read"}, "Zotero library users/1, tag “to read”"),
        ({"type": "orcid", "id": "https://orcid.org/0000-0002-1825-0097"}, "ORCID record 0000-0002-1825-0097"),
        (
            {"type": "semantic-scholar", "author": "https://www.semanticscholar.org/author/Jane-Doe/1741101"},
            "Semantic Scholar author 1741101",
        ),
    ),
)
def test_a_place_is_read_from_its_number_or_its_address(given: dict[str, str], read: str) -> None:
    assert str(PLACE.validate_python(given)) == read


@pytest.mark.parametrize(
    ("given", "problem"),
    (
        ({"type": "zotero", "library": "jane"}, "must be users/ or groups/ and a number"),
        ({"type": "zotero", "library": "users/1/../../keys"}, None),
        ({"type": "zotero", "library": "users/1", "collection": "../trash"}, "must be the key of a collection"),
        ({"type": "orcid", "id": "0000-0002-1825-0098"}, "must be an ORCID iD"),
        ({"type": "semantic-scholar", "author": "1/papers"}, "must be the number of an author"),
    ),
)
def test_nothing_but_the_number_gets_into_an_address(given: dict[str, str], problem: str | None) -> None:
    if problem is None:
        assert PLACE.validate_python(given).library == "users/1"
        return
    with pytest.raises(ValidationError, match=problem):
        PLACE.validate_python(given)


def test_a_key_is_no_part_of_the_identity_of_a_place() -> None:
    one, other = (
        PLACE.validate_python({"type": "zotero", "library": "users/1", "key": key}) for key in ("a" * 24, "b" * 24)
    )
    assert one.identity() == other.identity()
    assert "aaaaa" not in repr(one) + one.identity()


def test_a_subscription_may_be_a_place_alone_and_then_waits_for_its_papers() -> None:
    criteria = Criteria.model_validate({"likes_from": {"type": "orcid", "id": "0000-0002-1825-0097"}})
    assert criteria.has_vector
    assert criteria.threshold > 0
    assert criteria.title == "Like ORCID record 0000-0002-1825-0097"
