"""A watched folder: new and changed files, and nothing else."""

import gzip
import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from services.fetcher.sources.files.folder import WatchedFolder
from services.fetcher.sources.port import Poll
from shared.errors import PermanentError


def write(path: Path, titles: Iterable[str], *, at: int = 0) -> None:
    body = b"".join(json.dumps({"title": title}).encode() + b"\n" for title in titles)
    path.write_bytes(gzip.compress(body) if path.name.endswith(".gz") else body)
    os.utime(path, (at, at))


def titles(poll: Poll) -> list[str]:
    return [item.title for item in poll.items]


async def test_new_and_changed_files_are_read(tmp_path: Path) -> None:
    folder = WatchedFolder("inbox", tmp_path)
    write(tmp_path / "b.jsonl", ["Two"])
    write(tmp_path / "a.jsonl.gz", ["One"])
    (tmp_path / "notes.txt").write_text("no papers")
    (tmp_path / "deeper.jsonl").mkdir()
    first = await folder.poll({})
    assert titles(first) == ["One", "Two"]
    assert {item.source for item in first.items} == {"inbox"}
    assert first.detail == "2 files"
    assert titles(await folder.poll(first.cursor)) == []
    write(tmp_path / "b.jsonl", ["Two", "Three"])
    second = await folder.poll(first.cursor)
    assert titles(second) == ["Two", "Three"]
    write(tmp_path / "b.jsonl", ["Two", "THREE"], at=7)
    third = await folder.poll(second.cursor)
    assert titles(third) == ["Two", "THREE"], "as long as before, but written later"
    (tmp_path / "b.jsonl").unlink()
    assert set((await folder.poll(third.cursor)).cursor["files"]) == {"a.jsonl.gz"}


async def test_a_bad_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", ["One", ""])
    (tmp_path / "b.xml").write_bytes(b"<html>no feed</html>")
    (tmp_path / "c.jsonl.gz").write_bytes(b"\x1f\x8bbroken")
    (tmp_path / "d.jsonl").symlink_to(tmp_path / "missing")
    write(tmp_path / "e.jsonl", ["Two"])
    poll = await WatchedFolder("inbox", tmp_path).poll({})
    assert titles(poll) == ["One", "Two"]
    assert [refusal.where for refusal in poll.refusals] == ["a.jsonl, line 2", "b.xml", "c.jsonl.gz"]
    assert (await WatchedFolder("inbox", tmp_path).poll(poll.cursor)).refusals == [], "said once"


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="there is no folder"):
        await WatchedFolder("inbox", tmp_path / "none").poll({})
