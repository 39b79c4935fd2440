"""Files that are complete or not there at all."""

import os
from pathlib import Path

import pytest

from shared import files


def test_a_file_is_synced_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, steps, fsync = tmp_path / "key", [], os.fsync

    def note(descriptor: int) -> None:
        steps.append((Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path, path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    files.write_file(path, b"secret")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"secret", 0o600)
    assert steps == [(False, False), (True, True)]  # the content, the name, the folder


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        files.write_file(path, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
    assert path.read_bytes() == b"old"
