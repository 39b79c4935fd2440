"""The syncs of the engine's log: one for all that wait, nothing missed, and an end when the disk fails."""

import asyncio
import threading
from pathlib import Path

import pytest

from embedded.qdrant.errors import ApiError
from embedded.qdrant.storage.log_sync import ChangedFiles, LogSync


async def test_changes_that_wait_during_a_sync_share_the_next(tmp_path: Path) -> None:
    started, release = threading.Event(), threading.Event()
    syncs: list[None] = []

    def sync() -> None:
        syncs.append(None)
        started.set()
        release.wait(10)

    log = LogSync(tmp_path, sync)
    first = asyncio.create_task(log.synced())
    await asyncio.to_thread(started.wait, 10)
    others = [asyncio.create_task(log.synced()) for _ in range(20)]
    await asyncio.sleep(0)
    assert not any(each.done() for each in (first, *others))
    release.set()
    await asyncio.gather(first, *others)
    assert len(syncs) == 2


async def test_after_a_failed_sync_nothing_is_acknowledged(tmp_path: Path) -> None:
    failures = [OSError(5, "Input/output error")]

    def sync() -> None:
        if failures:
            raise failures.pop()

    log = LogSync(tmp_path, sync)
    for _ in range(2):
        with pytest.raises(ApiError, match=r"Input/output error.*Check the disk"):
            await log.synced()


def test_only_changed_files_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr("embedded.qdrant.storage.log_sync.sync", lambda path: synced.append(path.name))
    monkeypatch.setattr("time.time_ns", lambda: 10**20)  # long after every change
    for name in ("closed-0", "open-1"):
        (tmp_path / name).touch()
    files = ChangedFiles(tmp_path)
    files.sync()
    assert sorted(synced) == sorted(["closed-0", "open-1", tmp_path.name])
    synced.clear()
    (tmp_path / "open-1").write_bytes(b"more")
    files.sync()
    assert synced == ["open-1"]
    synced.clear()
    (tmp_path / "open-1").rename(tmp_path / "closed-1")
    files.sync()
    assert sorted(synced) == sorted(["closed-1", tmp_path.name])


def test_a_file_that_may_change_within_one_tick_of_the_clock_is_synced_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr("embedded.qdrant.storage.log_sync.sync", lambda path: synced.append(path.name))
    (tmp_path / "open-1").touch()
    files = ChangedFiles(tmp_path)
    files.sync()
    files.sync()
    assert synced == ["open-1", tmp_path.name, "open-1"]


def test_a_file_that_is_renamed_during_a_sync_is_synced_under_its_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def sync(path: Path) -> None:
        if path.name == "closed-0" and (tmp_path / "open-1").exists():
            (tmp_path / "open-1").rename(tmp_path / "closed-1")
        synced.append(path.name)

    monkeypatch.setattr("embedded.qdrant.storage.log_sync.sync", sync)
    for name in ("closed-0", "open-1"):
        (tmp_path / name).touch()
    ChangedFiles(tmp_path).sync()
    assert "closed-1" in synced
