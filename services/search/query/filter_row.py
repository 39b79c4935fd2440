"""The parts of a row of the table of filters: its condition, operator, HTTP parameter and facet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The payload field has one of the values; `spell` adds other spellings of them."""

    field: str
    spell: Callable[[Sequence[str]], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Equals:
    """The payload field has the value."""

    field: str


@dataclass(frozen=True, slots=True)
class Bound:
    """The payload field, a moment, is on the day or on its `end` side: `gte` later, `lte` earlier.

    Only papers that have the field `stated`, a year, have that moment by their own date. The field `last` is where the
    time ends of which no more is known, in papers of which the year or the month is known.
    """

    field: str
    end: Literal["gte", "lte"]
    stated: str
    last: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Each of the values occurs in one of the payload fields."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Widens:
    """No condition of its own: bounds also take papers that have no date, by the moment that stands for it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The paper is in a list of the reader who asks: `label` and the value name the list, as `is:` and `saved`."""

    label: str


Condition = AnyOf | Equals | Bound | Phrases | Widens | Marked


@dataclass(frozen=True, slots=True)
class Operator:
    """A word of the query language, as `author` in `author:"Jane Doe"`."""

    id: str
    read: Callable[[str], tuple[Any, ...] | None]
    """Reads the values that are meant; None leaves the term among the words."""
    example: str
    help: str
    opposite: str = ""
    """The operator that a minus turns this one into, instead of excluding papers."""
    ranks: bool = False
    """Whether its value also counts as words of the query."""
    spell: Callable[[Any], str] = str
    """Spells a value that was read as one that it reads."""

    def write(self, value: Any) -> str:  # noqa: ANN401  # a value that `read` returned
        """Write a value as a term of a query."""
        text = self.spell(value)
        return f'{self.id}:"{text}"' if " " in text else f"{self.id}:{text}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An HTTP parameter: its name, its type and documentation for pydantic, and the label of a value on pages."""

    id: str
    type: Any
    default: Any = None
    label: str = "{}"
    words: Mapping[str, str] = field(default_factory=dict)
    """Names of values that do not speak for themselves."""

    def shown(self, value: str) -> str:
        """Return the label of a value on pages."""
        return self.label.format(self.words.get(value, value))


@dataclass(frozen=True, slots=True)
class Facet:
    """The counts of a payload field: their name in `/v1/facets`, and their heading and place on the page."""

    id: str
    field: str
    title: str
    place: int
    fewest: int = 1
    """Papers that a value has at least to be offered on the page."""
    select: Callable[[Any], Mapping[str, str]] | None = None
    """Returns the parameters that choose a value; None where the row's own parameter takes several values."""


@dataclass(frozen=True, slots=True)
class Row:
    """One filter."""

    condition: Condition
    operator: Operator | None = None
    parameter: Parameter | None = None
    facet: Facet | None = None
    combine: Callable[[Any], Any] = tuple
    """Makes the value of the field from all the values of a query."""
    counts_once: bool = False
    """Whether many values count as one condition, as the years of a span do."""
