"""Which parts of the points a response contains, and the parameters of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.translation.filters import to_filter

Body = Mapping[str, Any]


def with_payload(body: Body, *, default: bool) -> edge.WithPayloadType:
    """Translate ``with_payload``: a bool, a list of fields, or fields to include or exclude."""
    wanted = body.get("with_payload")
    if wanted is None:
        return default
    if not isinstance(wanted, dict):
        return wanted  # type: ignore[no-any-return]
    if "include" in wanted:
        return edge.PayloadSelector.Include(wanted["include"])
    return edge.PayloadSelector.Exclude(wanted["exclude"])


def top_level(wanted: edge.WithPayloadType) -> frozenset[str] | None:
    """Return the fields if all are at the top level, else None: picking them takes the engine longer than Python."""
    plain = isinstance(wanted, list) and not any(set(path) & set('.[]"') for path in wanted)
    return frozenset(wanted) if plain else None  # type: ignore[arg-type]  # a list


def with_vector(body: Body) -> edge.WithVectorType:
    """Translate ``with_vector``: a bool or a list of names."""
    wanted = body.get("with_vector", body.get("with_vectors"))
    return False if wanted is None else wanted


def to_params(body: Body | None) -> edge.SearchParams | None:
    """Translate search parameters. No search uses an index, so parameters of an index have no effect."""
    if not body:
        return None
    quantization = body.get("quantization")
    return edge.SearchParams(
        hnsw_ef=body.get("hnsw_ef"),
        exact=bool(body.get("exact")),
        indexed_only=bool(body.get("indexed_only")),
        idf=_corpus(body.get("idf")),
        quantization=_quantization(quantization) if quantization else None,
    )


def _quantization(body: Body) -> edge.QuantizationSearchParams:
    return edge.QuantizationSearchParams(
        ignore=bool(body.get("ignore")), rescore=body.get("rescore"), oversampling=body.get("oversampling")
    )


def _corpus(idf: Any) -> edge.IdfParams | None:
    """Translate the set of points over which document frequencies are counted: all, or those of a filter."""
    return edge.IdfParams(to_filter(idf["corpus"])) if isinstance(idf, dict) else None
