"""The engine's results as Qdrant's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import qdrant_edge as edge

from embedded.qdrant.storage.collection import Collection
from embedded.qdrant.translation.schema import dense_params, index_type

Json = dict[str, Any]


def dump(answer: Json) -> bytes:
    """Serialize an answer; UUIDs and sparse vectors may be anywhere in it."""
    return orjson.dumps(answer, default=_default)


def _default(value: Any) -> Json:
    if isinstance(value, edge.SparseVector):
        return {"indices": value.indices, "values": value.values}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def records(found: Iterable[edge.Record], fields: frozenset[str] | None = None) -> list[Json]:
    """Return points without a score, with all or some fields of their payload."""
    rows = [_record(each) for each in found]
    if fields is not None:
        for row in rows:
            row["payload"] = {name: value for name, value in row["payload"].items() if name in fields}
    return rows


def _record(found: edge.Record) -> Json:
    return {"id": found.id, **_parts(found)}


def scored(found: Iterable[edge.ScoredPoint]) -> Json:
    """Return points with a score, best first."""
    return {"points": [_scored(each) for each in found]}


def _scored(found: edge.ScoredPoint) -> Json:
    return {"id": found.id, "version": found.version, "score": found.score, **_parts(found)}


def _parts(found: edge.Record | edge.ScoredPoint) -> Json:
    """Return the requested parts of a point; the others are left out."""
    parts = {"payload": found.payload, "vector": found.vector, "order_value": found.order_value}
    return {name: part for name, part in parts.items() if part is not None}


def updated(operation: int) -> Json:
    """Confirm a change; it is in the engine's log and visible to every later read."""
    return {"operation_id": operation, "status": "completed"}


def info(collection: Collection) -> Json:
    """Describe a collection."""
    shard, config = collection.shard.info(), collection.config
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": shard.points_count,
        "indexed_vectors_count": shard.indexed_vectors_count,
        "segments_count": shard.segments_count,
        "config": {**FIXED_CONFIG, "params": _params(config), "metadata": config["metadata"]},
        "payload_schema": {field: _index(schema, field, shard) for field, schema in config["indexes"].items()},
    }


def _params(config: Json) -> Json:
    dense = dense_params(config)
    return {
        **FIXED_PARAMS,
        "vectors": dense.get("", dense),
        **({"sparse_vectors": config["sparse_vectors"]} if config["sparse_vectors"] else {}),
    }


def _index(schema: Any, field: str, shard: edge.ShardInfo) -> Json:
    built = shard.payload_schema.get(field)
    answer: Json = {"data_type": index_type(schema), "points": built.points if built else 0}
    return {**answer, "params": schema} if isinstance(schema, dict) else answer


FIXED_PARAMS = {"shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1, "on_disk_payload": True}
# Qdrant's defaults. Points are found by exact scan, so none of it changes an answer; clients expect it to be there.
FIXED_CONFIG = {
    "hnsw_config": {
        "m": 16,
        "ef_construct": 100,
        "full_scan_threshold": 10_000,
        "max_indexing_threads": 0,
        "on_disk": False,
    },
    "optimizer_config": {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1_000,
        "default_segment_number": 0,
        "max_segment_size": None,
        "memmap_threshold": None,
        "indexing_threshold": 10_000,
        "flush_interval_sec": 5,
        "max_optimization_threads": None,
    },
    "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
    "quantization_config": None,
}
