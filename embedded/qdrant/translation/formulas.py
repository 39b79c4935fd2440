"""Formulas that rescore points: from JSON to the engine's expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.translation.filters import to_condition

Body = Mapping[str, Any]
Expression = edge.Expression


def to_formula(query: Body) -> edge.Formula:
    """Translate a formula with its defaults for absent fields."""
    return edge.Formula(to_expression(query["formula"]), query.get("defaults") or {})


def to_expression(body: Any) -> Expression:
    """Translate one expression: a number, a variable's name, an operation, or a condition (1 or 0)."""
    if isinstance(body, str):
        return Expression.Variable(body)
    if not isinstance(body, dict):
        return Expression.Constant(body)
    for name, build in OPERATIONS.items():
        if name in body:
            return build(body[name])
    return Expression.Condition(to_condition(body))


def _all(bodies: list[Any]) -> list[Expression]:
    return [to_expression(each) for each in bodies]


def _divide(body: Body) -> Expression:
    return Expression.Div(to_expression(body["left"]), to_expression(body["right"]), body.get("by_zero_default"))


def _power(body: Body) -> Expression:
    return Expression.Pow(to_expression(body["base"]), to_expression(body["exponent"]))


def _distance(body: Body) -> Expression:
    origin = edge.GeoPoint(body["origin"]["lon"], body["origin"]["lat"])
    return Expression.GeoDistance(origin, body["to"])


def _decay(kind: edge.DecayKind) -> Callable[[Body], Expression]:
    def build(body: Body) -> Expression:
        target = to_expression(body["target"]) if body.get("target") is not None else None
        return Expression.Decay(kind, to_expression(body["x"]), target, body.get("midpoint"), body.get("scale"))

    return build


OPERATIONS: dict[str, Callable[[Any], Expression]] = {
    "sum": lambda body: Expression.Sum(_all(body)),
    "mult": lambda body: Expression.Mult(_all(body)),
    "max": lambda body: Expression.Max(_all(body)),
    "min": lambda body: Expression.Min(_all(body)),
    "neg": lambda body: Expression.Neg(to_expression(body)),
    "abs": lambda body: Expression.Abs(to_expression(body)),
    "sqrt": lambda body: Expression.Sqrt(to_expression(body)),
    "exp": lambda body: Expression.Exp(to_expression(body)),
    "log10": lambda body: Expression.Log10(to_expression(body)),
    "ln": lambda body: Expression.Ln(to_expression(body)),
    "acosh": lambda body: Expression.Acosh(to_expression(body)),
    "div": _divide,
    "pow": _power,
    "geo_distance": _distance,
    "datetime": Expression.Datetime,
    "datetime_key": Expression.DatetimeKey,
    "lin_decay": _decay(edge.DecayKind.Lin),
    "exp_decay": _decay(edge.DecayKind.Exp),
    "gauss_decay": _decay(edge.DecayKind.Gauss),
}
