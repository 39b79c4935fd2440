"""Filters: from JSON to the engine's conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest

Body = Mapping[str, Any]


def _numpy_bool(value: bool) -> Any:  # noqa: FBT001
    """Wrap a bool so that the engine sees one: it tries integers first, which a Python bool is."""
    return _Bool(value)


class _Bool:
    """The binding accepts NumPy's bool by the name of its type; this spares NumPy itself."""

    def __init__(self, value: bool) -> None:  # noqa: FBT001
        self._value = value

    def __bool__(self) -> bool:
        return self._value


_Bool.__module__, _Bool.__name__, _Bool.__qualname__ = "numpy", "bool_", "bool_"


def to_filter(body: Body | None) -> edge.Filter | None:
    """Translate a filter; None stays None."""
    if body is None:
        return None
    if unknown := body.keys() - {"must", "should", "must_not", "min_should"}:
        raise BadRequest(f"Format error in JSON body: unknown field `{min(unknown)}` in filter")
    atleast = body.get("min_should")
    return edge.Filter(
        must=_conditions(body.get("must")),
        should=_conditions(body.get("should")),
        must_not=_conditions(body.get("must_not")),
        min_should=atleast and edge.MinShould(_conditions(atleast["conditions"]) or [], atleast["min_count"]),
    )


def without_ids(where: edge.Filter | None, ids: set[edge.PointId]) -> edge.Filter | None:
    """Return ``where`` narrowed to points other than ``ids``."""
    if not ids:
        return where
    others = edge.Filter(must_not=[edge.HasIdCondition(ids)])
    return edge.Filter(must=[where, others]) if where else others


def _conditions(clause: Any) -> list[edge.ConditionType] | None:
    if clause is None:
        return None
    return [to_condition(each) for each in (clause if isinstance(clause, list) else [clause])]


def to_condition(body: Body) -> edge.ConditionType:
    """Translate one condition of a filter, which may be a filter again."""
    if "key" in body:
        return _field(body)
    for name, build in CONDITIONS.items():
        if name in body:
            return build(body[name])
    return to_filter(body) or edge.Filter()


CONDITIONS: dict[str, Callable[[Any], edge.ConditionType]] = {
    "is_empty": lambda body: edge.IsEmptyCondition(body["key"]),
    "is_null": lambda body: edge.IsNullCondition(body["key"]),
    "has_id": lambda body: edge.HasIdCondition(set(body)),
    "has_vector": edge.HasVectorCondition,
    "nested": lambda body: edge.NestedCondition(body["key"], to_filter(body["filter"]) or edge.Filter()),
}


def _field(body: Body) -> edge.FieldCondition:
    given = {name: build(body[name]) for name, build in FIELD.items() if body.get(name) is not None}
    if not given:
        raise BadRequest("Validation error in JSON body: [filter: at least one field condition must be specified]")
    return edge.FieldCondition(body["key"], **given)


def _match(body: Body) -> edge.MatchType:
    for name, build in MATCHES.items():
        if name in body:
            return build(body[name])
    raise ValueError(f"unknown match {dict(body)!r}")


def _value(value: Any) -> edge.MatchValue:
    return edge.MatchValue(_numpy_bool(value) if isinstance(value, bool) else value)


MATCHES: dict[str, Callable[[Any], edge.MatchType]] = {
    "value": _value,
    "any": edge.MatchAny,
    "except": edge.MatchExcept,
    "text": edge.MatchText,
    "text_any": edge.MatchTextAny,
    "phrase": edge.MatchPhrase,
    "prefix": edge.MatchPrefix,
    "substring": edge.MatchSubstring,
}


def _range(body: Body) -> edge.RangeType:
    bounds = {name: bound for name, bound in body.items() if bound is not None}
    dates = any(isinstance(bound, str) for bound in bounds.values())
    return edge.RangeDateTime(**bounds) if dates else edge.RangeFloat(**bounds)


def _point(body: Body) -> edge.GeoPoint:
    return edge.GeoPoint(body["lon"], body["lat"])


def _ring(body: Body) -> list[edge.GeoPoint]:
    return [_point(each) for each in body["points"]]


FIELD: dict[str, Callable[[Any], Any]] = {
    "match": _match,
    "range": _range,
    "values_count": lambda body: edge.ValuesCount(**body),
    "is_empty": bool,
    "is_null": bool,
    "geo_bounding_box": lambda body: edge.GeoBoundingBox(_point(body["top_left"]), _point(body["bottom_right"])),
    "geo_radius": lambda body: edge.GeoRadius(_point(body["center"]), body["radius"]),
    "geo_polygon": lambda body: edge.GeoPolygon(
        _ring(body["exterior"]), [_ring(r) for r in body.get("interiors") or []]
    ),
}
