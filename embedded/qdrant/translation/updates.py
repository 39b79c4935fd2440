"""Changes to points: from the JSON of Qdrant's update operations to the engine's, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, Invalid
from embedded.qdrant.translation.filters import to_filter
from embedded.qdrant.translation.vectors import Shape, batch_to_points, spec_of, to_point, to_point_vectors

Body = Mapping[str, Any]
Operation = edge.UpdateOperation

# The engine keeps the loop waiting for each piece: 64 points take 5 to 10 ms, 1,000 ids up to 20 ms.
PIECE_POINTS = 64
PIECE_IDS = 1_000

MODES = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


@dataclass(frozen=True, slots=True)
class Update:
    """A change to points, whole or in pieces; ``build`` makes the engine's operation for one piece."""

    targets: list[Any] | edge.Filter
    build: Callable[[list[Any]], Operation]
    size: int = PIECE_IDS


def to_update(name: str, body: Body, shape: Shape) -> Update:
    """Translate one update; ``name`` is its key in a batch of operations.

    Raises:
        BadRequest, Invalid: it is not one, or does not fit the collection.
    """
    if name not in UPDATES:
        raise BadRequest(f"Format error in JSON body: unknown operation `{name}`")
    return UPDATES[name](body, shape)


def _upsert(body: Body, shape: Shape) -> Update:
    structs = batch_to_points(body["batch"]) if "batch" in body else body["points"]
    points = _not_empty([to_point(each, shape) for each in structs])
    condition, mode = to_filter(body.get("update_filter")), MODES[body.get("update_mode") or "upsert"]
    return Update(points, lambda piece: Operation.upsert_points(piece, condition, mode), PIECE_POINTS)


def _update_vectors(body: Body, shape: Shape) -> Update:
    points = _not_empty([to_point_vectors(each, shape) for each in body["points"]])
    condition = to_filter(body.get("update_filter"))
    return Update(points, lambda piece: Operation.update_vectors(piece, condition), PIECE_POINTS)


def _delete_vectors(body: Body, shape: Shape) -> Update:
    names = body["vector"]
    for name in names:
        spec_of(shape, name)
    return Update(_selected(body), lambda piece: Operation.delete_vectors(piece, names))


def _delete(body: Body, _: Shape) -> Update:
    return Update(_selected(body), Operation.delete_points)


def _set_payload(body: Body, _: Shape) -> Update:
    payload, key = body["payload"], body.get("key")
    Operation.set_payload([], payload, key)  # raises here, not half way, what the engine cannot store
    return Update(_selected(body), lambda piece: Operation.set_payload(piece, payload, key))


def _overwrite_payload(body: Body, _: Shape) -> Update:
    payload, key = body["payload"], body.get("key")
    Operation.overwrite_payload([], payload, key)
    return Update(_selected(body), lambda piece: Operation.overwrite_payload(piece, payload, key))


def _delete_payload(body: Body, _: Shape) -> Update:
    keys = body["keys"]
    Operation.delete_payload([], keys)
    return Update(_selected(body), lambda piece: Operation.delete_payload(piece, keys))


def _clear_payload(body: Body, _: Shape) -> Update:
    return Update(_selected(body), Operation.clear_payload)


UPDATES: dict[str, Callable[[Body, Shape], Update]] = {
    "upsert": _upsert,
    "delete": _delete,
    "set_payload": _set_payload,
    "overwrite_payload": _overwrite_payload,
    "delete_payload": _delete_payload,
    "clear_payload": _clear_payload,
    "update_vectors": _update_vectors,
    "delete_vectors": _delete_vectors,
}


def _selected(body: Body) -> list[Any] | edge.Filter:
    if body.get("points") is not None:
        ids = _not_empty(body["points"])
        Operation.delete_points(ids)  # raises here what is not an id
        return ids
    if (where := to_filter(body.get("filter"))) is not None:
        return where
    raise Invalid("Validation error in JSON body: [points: either a list of ids or a filter must be provided]")


def _not_empty(targets: list[Any]) -> list[Any]:
    if not targets:
        raise BadRequest("Wrong input: Empty update request")
    return targets
