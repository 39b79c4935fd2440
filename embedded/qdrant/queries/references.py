"""Points named by id in a query: their vectors, and their exclusion from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, NotFound, engine
from embedded.qdrant.storage.collection import Collection
from embedded.qdrant.storage.collection_store import Collections
from embedded.qdrant.translation.vectors import spec_of, to_vector


class References:
    """Where the vectors of one request come from."""

    def __init__(self, collections: Collections, collection: Collection) -> None:
        self._collections = collections
        self._collection = collection

    def at(self, using: str, lookup_from: Mapping[str, Any] | None) -> Place:
        """Return the place of one stage: the vector it searches, and where ids are looked up."""
        if lookup_from is None:
            return Place(self._collection, using, self._collection, using)
        source = self._collections[lookup_from["collection"]]
        return Place(self._collection, using, source, lookup_from.get("vector") or using)


class Place:
    """One stage of a query. ``own_ids`` collects the points of this collection that it named."""

    def __init__(self, collection: Collection, using: str, source: Collection, source_name: str) -> None:
        self.using = using
        self.own_ids: set[edge.PointId] = set()
        self._shape = collection.shape
        self._own = source is collection
        self._source = source
        self._source_name = source_name

    def vector(self, value: Any) -> edge.NamedVector:
        """Return a vector given as such or by the id of a point that has it.

        Raises:
            NotFound: there is no such point.
            BadRequest: it has no such vector, or the vector given does not fit.
        """
        spec = spec_of(self._shape, self.using)
        return self._stored(value) if isinstance(value, int | str) else to_vector(value, spec)

    def _stored(self, point_id: int | str) -> edge.NamedVector:
        name = self._source_name
        with engine():
            found = self._source.shard.retrieve([point_id], with_payload=False, with_vector=[name])
        if not found:
            raise NotFound(f"Not found: No point with id {point_id} found")
        vectors: Any = found[0].vector
        vector = vectors if name == "" else (vectors or {}).get(name)
        if not vector:
            raise BadRequest(f"Wrong input: Point with id {point_id} has no vector {name!r}")
        if self._own:
            self.own_ids.add(found[0].id)
        return vector  # type: ignore[no-any-return]


def average(vectors: Sequence[Any]) -> Any:
    """Return the mean of dense, or of sparse, vectors."""
    return combine([(vector, 1.0 / len(vectors)) for vector in vectors])


def combine(terms: Sequence[tuple[Any, float]]) -> Any:
    """Return a weighted sum of vectors of one kind."""
    if not isinstance(terms[0][0], edge.SparseVector):
        columns = zip(*(vector for vector, _ in terms), strict=True)
        weights = [weight for _, weight in terms]
        return [sum(x * w for x, w in zip(column, weights, strict=True)) for column in columns]
    total: dict[int, float] = {}
    for vector, weight in terms:
        for index, value in zip(vector.indices, vector.values, strict=True):
            total[index] = total.get(index, 0.0) + weight * value
    return edge.SparseVector(list(total), list(total.values()))


def away(positive: Any, negative: Any | None) -> Any:
    """Return Qdrant's average-vector target: the mean of what is liked, moved away from what is not."""
    if negative is None:
        return positive
    return combine([(positive, 2.0), (negative, -1.0)])
