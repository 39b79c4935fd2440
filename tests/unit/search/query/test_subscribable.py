"""What a subscription has of a search: every condition is carried over, or named as left out."""

from typing import Any

import pytest

from services.search.query.filters import FILTERS, Filters
from services.search.query.parser import parse
from services.search.query.subscribable import subscribable


@pytest.mark.parametrize(
    ("query", "filters", "fields", "left_out"),
    (
        ("cranes", Filters(), {"query": "cranes"}, ()),
        (
            'cranes "paper hands" -swans -author:Doe author:"Ada Roe" cat:cs.RO has:code',
            Filters(categories=("cs.LG",), sources=("arxiv",)),
            {
                "query": "cranes paper hands", "must": ["paper hands"], "not": ["swans"], "mute_authors": ["Doe"],
                "authors": ["Ada Roe"], "categories": ["cs.RO", "cs.LG"], "has_code": True, "sources": ["arxiv"],
            },
            (),
        ),
        (
            "cranes after:2024 title:survey year:2021-2023 -cat:cs.CV",
            Filters(),
            {"query": "cranes survey"},
            ("after:2024-01-01", "year:2021-2023", "title:survey", "-cat:cs.CV"),
        ),
        ("", Filters(has_code=False), {"has_code": False}, ()),
        ("2401.00001", Filters(undated="include"), {}, ("id:arXiv:2401.00001", "undated:include")),
    ),
)  # fmt: skip
def test_conditions_are_carried_over_or_left_out(
    query: str, filters: Filters, fields: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    found = subscribable(parse(query), filters)
    assert (found.fields, found.left_out) == (fields, left_out)


def test_every_filter_is_a_field_or_can_be_written_as_a_term() -> None:
    assert [name for name, row in FILTERS.items() if row.operator is None] == ["phrases"]
