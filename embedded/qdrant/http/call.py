"""The call that a handler receives, and its type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.qdrant.storage.collection import Collection
from embedded.qdrant.storage.collection_store import Collections


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the variables of its path, and its body from JSON ({} when there is none)."""

    collections: Collections
    path: Mapping[str, str]
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.path["name"]

    @property
    def collection(self) -> Collection:
        """Turn any error that a malformed body causes into a 400. Only translation of JSON belongs inside.

        Raises:
            NotFound: it does not exist.
        """
        return self.collections[self.name]


Handler = Callable[[Call], Awaitable[Any]]
Routes = list[tuple[str, str, Handler]]
