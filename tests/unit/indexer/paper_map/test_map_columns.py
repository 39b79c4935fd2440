"""The columns of the map: one colour for each large field, and one for all the others."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from services.indexer.paper_map.build import MAX_FIELDS, OTHER, as_columns

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def columns(*fields: str) -> dict[str, Any]:
    rows = [{"id": str(at), "field": field, "day": 1, "keywords": ()} for at, field in enumerate(fields)]
    return as_columns(rows, np.zeros((len(rows), 2), dtype=np.int64), NOW)


def test_papers_without_a_category_share_the_field_of_the_small_ones() -> None:
    made = columns(OTHER, OTHER, "cs.LG")
    assert (made["fields"], made["field"]) == (["cs.LG", OTHER], [1, 1, 0])


def test_only_the_largest_fields_have_a_colour_of_their_own() -> None:
    many = [f"f{at}" for at in range(MAX_FIELDS + 3)]
    made = columns(*many, *many[3:])
    assert made["fields"] == [*many[3:], OTHER]
    assert made["field"][:3] == [MAX_FIELDS] * 3
