"""The `papers` collection as the indexer writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient, models

from shared.embedding.embedder import SparseVector
from shared.qdrant import BM25, DENSE, PAPERS, outages


@dataclass(frozen=True, slots=True)
class Known:
    """What the index holds of a work."""

    fingerprint: str
    revision: int
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Written:
    """One point to write; without vectors its payload only. What the index has of this or a later revision stays."""

    point: str
    payload: dict[str, Any]
    revision: int
    dense: NDArray[np.float32] | None = None
    sparse: SparseVector | None = None


class QdrantPapers:
    """Reads what is known, writes what is new; acknowledged means it can be found."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        """Use a client that stays the caller's."""
        self._client = client

    async def known(self, points: Sequence[str]) -> dict[str, Known]:
        """Look up points by id. Raises TransientError when Qdrant does not answer."""
        async with outages():
            records = await self._client.retrieve(
                PAPERS, list(points), with_payload=["fingerprint", "revision"], with_vectors=[DENSE]
            )
        return {str(record.id): _known(record) for record in records}

    async def write(self, rows: Sequence[Written], gone: Sequence[str] = ()) -> None:
        """Write points and payloads, then delete those `gone`, in one request; wait until it shows.

        Qdrant itself compares the revisions: another indexer may have written since these works were looked up.
        Raises TransientError.
        """
        operations: list[models.UpdateOperation] = []
        for revision in sorted({row.revision for row in rows if row.dense is not None}):
            fresh = [_point(row) for row in rows if row.dense is not None and row.revision == revision]
            upsert = models.PointsList(points=fresh, update_filter=models.Filter(must=_older(revision)))
            operations.append(models.UpsertOperation(upsert=upsert))
        for row in rows:
            if row.dense is None:
                which = models.Filter(must=[models.HasIdCondition(has_id=[row.point]), _older(row.revision)])
                change = models.SetPayload(payload=row.payload, filter=which)
                operations.append(models.OverwritePayloadOperation(overwrite_payload=change))
        if gone:
            operations.append(models.DeleteOperation(delete=models.PointIdsList(points=list(gone))))
        if operations:
            async with outages():
                await self._client.batch_update_points(PAPERS, operations, wait=True)

    async def drop_joined(self, works: Mapping[str, str]) -> None:
        """Delete those of some works, points by ids, that are known as a part of another by now.

        Called after writing. Who joins two works writes the one that stays before deleting the other: so either that
        is seen here, or the deletion comes after our writing. Raises TransientError.
        """
        if not works:
            return
        named = models.FieldCondition(key="ids", match=models.MatchAny(any=list(works)))
        others = models.Filter(must=[named], must_not=[models.HasIdCondition(has_id=list(works.values()))])
        async with outages():
            records, _ = await self._client.scroll(PAPERS, others, limit=len(works), with_payload=["ids"])
        parts = {name for record in records for name in (record.payload or {}).get("ids", ())} & works.keys()
        await self.write([], [works[name] for name in sorted(parts)])


def _older(revision: int) -> models.FieldCondition:
    return models.FieldCondition(key="revision", range=models.Range(lt=revision))


def _known(record: models.Record) -> Known:
    payload = record.payload or {}
    vectors = record.vector if isinstance(record.vector, dict) else {}
    vector = np.asarray(vectors.get(DENSE), dtype=np.float32)
    return Known(str(payload.get("fingerprint")), int(payload.get("revision", 0)), vector)


def _point(row: Written) -> models.PointStruct:
    if row.dense is None or row.sparse is None:
        message = f"point {row.point} has no vectors to upsert"
        raise ValueError(message)
    sparse = models.SparseVector(indices=row.sparse.indices, values=row.sparse.values)
    return models.PointStruct(id=row.point, vector={DENSE: row.dense.tolist(), BM25: sparse}, payload=row.payload)
