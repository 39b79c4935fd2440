"""Building the map: read the newest papers, lay them out, write the map. `renewal` runs it in a worker."""

import asyncio
import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from services.indexer.paper_map.layout import MIN_PAPERS, Positions, layout
from services.indexer.paper_map.regions import regions
from services.indexer.settings import IndexerSettings
from shared.board.paper_map import read_map, write_map
from shared.bus import open_redis
from shared.qdrant import DENSE, PAPERS, open_qdrant, outages
from shared.qdrant.client_library import AsyncQdrantClient, models

MAX_PAPERS: Final = 50_000
"""The most papers of a map; the newest are on it."""
MAX_FIELDS: Final = 11
"""The most fields with a colour of their own; the smaller ones share one."""
OTHER: Final = "other"
"""The field of the smaller ones, and of papers without a category."""
_PAGE: Final = 1_000
_ACTIVE: Final = models.Filter(
    must=[models.FieldCondition(key="paper.status", match=models.MatchValue(value="active"))]
)
Row = Mapping[str, Any]


async def build(settings: IndexerSettings) -> int:
    """Build the map and write it; return how many papers it has.

    Raises:
        TransientError: Qdrant does not answer.

    """
    client, redis = open_qdrant(settings), open_redis(settings.redis_url)
    try:
        count = (await client.count(PAPERS)).count
        rows = await _newest(client)
        if len(rows) < MIN_PAPERS:
            await write_map(redis, count, None)
            return 0
        vectors = await _vectors(client, list(rows))
        rows = {point: rows[point] for point in rows if point in vectors}
        before = _positions(await read_map(redis))
        ids = [row["id"] for row in rows.values()]
        stacked = np.stack([vectors[point] for point in rows])
        places = await asyncio.to_thread(layout, ids, stacked, before)
        columns = await asyncio.to_thread(as_columns, list(rows.values()), places, datetime.now(UTC))
        body = gzip.compress(orjson.dumps(columns), mtime=0)
        await write_map(redis, count, body)
        return len(rows)
    finally:
        await client.close()
        await redis.aclose()


def build_map(_: bytes) -> bytes:
    """Build the map in a worker, with the settings of its environment; the answer is empty."""
    asyncio.run(build(IndexerSettings.load()))
    return b""


def as_columns(rows: Sequence[Row], places: NDArray[np.int64], now: datetime) -> dict[str, Any]:
    """Return the map in columns, one row a paper: `field` is an index into `fields`, `day` counts from 1970-01-01.

    `regions` are the names of its parts, the large ones first.
    """
    fields = [
        name for name, _ in Counter(row["field"] for row in rows if row["field"] != OTHER).most_common(MAX_FIELDS)
    ]
    number = {name: index for index, name in enumerate(fields)}
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "fields": [*fields, OTHER],
        "id": [row["id"] for row in rows],
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "field": [number.get(row["field"], len(fields)) for row in rows],
        "day": [row["day"] for row in rows],
        "regions": [asdict(one) for one in regions(places, [row["keywords"] for row in rows])],
    }


async def _newest(client: AsyncQdrantClient) -> dict[str, Row]:
    """Return what the map shows of the newest papers, by point."""
    found: dict[str, Row] = {}
    offset: Any = None
    wanted = ["paper.id", "paper.categories", "paper.keywords", "published_at"]
    while True:
        async with outages():
            records, offset = await client.scroll(PAPERS, _ACTIVE, limit=_PAGE, offset=offset, with_payload=wanted)
        found |= {str(record.id): _row(record.payload or {}) for record in records}
        if offset is None:
            break
    newest = sorted(found, key=lambda point: (found[point]["day"], point), reverse=True)[:MAX_PAPERS]
    return {point: found[point] for point in newest}


def _row(payload: Row) -> Row:
    paper = payload["paper"]
    categories = paper.get("categories") or [OTHER]
    day = date.fromisoformat(str(payload["published_at"])[:10]) - date(1970, 1, 1)
    keywords = paper.get("keywords") or ()
    return {"id": paper["id"], "field": categories[0], "day": day.days, "keywords": keywords}


async def _vectors(client: AsyncQdrantClient, points: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    vectors = {}
    for start in range(0, len(points), _PAGE):
        part = list(points[start : start + _PAGE])
        async with outages():
            records = await client.retrieve(PAPERS, part, with_payload=False, with_vectors=[DENSE])
        for record in records:
            if isinstance(record.vector, dict):
                vectors[str(record.id)] = np.asarray(record.vector[DENSE], dtype=np.float32)
    return vectors


def _positions(body: bytes | None) -> Positions:
    if body is None:
        return {}
    columns = orjson.loads(gzip.decompress(body))
    return {work_id: (x, y) for work_id, x, y in zip(columns["id"], columns["x"], columns["y"], strict=True)}
