"""The append-only file of the embedded Redis: whether it can be read, and how a damaged end is cut off."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from embedded.errors import DataDamaged
from embedded.redis.binary import find_binary

MANIFEST_FIELDS: Final = 6
"""`file NAME seq NUMBER type KIND`."""
CHECK_SECONDS: Final = 600
EMPTY_BYTES: Final = 256
"""More than a server writes before its first manifest; a kill at that moment must not look like damage."""
MAX_ZEROS: Final = 1024 * 1024
"""The most zeros that are cut off; a file system loses a few blocks at most."""
TOO_NEW: Final = "Can't handle RDB format version"
SIGNS: Final = ("append only file", "AOF", "RDB")
"""What a line of the server's log contains if it could not read its file."""
FATAL: Final = ("Bad file format", "Unexpected end of file", "Unrecoverable error", "Fatal error", "doesn't exist")


def file_of(directory: Path) -> Path | None:
    """Return what a check starts from: the manifest, or the only file of Redis 6; None before the first start."""
    for path in (directory / "appendonlydir" / "appendonly.aof.manifest", directory / "appendonly.aof"):
        if path.exists():
            return path
    return None


def check_manifest(directory: Path) -> None:
    """Raise DataDamaged if there is data without a manifest that lists it: a server would start empty beside it."""
    if problem := _manifest_problem(directory):
        raise DataDamaged(f"{problem}: restore {directory} from a backup, or the manifest in it.")


def _manifest_problem(directory: Path) -> str | None:
    """Return what is wrong with the list of files, or None; before the first start there is none."""
    path = file_of(directory)
    if path is None:
        return _without_manifest(directory)
    listed = _parts(path)
    if not listed:
        return f"The manifest {path} lists no file"
    return next((f"{part} is missing" for part in listed if not part.is_file()), None)


def _without_manifest(directory: Path) -> str | None:
    parts = list(directory.glob("appendonlydir/*.aof")) + list(directory.glob("appendonlydir/*.rdb"))
    if file_of(directory) or sum(part.stat().st_size for part in parts) <= EMPTY_BYTES:
        return None
    return f"The append-only file in {directory} has no manifest"


def cut_zeros(directory: Path) -> int:
    """Cut zeros off the end of the file, where no command ends; return how many there were.

    A file system may keep the new length of a file in a power cut and lose the bytes that were written last. A server
    ignores a last command that is incomplete, but refuses one that ends with zeros.
    """
    path = file_of(directory)
    last = _parts(path)[-1] if path and _parts(path) else None
    if last is None or not last.is_file() or _starts_with(last, b"VALKEY") or _starts_with(last, b"REDIS"):
        return 0  # a rewritten part ends with a checksum
    with last.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - MAX_ZEROS))
        end = file.read()
        zeros = len(end) - len(end.rstrip(b"\0"))
        if zeros:
            file.truncate(size - zeros)
    return zeros


def problem_of(directory: Path) -> str | None:
    """Return what is wrong with the file, or None."""
    path = file_of(directory)
    if path is None or _manifest_problem(directory):
        return _manifest_problem(directory)
    return next((problem for part in _parts(path) if (problem := _check(part))), None)


def repair(directory: Path, suffix: str) -> str | None:
    """Cut the file off where it can no longer be read, and keep a copy with a suffix; return what is still wrong."""
    path = file_of(directory)
    if path is None or _manifest_problem(directory):
        return _manifest_problem(directory)
    *earlier, last = _parts(path)
    if problem := next((problem for part in earlier if (problem := _check(part))), None):
        return problem
    whole = path.parent if path.suffix == ".manifest" else path
    copy = whole.with_name(f"{whole.name}.{suffix}")
    (shutil.copytree if whole.is_dir() else shutil.copy2)(whole, copy)
    return _check(last, "--fix")


def _parts(path: Path) -> list[Path]:
    """Return the files that a manifest lists, oldest first: the base, and what was appended since."""
    if path.suffix != ".manifest":
        return [path]
    rows = [line.split() for line in path.read_text("utf-8", "replace").splitlines()]
    return [path.parent / row[1] for row in rows if len(row) >= MANIFEST_FIELDS and row[-1] in {"b", "i"}]


def explain(log: str, directory: Path) -> str | None:
    """Return one sentence for a start that failed because of the file; None if the log names another reason."""
    if TOO_NEW in log:
        return (
            f"The data in {directory} was written by a newer Redis or Valkey than {find_binary()}: "
            "put the newer one on PATH, or remove this one from PATH."
        )
    lines = (line for line in log.splitlines() if any(sign in line for sign in SIGNS))
    if any(sign in line for line in lines for sign in FATAL):
        return (
            f"The append-only file in {directory} is damaged: run `paperwire doctor --repair`, which keeps a copy and "
            "cuts it where it can no longer be read, or restore it from a backup."
        )
    return None


def _check(path: Path, *options: str) -> str | None:
    """Check one file with the checkers that are in every server: it is a checker when it is called by that name."""
    binary = find_binary()
    # The checker of Valkey 9.1 does not know the beginning of the files that Valkey 9.1 writes; that of RDB files does.
    kind = "rdb" if path.is_file() and _starts_with(path, b"VALKEY") else "aof"
    made = subprocess.run(  # noqa: S603  # our own binary
        [f"{Path(binary).name.split('-')[0]}-check-{kind}", *options, str(path)],
        executable=binary,
        input="y\n",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=CHECK_SECONDS,
        check=False,
    )
    lines = [line.strip() for line in (made.stdout + made.stderr).splitlines() if line.strip()]
    return None if made.returncode == 0 else (lines or ["it cannot be read"])[-1]


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
