"""Queries: from JSON to the engine's, with points named by id replaced by their vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, Invalid
from embedded.qdrant.queries.references import Place, References, average, away
from embedded.qdrant.translation.filters import to_filter, without_ids
from embedded.qdrant.translation.formulas import to_formula
from embedded.qdrant.translation.selection import to_params, with_payload, with_vector

Body = Mapping[str, Any]

DEFAULT_LIMIT = 10
DEFAULT_RRF_K = 2
DEFAULT_DIVERSITY = 0.5


def to_query(body: Body, references: References) -> edge.QueryRequest:
    """Translate a query request."""
    stage = _stage(body, references)
    return edge.QueryRequest(
        **stage,
        offset=body.get("offset"),
        with_vector=with_vector(body),
        with_payload=with_payload(body, default=False),
    )


def kind_of(body: Body) -> str:
    """Return the kind of a query: those of one kind search the same vectors, of all points or of some."""
    return f"{body.get('using')} {bool(body.get('filter'))} {bool(body.get('prefetch'))}"


def _stage(body: Body, references: References) -> dict[str, Any]:
    """Translate what a query and a prefetch have in common."""
    here = references.at(body.get("using") or "", body.get("lookup_from"))
    limit = limit_of(body)
    scoring = to_scoring(body["query"], here, limit) if body.get("query") is not None else None
    prefetches = body.get("prefetch") or []
    return {
        "limit": limit,
        "query": scoring,
        "prefetches": [
            edge.Prefetch(**_stage(each, references))
            for each in (prefetches if isinstance(prefetches, list) else [prefetches])
        ],
        "filter": without_ids(to_filter(body.get("filter")), here.own_ids),
        "score_threshold": body.get("score_threshold"),
        "params": to_params(body.get("params")),
    }


def limit_of(body: Body) -> int:
    """Return the wanted number of points."""
    limit = body.get("limit")
    if limit is None:
        return DEFAULT_LIMIT
    if limit < 1:
        raise Invalid(f"Validation error in JSON body: [limit: value {limit} invalid, must be 1 or larger]")
    return int(limit)


def to_scoring(query: Any, here: Place, limit: int) -> edge.ScoringQueryType:
    """Translate what ranks the points; ``limit`` is how many are wanted of them."""
    if not isinstance(query, dict) or "indices" in query:
        return edge.Query.Nearest(here.vector(query), here.using)
    for name, build in SCORINGS.items():
        if name in query:
            return build(query, here, limit)
    raise BadRequest(f"Format error in JSON body: unknown query with fields {sorted(query)}")


def _nearest(query: Body, here: Place, limit: int) -> edge.ScoringQueryType:
    vector = here.vector(query["nearest"])
    if (mmr := query.get("mmr")) is None:
        return edge.Query.Nearest(vector, here.using)
    diversity = mmr.get("diversity")
    balance = 1.0 - (DEFAULT_DIVERSITY if diversity is None else diversity)
    return edge.Mmr(vector, balance, mmr.get("candidates_limit") or limit, here.using)


def _recommend(query: Body, here: Place, _: int) -> edge.ScoringQueryType:
    body = query["recommend"]
    positives = [here.vector(each) for each in body.get("positive") or []]
    negatives = [here.vector(each) for each in body.get("negative") or []]
    strategy = body.get("strategy") or "average_vector"
    if strategy != "average_vector":
        build = {"best_score": edge.Query.RecommendBestScore, "sum_scores": edge.Query.RecommendSumScores}[strategy]
        return build(edge.RecommendQuery(positives, negatives), here.using)
    if not positives:
        raise BadRequest("Wrong input: At least one positive vector is required with this strategy")
    return edge.Query.Nearest(away(average(positives), average(negatives) if negatives else None), here.using)


def _pairs(pairs: Any, here: Place) -> list[edge.ContextPair]:
    listed = pairs if isinstance(pairs, list) else [pairs]
    return [edge.ContextPair(here.vector(each["positive"]), here.vector(each["negative"])) for each in listed]


def _discover(query: Body, here: Place, _: int) -> edge.ScoringQueryType:
    body = query["discover"]
    return edge.Query.Discover(
        edge.DiscoverQuery(here.vector(body["target"]), _pairs(body.get("context") or [], here)), here.using
    )


def _context(query: Body, here: Place, _: int) -> edge.ScoringQueryType:
    return edge.Query.Context(edge.ContextQuery(_pairs(query["context"], here)), here.using)


def _rrf(query: Body, _here: Place, _limit: int) -> edge.ScoringQueryType:
    k = query["rrf"].get("k")
    return edge.Fusion.Rrf(DEFAULT_RRF_K if k is None else k, query["rrf"].get("weights"))  # type: ignore[return-value]


def _fusion(query: Body, _here: Place, _limit: int) -> edge.ScoringQueryType:
    # The engine's stub does not say that its two fusions are Fusions.
    builders: dict[str, Callable[[], Any]] = {"rrf": lambda: edge.Fusion.Rrf(DEFAULT_RRF_K), "dbsf": edge.Fusion.Dbsf}
    return builders[query["fusion"]]()  # type: ignore[no-any-return]


def _text(query: Body, here: Place, _: int) -> edge.ScoringQueryType:
    text = query["text"] if isinstance(query["text"], dict) else {"query": query["text"]}
    bm25 = (text.get("scoring") or {}).get("bm25")
    return edge.TextQuery(here.using, text["query"], edge.Bm25Params(bm25.get("k"), bm25.get("b")) if bm25 else None)


def to_order(order: Any) -> edge.OrderBy:
    """Translate ``order_by``: a field's name, or an object."""
    if isinstance(order, str):
        return edge.OrderBy(order)
    direction = {"asc": edge.Direction.Asc, "desc": edge.Direction.Desc}[order.get("direction") or "asc"]
    return edge.OrderBy(order["key"], direction, order.get("start_from"))


SCORINGS: dict[str, Callable[[Body, Place, int], edge.ScoringQueryType]] = {
    "nearest": _nearest,
    "fusion": _fusion,
    "rrf": _rrf,
    "recommend": _recommend,
    "order_by": lambda query, _here, _limit: to_order(query["order_by"]),
    "sample": lambda query, _here, _limit: {"random": edge.Sample.Random}[query["sample"]],
    "formula": lambda query, _here, _limit: to_formula(query),
    "discover": _discover,
    "context": _context,
    "text": _text,
}
