import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.query.name_variants import near, one_slip, prefixes


@pytest.mark.parametrize(
    ("one", "other"),
    (
        ("origami", "origani"),
        ("origami", "origam"),
        ("origami", "origamii"),
        ("origami", "orgiami"),
        ("origami", "rigami"),
        ("origami", "roigami"),
        ("jane origami", "jane orgami"),
    ),
)
def test_one_typing_error_is_corrected(one: str, other: str) -> None:
    assert one_slip(one, other)
    assert one_slip(other, one)


@pytest.mark.parametrize(
    ("one", "other"), (("origami", "origami"), ("origami", "oragani"), ("origami", "gamiori"), ("doe", ""))
)
def test_no_error_or_two_errors_are_not_one(one: str, other: str) -> None:
    assert not one_slip(one, other)
    assert not one_slip(other, one)


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_typing_errors_are_symmetric(one: str, other: str) -> None:
    assert one_slip(one, other) == one_slip(other, one)


def test_near_names_are_found_by_a_prefix() -> None:
    known = {"origami", "ada origami", "origani", "folder", "origa/", "origa."}
    assert near("origam", known) == ["origami"]
    assert any("origami".startswith(text) for text in prefixes("origmai"))
    assert prefixes("wang") == []
    assert prefixes("origami") == ["origam", "origa", "orig", "ori"]
    assert prefixes("jnae origami")[-1] == "j origami"
    assert len(prefixes("a very long name " * 10)) <= 7
