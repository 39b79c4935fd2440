"""Sends the same requests to all parties and compares their answers."""

from __future__ import annotations

import math
import uuid
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import httpx
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.models import QueryResponse  # the one in `models` is another

TOLERANCE = 1e-5

Step = tuple[str, dict[str, Any]]
Ranked = list[tuple[float, Any]]
Answer = Any  # each method of the client has its own


@dataclass(frozen=True)
class Party:
    """A party that answers requests."""

    name: str
    client: AsyncQdrantClient


@dataclass(frozen=True)
class Refused:
    """The answer of a party that refused; its wording differs and is tested elsewhere."""


def connect(url: str) -> AsyncQdrantClient:
    """Return a client that keeps its connections (its default for a loopback address is one for every request)."""
    return AsyncQdrantClient(url=url, limits=httpx.Limits(max_keepalive_connections=8), check_compatibility=False)


async def disconnect(client: AsyncQdrantClient) -> None:
    """Close a client."""
    await client.close()


async def ask(party: Party, collection: str, step: Step) -> Answer:
    """Carry out one step."""
    method, arguments = step
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # local mode warns that payload indexes have no effect
        try:
            return await getattr(party.client, method)(collection, **arguments)
        except Exception:  # noqa: BLE001  (every party has its own kinds)
            return Refused()


def agree(step: Step, expected: Answer, actual: Answer) -> bool:
    """Whether two answers to the same step are the same but for the order of ties and the last digits of scores."""
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, QueryResponse):
        return _same_ranking(step, _by_score(expected.points), _by_score(actual.points)) and _same_parts(
            expected.points, actual.points
        )
    if isinstance(expected, tuple):
        return _same_scroll(step, expected, actual)
    if isinstance(expected, list):
        return sorted(str(each.id) for each in expected) == sorted(str(each.id) for each in actual) and _same_parts(
            expected, actual
        )
    return isinstance(expected, models.UpdateResult) or bool(expected == actual)


def _by_score(points: Sequence[models.ScoredPoint]) -> Ranked:
    return [(point.score, point.id) for point in points]


def _same_scroll(step: Step, expected: tuple[Any, Any], actual: tuple[Any, Any]) -> bool:
    records, following = expected
    if step[1].get("order_by") is None:
        same = following == actual[1] and [each.id for each in records] == [each.id for each in actual[0]]
    else:
        same = _same_ranking(step, _by_order(records), _by_order(actual[0]))
    return same and _same_parts(records, actual[0])


def _by_order(records: Sequence[models.Record]) -> Ranked:
    return [(float(record.order_value or 0), record.id) for record in records]


def _same_ranking(step: Step, expected: Ranked, actual: Ranked) -> bool:
    if len(expected) != len(actual):
        return False
    if not all(_close(a, b) for (a, _), (b, _) in zip(expected, actual, strict=True)):
        return False
    groups = _ties(expected)
    # Where a page begins or ends inside a tie, any of the tied points may be on it.
    if len(expected) >= step[1].get("limit", 10):
        groups = groups[:-1]
    if step[1].get("offset"):
        groups = groups[1:]
    return all({e for _, e in expected[g]} == {a for _, a in actual[g]} for g in groups)


def _ties(ranked: Ranked) -> list[slice]:
    cuts = [i for i, ((a, _), (b, _)) in enumerate(pairwise(ranked), 1) if not _close(a, b)]
    return [slice(start, stop) for start, stop in pairwise([0, *cuts, len(ranked)])]


def _same_parts(expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    mine = {each.id: each for each in actual}
    both = [(each, mine[each.id]) for each in expected if each.id in mine]
    return all(_same(a.payload, b.payload) and _same(a.vector, b.vector) for a, b in both)


def _same(expected: Answer, actual: Answer) -> bool:
    if isinstance(expected, models.SparseVector) and isinstance(actual, models.SparseVector):
        pairs = [dict(zip(each.indices, each.values, strict=True)) for each in (expected, actual)]
        return _same(*pairs)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_same(value, actual[key]) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(_same(a, b) for a, b in zip(expected, actual, strict=True))
    if isinstance(expected, float) and isinstance(actual, int | float):
        return _close(expected, actual)
    return type(expected) is type(actual) and bool(expected == actual)


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def fresh_name() -> str:
    """Return an unused collection name, on a server that others may use as well."""
    return f"congruence-{uuid.uuid4().hex}"
