"""The facets of a search: counts as links that narrow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.search.query import filters
from services.search.query.filter_row import Row
from services.search.web import category_names
from services.search.web.urls import Here

Value = str | int | bool
Counts = Sequence[tuple[Value, int]]
SHOWN: Final = 8
"""Values of a facet that are shown at once; the others unfold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value with its papers; its link adds the value, or removes it where it is chosen."""

    value: str
    label: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field."""

    title: str
    choices: tuple[Choice, ...]

    @property
    def first(self) -> tuple[Choice, ...]:
        """Return the values that are shown at once."""
        return self.choices[:SHOWN]

    @property
    def others(self) -> tuple[Choice, ...]:
        """Return the values that unfold."""
        return self.choices[SHOWN:]


def facets(counts: Mapping[str, Counts], here: Here) -> list[Facet]:
    """Build the facets of a search; one without a choice is left out."""
    rows = ((row, row.facet) for row in filters.FILTERS.values() if row.facet)
    built = [
        Facet(facet.title, _choices(row, counts[facet.id], here))
        for row, facet in sorted(rows, key=lambda each: each[1].place)
    ]
    return [facet for facet in built if len(facet.choices) > 1 or any(choice.chosen for choice in facet.choices)]


def _choices(row: Row, counts: Counts, here: Here) -> tuple[Choice, ...]:
    if row.facet and row.facet.select:
        return tuple(_single(row, value, count, here) for value, count in sorted(counts, reverse=True))
    fewest = row.facet.fewest if row.facet else 1
    choices = (_repeatable(row, str(value), count, here) for value, count in counts)
    return tuple(choice for choice in choices if choice.count >= fewest or choice.chosen)


def _repeatable(row: Row, value: str, count: int, here: Here) -> Choice:
    """Build a choice that is made beside others."""
    assert row.parameter, "a facet without `select` needs a parameter"  # noqa: S101  # an error in the table
    name = row.parameter.id
    chosen = value in here.values(name)
    link = here.without(name, value) if chosen else here.plus(name, value)
    return Choice(value, category_names.name(value), count, link, chosen)


def _single(row: Row, value: Value, count: int, here: Here) -> Choice:
    """Build a choice that replaces the one before."""
    assert row.facet, "only rows with a facet have choices"  # noqa: S101  # an error in the table
    assert row.facet.select, "as above"  # noqa: S101
    chosen_by = row.facet.select(value)
    chosen = all(here.values(name) == (wanted,) for name, wanted in chosen_by.items())
    link = here.set(**(dict.fromkeys(chosen_by) if chosen else chosen_by))
    text = str(value).lower()
    return Choice(text, row.parameter.shown(text) if row.parameter else text, count, link, chosen)
