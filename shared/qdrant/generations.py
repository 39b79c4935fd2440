"""Generations of a collection: `papers`, `papers-2`, `papers-3`, each with the vectors of one embedding model. Pure.

`paperwire reindex` fills a new one beside the old. Which one a process reads and writes follows from its model, so
processes of two models can run beside each other until all are restarted.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

MODEL: Final = "embedding_model"
"""The field in the metadata of a collection with the model of its vectors."""
FILLING: Final = "filling"
"""The field in the metadata of a collection that is true until all papers are in it."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A collection, the model of its vectors, and whether all is in it."""

    name: str
    number: int
    model: str
    complete: bool

    @classmethod
    def of(cls, name: str, metadata: Mapping[str, Any] | None) -> Self:
        """Read the metadata of a collection."""
        fields = metadata or {}
        number = name.rpartition("-")[2]
        place = int(number) if number.isdecimal() else 1
        return cls(name, place, str(fields.get(MODEL, "")), not fields.get(FILLING))

    def holds(self, model: str) -> bool:
        """Return whether its vectors are those of a model, whose name ignores case."""
        return self.model.lower() == model.lower()


def generations_of(base: str, names: Collection[str]) -> list[str]:
    """Return the names, of those given, that are generations of a collection, oldest first."""
    form = re.compile(re.escape(base) + r"(?:-([2-9]|[1-9][0-9]{1,5}))?")
    found = [(int(match[1] or 1), name) for name in names if (match := form.fullmatch(name))]
    return [name for _, name in sorted(found)]


def newest(found: Collection[Generation], model: str | None = None, *, complete: bool = True) -> Generation | None:
    """Return the newest generation that is complete, or that is being filled; with `model`, of that model only."""
    wanted = [each for each in found if each.complete is complete and (model is None or each.holds(model))]
    return max(wanted, key=lambda each: each.number, default=None)


def used_by(model: str, base: str, found: Collection[Generation], before: str | None) -> str:
    """Return the generation that a process with a model uses; `before` is the one that it used, if any.

    Without one of its model it is that of another one, which a start refuses by its metadata; what runs already stays
    at its own name instead, which is gone.
    """
    if not found:
        return base
    own = newest(found, model) or newest(found, model, complete=False)
    if own:
        return own.name
    return before or (newest(found) or max(found, key=lambda each: each.number)).name


def following(base: str, names: Collection[str]) -> str:
    """Return the name of the next generation."""
    found = generations_of(base, names)
    last = Generation.of(found[-1], None).number if found else 0
    return f"{base}-{last + 1}" if last else base


def target(base: str, found: Collection[Generation], model: str, *, anew: bool) -> str:
    """Return the generation to fill with vectors of a model: one that was begun, or the next one.

    One that is complete already is only brought up to date, unless all is to be made `anew`.
    """
    begun = newest(found, model, complete=False)
    whole = None if anew else newest(found, model)
    kept = max(filter(None, (begun, whole)), key=lambda each: each.number, default=None)
    return kept.name if kept else following(base, [each.name for each in found])


def outlived(found: Collection[Generation], model: str) -> list[str]:
    """Return the generations that no process uses whose model is this one; none if it has no complete one."""
    kept = newest(found, model)
    return [each.name for each in found if each != kept] if kept else []
