"""ORCID iDs: which are valid, and what they say about people."""

import pytest

from shared.papers.orcids import MAX_COMPARED, orcid, with_orcids
from shared.papers.paper import Author

ADA, BO, CY = "0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"


@pytest.mark.parametrize(
    ("text", "found"),
    (
        (ADA, ADA),
        (CY, CY),
        ("0000-0002-1694-233x", CY),
        ("https://orcid.org/0000-0002-1825-0097", ADA),
        ("http://www.orcid.org/0000-0002-1825-0097/", ADA),
        ("orcid.org/0000-0002-1825-0097", ADA),
        ("ORCID: 0000-0002-1825-0097", ADA),
        (" 0000000218250097 ", ADA),
        ("0000-0002-1825-0098", None),
        ("0000-0002-1694-2330", None),
        ("0000-0002-1825-009X", None),
        ("0000-0002-1825-009", None),
        ("0000-0002-1825-00971", None),
        ("٠٠٠٠-0002-1825-0097", None),
        ("https://example.org/0000-0002-1825-0097", None),
        ("https://orcid.org/", None),
        ("0" * 10_000, None),
        ("", None),
    ),
)
def test_an_id_is_valid_by_its_checksum(text: str, found: str | None) -> None:
    assert orcid(text) == found


def author(name: str, own: str | None = None) -> Author:
    return Author(name=name, orcid=own)


def test_authors_get_the_ids_that_another_source_gives() -> None:
    known = (author("Fold, Ada", ADA), author("B. Crane", BO), author("Cy Crease"))
    assert with_orcids((author("Ada Fold"), author("Bo Crane"), author("Cy Crease", CY)), known) == (
        author("Ada Fold", ADA), author("Bo Crane", BO), author("Cy Crease", CY),
    )  # fmt: skip


def test_an_id_that_fits_two_authors_is_left_out() -> None:
    twins = (author("Ada Fold"), author("Anna Fold"))
    assert with_orcids(twins, (author("A. Fold", ADA),)) == twins
    alone = (author("A. Fold"),)
    assert with_orcids(alone, (author("Ada Fold", ADA), author("Anna Fold", BO))) == alone


def test_the_lists_of_large_collaborations_are_not_compared() -> None:
    crowd = tuple(author(f"Ada Fold{number}", ADA) for number in range(MAX_COMPARED))
    assert with_orcids((author("Ada Fold1"), author("Bo Fold")), crowd) == (author("Ada Fold1"), author("Bo Fold"))


def test_an_author_without_an_id_is_written_as_before() -> None:
    assert author("Ada Fold").model_dump() == {"name": "Ada Fold"}
    assert author("Ada Fold", ADA).model_dump() == {"name": "Ada Fold", "orcid": ADA}
