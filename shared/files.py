"""Files that survive a power cut: what is written once is complete on disk, or not there at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is complete or unchanged, whatever happens meanwhile, and on disk when this returns."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(path.parent)


def create_file(path: Path, content: bytes) -> bool:
    """Create a file as `write_file` does, unless it exists; of processes that start together one creates it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    sync(path.parent)
    return True


def sync(path: Path) -> None:
    """Write a file, or the names in a directory, to disk; what others wrote to the file, too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(directory: Path) -> None:
    """Write a directory with all that is in it to disk, and its own name; files that vanish meanwhile are left out."""
    for folder, _, names in os.walk(directory, topdown=False):
        for path in (*(Path(folder, name) for name in names), Path(folder)):
            try:
                sync(path)
            except FileNotFoundError:
                continue
    sync(directory.parent)
