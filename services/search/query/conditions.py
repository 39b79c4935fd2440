"""A query as separate conditions, each written in the query language, for explanations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.search.query.filter_row import Bound, Marked, Operator, Phrases, Widens
from services.search.query.filters import Filters
from services.search.query.parser import Query

MAX_VALUES_SHOWN: Final = 5
"""Values of one condition that its text names."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a result must match, or with `excluded` must not match. `text` is written as in a query."""

    text: str
    filters: Filters
    excluded: bool = False
    phrase: str | None = None
    """The phrase, where the condition is one without an operator."""


def conditions_of(query: Query) -> tuple[Condition, ...]:
    """Separate the conditions of a query: those that must hold first."""
    return (*_separate(query.wanted, excluded=False), *_separate(query.unwanted, excluded=True))


def _separate(filters: Filters, *, excluded: bool) -> Iterator[Condition]:
    for name, row, value in filters.given():
        if isinstance(row.condition, Widens | Marked):
            continue
        undated = filters.undated if isinstance(row.condition, Bound) else None
        for part in [(phrase,) for phrase in value] if isinstance(row.condition, Phrases) else [value]:
            text = _text(row.operator, part if isinstance(part, tuple) else (part,))
            phrase = part[0] if name == "phrases" and not excluded else None
            field: dict[str, Any] = {name: part, **({"undated": undated} if undated else {})}
            yield Condition(text, Filters(**field), excluded, phrase)


def _text(operator: Operator | None, values: tuple[Any, ...]) -> str:
    written = [operator.write(value) if operator else f'"{value}"' for value in values]
    return " or ".join(written[:MAX_VALUES_SHOWN]) + (" or …" if len(written) > MAX_VALUES_SHOWN else "")
