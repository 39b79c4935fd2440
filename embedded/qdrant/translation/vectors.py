"""Vectors and points from JSON, checked before the engine sees them.

The engine writes an operation to its log first and looks at it second: a bad vector would be half applied, and one
kind (a sparse vector whose halves differ in length) makes the shard impossible to open. So nothing bad may reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, Invalid

FLOAT32_MAX = 3.4028234663852886e38


@dataclass(frozen=True, slots=True)
class Dense:
    """A dense vector of ``size`` floats, or with ``multi`` a list of such."""

    size: int
    multi: bool = False


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: distinct indices, each with a value."""


Shape = Mapping[str, Dense | Sparse]


def to_vector(value: Any, spec: Dense | Sparse) -> edge.NamedVector:
    """Translate one vector.

    Raises:
        BadRequest, Invalid: it does not fit ``spec``.
    """
    if isinstance(spec, Sparse):
        return to_sparse(value)
    if spec.multi:
        rows = value if value and isinstance(value[0], list) else [value]
        return [_dense(row, spec.size) for row in rows]
    return _dense(value, spec.size)


def to_sparse(value: Any) -> edge.SparseVector:
    """Translate ``{"indices": …, "values": …}``."""
    if not isinstance(value, dict):
        raise BadRequest("Wrong input: Conversion between sparse and regular vectors failed")
    indices, values = value["indices"], value["values"]
    if len(indices) != len(values):
        raise Invalid("Validation error in JSON body: [values: must be the same length as indices]")
    if len(set(indices)) != len(indices):
        raise Invalid("Validation error in JSON body: [indices: must be unique]")
    _finite(values)
    return edge.SparseVector(indices, values)


def named(vector: Any) -> dict[str, Any]:
    """Return a point's vectors by name; the unnamed one is called ""."""
    return vector if isinstance(vector, dict) else {"": vector}


def spec_of(shape: Shape, name: str) -> Dense | Sparse:
    """Return the specification of the vector ``name``."""
    if (spec := shape.get(name)) is None:
        raise BadRequest(f"Wrong input: Not existing vector name error: {name}")
    return spec


def to_point(body: Mapping[str, Any], shape: Shape) -> edge.Point:
    """Translate a PointStruct."""
    return edge.Point(body["id"], to_vectors(body["vector"], shape), body.get("payload"))


def to_point_vectors(body: Mapping[str, Any], shape: Shape) -> edge.PointVectors:
    """Translate a PointVectors."""
    return edge.PointVectors(body["id"], to_vectors(body["vector"], shape))


def to_vectors(vector: Any, shape: Shape) -> edge.Vector:
    """Translate all the vectors of a point."""
    return {name: to_vector(value, spec_of(shape, name)) for name, value in named(vector).items()}


def batch_to_points(batch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Turn the column form of an upsert (``ids``, ``vectors``, ``payloads``) into points."""
    ids = batch["ids"]
    payloads = batch.get("payloads") or [None] * len(ids)
    columns = batch["vectors"]
    if isinstance(columns, dict):
        vectors = [{name: column[row] for name, column in columns.items()} for row in range(len(ids))]
    else:
        vectors = columns
    if not len(ids) == len(vectors) == len(payloads):
        raise BadRequest("Wrong input: number of ids, vectors and payloads must be equal")
    return [{"id": i, "vector": v, "payload": p} for i, v, p in zip(ids, vectors, payloads, strict=True)]


def _dense(value: Any, size: int) -> list[float]:
    if not isinstance(value, list):
        raise BadRequest("Wrong input: Conversion between sparse and regular vectors failed")
    if len(value) != size:
        raise BadRequest(f"Wrong input: Vector dimension error: expected dim: {size}, got {len(value)}")
    _finite(value)
    return value


def _finite(values: list[float]) -> None:
    # JSON has no NaN, but 1e39 is a number that becomes infinite in the engine's 32 bits.
    if values and not (min(values) >= -FLOAT32_MAX and max(values) <= FLOAT32_MAX):
        raise Invalid("Validation error in JSON body: [vector: values must fit 32-bit floats]")
