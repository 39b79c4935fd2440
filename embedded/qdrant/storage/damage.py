"""Collections that cannot be opened: which, why, and how one is set aside."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from embedded.errors import DataDamaged, DataDirError
from embedded.qdrant.errors import ApiError, engine
from embedded.qdrant.storage.collection import CONFIG_NAME, Collection
from shared.files import sync

ASIDE: Final = "damaged"
"""The folder beside the collections to which damaged ones are moved. Its presence says that one was."""


def open_collection(path: Path) -> Collection:
    """Open a collection.

    Raises:
        DataDamaged: it cannot be opened; one sentence says why and what to do.
        DataDirError: the disk is full.
    """
    try:
        with engine():
            return Collection.open(path)
    except (ApiError, OSError) as error:
        if "No space left on device" in str(error):
            raise DataDirError(f"The disk of {path} is full: free some space, then start again.") from error
        reason = " ".join(str(error).split())
        raise DataDamaged(
            f"The collection {path.name} in {path} is damaged: run `paperwire doctor --repair`, which sets it aside "
            f"to be filled again from Redis, or restore it from a backup. ({reason})"
        ) from error


def damaged(collections: Path) -> dict[Path, str]:
    """Open and close every collection of a directory; return those that are damaged, with the sentence of each."""
    found = {}
    for path in sorted(collections.glob(f"*/{CONFIG_NAME}")):
        try:
            open_collection(path.parent).close()
        except DataDamaged as error:
            found[path.parent] = str(error)
    return found


def set_aside(path: Path) -> Path:
    """Move a damaged collection out of the way, and return where it is kept."""
    folder = path.parent.with_name(ASIDE)
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    path.rename(target)
    sync(folder)
    sync(path.parent)
    return target
