"""What a subscription can have of a search, and what it cannot. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.search.query.filters import FILTERS, Filters
from services.search.query.parser import Query

_WANTED: Final = {
    "categories": "categories", "authors": "authors", "sources": "sources", "phrases": "must", "has_code": "has_code",
}  # fmt: skip
_UNWANTED: Final = {"phrases": "not", "authors": "mute_authors"}
"""The fields of a subscription by the filters of a search, which papers must pass, or must not."""


@dataclass(frozen=True, slots=True)
class Subscribable:
    """The fields of a subscription as the API names them, and the other conditions as a query has them."""

    fields: Mapping[str, Any]
    left_out: tuple[str, ...]


def subscribable(query: Query, filters: Filters | None = None) -> Subscribable:
    """Return what a subscription to a search has: of its query, and of the filters beside it."""
    fields: dict[str, Any] = {"query": query.text} if query.text else {}
    left_out: list[str] = []
    for side, names, minus in ((query.wanted, _WANTED, ""), (query.unwanted, _UNWANTED, "-"), (filters, _WANTED, "")):
        for name, value in _given(side):
            if name not in names:
                left_out += (minus + term for term in _terms(name, value))
            elif isinstance(value, tuple):
                fields[names[name]] = list(dict.fromkeys([*fields.get(names[name], ()), *value]))
            else:
                fields[names[name]] = value
    return Subscribable(fields, tuple(dict.fromkeys(left_out)))


def _given(filters: Filters | None) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, _, value in filters.given()) if filters else iter(())


def _terms(name: str, value: Any) -> list[str]:  # noqa: ANN401  # the value of any filter
    """Write the values of a filter as terms of a query."""
    row = FILTERS[name]
    values = value if isinstance(value, tuple) else (value,)
    if row.counts_once and len(values) > 1:
        values = (f"{values[0]}-{values[-1]}",)
    return [row.operator.write(one) if row.operator else f'"{one}"' for one in values]
