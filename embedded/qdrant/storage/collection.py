"""One collection: a shard of the engine, its configuration, and the order of its writes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import orjson
import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, DiskFull, NotFound, engine, parsing
from embedded.qdrant.storage.log_sync import LogSync
from embedded.qdrant.storage.query_batcher import QueryBatcher
from embedded.qdrant.translation.schema import edge_config, edge_index, new_vector, shape_of
from embedded.qdrant.translation.updates import Update
from shared.files import sync_tree, write_file

CONFIG_NAME = "collection.json"
PAGE_IDS = 1_000
# What is not flushed is in the engine's log and is replayed when opened after a crash: 4,096 points take half a second.
# A flush keeps the loop waiting: 50 ms at 64,000 points, ten times that beside an import that fills processor and disk.
FLUSH_POINTS = 4_096
FLUSH_SECONDS = 60.0
RESERVED_BYTES = 64 * 1024 * 1024  # what the engine may write without a change: its log's segments have 32 MiB


class Collection:
    """A collection. Writes run one request at a time, in pieces, with reads in between."""

    def __init__(self, path: Path, config: dict[str, Any], shard: edge.EdgeShard) -> None:
        self._path = path
        self.config = config
        self.shape = shape_of(config)
        self.shard = shard
        self.batcher = QueryBatcher(shard)
        self._log = LogSync(_shard(path) / "wal")
        self._writing = asyncio.Lock()
        self._unflushed = 0
        self._timer: asyncio.TimerHandle | None = None
        self._operations = 0

    @classmethod
    def create(cls, path: Path, config: dict[str, Any]) -> Self:
        """Create the shard, then write its configuration: one without the other is not a collection."""
        with parsing():
            settings = edge_config(config)
        path.mkdir()
        with engine():
            shard = edge.EdgeShard.create(str(_shard(path)), settings)
        sync_tree(path)
        collection = cls(path, config, shard)
        collection.save()
        return collection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a collection; what its log holds beyond the last flush is replayed."""
        config = orjson.loads((path / CONFIG_NAME).read_bytes())
        if missing := {"vectors", "sparse_vectors", "metadata", "indexes"} - set(config):
            raise BadRequest(f"{CONFIG_NAME} lacks {', '.join(sorted(missing))}")
        return cls(path, config, edge.EdgeShard.load(str(_shard(path))))

    def close(self) -> None:
        """Flush and close."""
        if self._timer:
            self._timer.cancel()
        if not self._log.failure:
            self.shard.flush()
        self.shard.close()

    def save(self) -> None:
        """Write the configuration atomically."""
        write_file(self._path / CONFIG_NAME, orjson.dumps(self.config))

    async def apply(self, update: Update) -> int:
        """Carry out an update and write it to disk; return the number of this operation since the start.

        Raises:
            NotFound: it named points that do not exist. It is carried out for all others, as Qdrant does.
            DiskFull, DiskFailed: it cannot be written to disk.
        """
        self._log.check()
        self._check_room()
        missing: NotFound | None = None
        async with self._writing:
            async for targets in self._pieces(update):
                try:
                    self._update(update.build(targets), len(targets))
                except NotFound as error:
                    missing = missing or error
                await asyncio.sleep(0)
            self._operations += 1
            number = self._operations
        await self._log.synced()
        if missing:
            raise missing
        return number

    def _check_room(self) -> None:
        """Raise DiskFull before the disk is full: a write to a mapped file that finds no room ends the process."""
        if shutil.disk_usage(self._path).free < RESERVED_BYTES:
            raise DiskFull("Service internal error: No space left on device: less than 64 MiB are free")

    async def create_index(self, field: str, schema: Any) -> int:
        """Index a payload field. On a large collection the engine is away for seconds: index before filling."""
        self._check_room()
        with parsing():
            operation = edge.UpdateOperation.create_field_index(field, edge_index(schema))
        async with self._writing:
            return await self._reindex(operation, {**self.config["indexes"], field: schema})

    async def delete_index(self, field: str) -> int:
        """Remove the index of a payload field; one that is not indexed is left alone."""
        with parsing():
            operation = edge.UpdateOperation.delete_field_index(field)
        async with self._writing:
            left = {name: each for name, each in self.config["indexes"].items() if name != field}
            return await self._reindex(operation, left)

    async def create_vector(self, name: str, body: Any) -> int:
        """Add a named vector, which no point has yet.

        Raises:
            BadRequest, Invalid: there is one of this name with other parameters, or the parameters cannot be used.
        """
        self._check_room()
        with parsing():
            kind, params, operation = new_vector(name, body)
        async with self._writing:
            present = self.config[kind].get(name)
            if present is not None and params.items() <= present.items():
                return self._operations
            if name in self.shape or "" in self.shape:
                raise BadRequest(f"Wrong input: vector '{name}' already exists with different parameters")
            return await self._reshape(operation, {kind: {**self.config[kind], name: params}})

    async def delete_vector(self, name: str) -> int:
        """Remove a named vector from every point; one that does not exist is left alone."""
        async with self._writing:
            if name not in self.shape:
                return self._operations
            kinds = ("vectors", "sparse_vectors")
            left = {kind: {key: each for key, each in self.config[kind].items() if key != name} for kind in kinds}
            return await self._reshape(edge.UpdateOperation.delete_vector_name(name), left)

    async def _reshape(self, operation: edge.UpdateOperation, changed: dict[str, Any]) -> int:
        """Change the vectors, within the lock: first in the engine, so that the configuration names none it lacks."""
        self._update(operation, 1)
        await self._log.synced()
        self.config = {**self.config, **changed}
        self.shape = shape_of(self.config)
        self.save()
        self._operations += 1
        return self._operations

    async def _reindex(self, operation: edge.UpdateOperation, indexes: dict[str, Any]) -> int:
        """Change the payload indexes, within the lock."""
        self._update(operation, 1)
        self.config["indexes"] = indexes
        await self._log.synced()
        self.save()
        self._operations += 1
        return self._operations

    async def _pieces(self, update: Update) -> AsyncIterator[list[Any]]:
        if not isinstance(update.targets, edge.Filter):
            for start in range(0, len(update.targets), update.size):
                yield update.targets[start : start + update.size]
            return
        offset: edge.PointId | None = None
        while True:
            page = edge.ScrollRequest(offset, PAGE_IDS, update.targets, with_payload=False, with_vector=False)
            with engine():
                records, offset = self.shard.scroll(page)
            if records:
                yield [record.id for record in records]
            if offset is None:
                return

    def _update(self, operation: edge.UpdateOperation, points: int) -> None:
        with engine():
            self.shard.update(operation)
        self._unflushed += points
        if self._unflushed >= FLUSH_POINTS:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush)

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer, self._unflushed = None, 0
        if not self._log.failure:  # a flush shortens the log, which is all that a disk that failed leaves to rely on
            self.shard.flush()


def _shard(path: Path) -> Path:
    shard = path / "shard"
    shard.mkdir(exist_ok=True)
    return shard
