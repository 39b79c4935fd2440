"""What a search can be narrowed by: counts as links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.search.web.category_names import name
from services.search.web.urls import Here

Counts = Sequence[tuple[str | int | bool, int]]
SHOWN: Final = 8
"""Values of a facet that are shown at once; the others unfold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value with its papers; its link adds it, or takes it away where it is chosen."""

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
        """What is shown at once."""
        return self.choices[:SHOWN]

    @property
    def others(self) -> tuple[Choice, ...]:
        """What unfolds."""
        return self.choices[SHOWN:]


def facets(counts: Mapping[str, Counts], here: Here) -> list[Facet]:
    """Make the facets of a search; one that has nothing to choose from is left out."""
    years, code = (sorted(counts[name], reverse=True) for name in ("years", "has_code"))
    made = [
        Facet("Field", _several("category", counts["categories"], here)),
        Facet("Author", _several("author", _often(counts["authors"], here), here)),
        Facet("Year", tuple(_year(int(value), count, here) for value, count in years)),
        Facet("Code", tuple(_code(bool(value), count, here) for value, count in code)),
        Facet("Source", _several("source", counts["sources"], here)),
    ]
    return [facet for facet in made if len(facet.choices) > 1 or any(choice.chosen for choice in facet.choices)]


def _several(parameter: str, counts: Counts, here: Here) -> tuple[Choice, ...]:
    chosen = here.values(parameter)
    return tuple(
        Choice(
            text,
            name(text),
            count,
            here.without(parameter, text) if text in chosen else here.plus(parameter, text),
            text in chosen,
        )
        for text, count in ((str(value), count) for value, count in counts)
    )


def _often(counts: Counts, here: Here) -> Counts:
    """Leave out who wrote one of the papers only: everybody did."""
    return [(name, count) for name, count in counts if count > 1 or name in here.values("author")]


def _year(year: int, count: int, here: Here) -> Choice:
    first, last = f"{year:04d}-01-01", f"{year:04d}-12-31"
    chosen = (here.values("from"), here.values("to")) == ((first,), (last,))
    ends = {"from": None, "to": None} if chosen else {"from": first, "to": last}
    return Choice(f"{year}", f"{year}", count, here.set(**ends), chosen)


def _code(has: bool, count: int, here: Here) -> Choice:  # noqa: FBT001  # a value of the facet
    value = "true" if has else "false"
    chosen = here.values("has_code") == (value,)
    return Choice(
        value, "with code" if has else "without code", count, here.set(has_code=None if chosen else value), chosen
    )
