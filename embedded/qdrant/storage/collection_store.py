"""The collections of a data directory, each one shard of the engine with its configuration in JSON beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedded.qdrant.errors import ApiError, BadRequest, Conflict, NotFound
from embedded.qdrant.storage.collection import CONFIG_NAME, Collection
from embedded.qdrant.storage.damage import open_collection
from shared.files import sync

NAME_BYTES = 255
FORBIDDEN = frozenset('<>:"/\\|?*\0')


class Collections:
    """All collections under one directory, opened together and closed together."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._collections: dict[str, Collection] = {}

    def open(self) -> None:
        """Open every collection that was completely created; remove what a crash left of others."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(self._directory.iterdir()):
            if (path / CONFIG_NAME).exists():
                self._collections[path.name] = open_collection(path)
            elif path.is_dir():
                shutil.rmtree(path)

    def close(self) -> None:
        """Flush and close all."""
        for collection in self._collections.values():
            collection.close()
        self._collections.clear()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._collections))

    def __contains__(self, name: str) -> bool:
        return name in self._collections

    def __getitem__(self, name: str) -> Collection:
        """Return a collection.

        Raises:
            NotFound: there is none of this name.
        """
        try:
            return self._collections[name]
        except KeyError:
            raise NotFound(f"Not found: Collection `{name}` doesn't exist!") from None

    def create(self, name: str, config: dict[str, Any]) -> None:
        """Create a collection.

        Raises:
            Conflict: the name is taken.
            BadRequest, Invalid: the name or the configuration cannot be used.
        """
        if name in self._collections:
            raise Conflict(f"Wrong input: Collection `{name}` already exists!")
        if name in {".", ".."} or FORBIDDEN & set(name) or len(name.encode()) > NAME_BYTES:
            raise BadRequest(f"Wrong input: collection name {name!r} is not allowed")
        path = self._directory / name
        try:
            self._collections[name] = Collection.create(path, config)
        except ApiError:
            shutil.rmtree(path, ignore_errors=True)
            raise

    def delete(self, name: str) -> bool:
        """Delete a collection; return whether there was one."""
        if (collection := self._collections.pop(name, None)) is None:
            return False
        collection.close()
        # Without its configuration it does not exist: a crash half way leaves nothing that would be opened.
        (self._directory / name / CONFIG_NAME).unlink()
        sync(self._directory / name)
        shutil.rmtree(self._directory / name)
        return True
