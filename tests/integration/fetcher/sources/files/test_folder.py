"""A watched folder: new and changed files, and nothing else."""

import gzip
import json
import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from services.fetcher.sources.feeds.driver import FeedProcess
from services.fetcher.sources.files.folder import WatchedFolder
from services.fetcher.sources.port import Poll
from shared.errors import PermanentError


def write(path: Path, titles: Iterable[str], *, at: int = 0) -> None:
    body = b"".join(json.dumps({"title": title}).encode() + b"\n" for title in titles)
    path.write_bytes(gzip.compress(body) if path.name.endswith(".gz") else body)
    os.utime(path, (at, at))


def titles(poll: Poll) -> list[str]:
    return [item.title for item in poll.items]


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[WatchedFolder]:
    """Watch the folder `inbox`, which does not exist yet."""
    feeds = FeedProcess()
    yield WatchedFolder("inbox", tmp_path / "inbox", feeds)
    await feeds.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir()
    return path


async def test_new_and_changed_files_are_read(folder: WatchedFolder, inbox: Path) -> None:
    write(inbox / "b.jsonl", ["Two"])
    write(inbox / "a.jsonl.gz", ["One"])
    (inbox / "notes.txt").write_text("no papers")
    (inbox / "deeper.jsonl").mkdir()
    first = await folder.poll({})
    assert titles(first) == ["One", "Two"]
    assert {item.source for item in first.items} == {"inbox"}
    assert first.detail == "2 files"
    assert titles(await folder.poll(first.cursor)) == []
    write(inbox / "b.jsonl", ["Two", "Three"])
    second = await folder.poll(first.cursor)
    assert titles(second) == ["Two", "Three"]
    write(inbox / "b.jsonl", ["Two", "THREE"], at=7)
    third = await folder.poll(second.cursor)
    assert titles(third) == ["Two", "THREE"], "as long as before, but written later"
    (inbox / "b.jsonl").unlink()
    assert set((await folder.poll(third.cursor)).cursor["files"]) == {"a.jsonl.gz"}


async def test_a_bad_file_is_named_and_the_others_are_read(folder: WatchedFolder, inbox: Path) -> None:
    write(inbox / "a.jsonl", ["One", ""])
    (inbox / "b.xml").write_bytes(b"<html>no feed</html>")
    (inbox / "c.jsonl.gz").write_bytes(b"\x1f\x8bbroken")
    (inbox / "d.jsonl").symlink_to(inbox / "missing")
    write(inbox / "e.jsonl", ["Two"])
    poll = await folder.poll({})
    assert titles(poll) == ["One", "Two"]
    assert [refusal.where for refusal in poll.refusals] == ["a.jsonl, line 2", "b.xml", "c.jsonl.gz"]
    assert (await folder.poll(poll.cursor)).refusals == [], "said once"


async def test_a_missing_folder_is_refused(folder: WatchedFolder) -> None:
    with pytest.raises(PermanentError, match="there is no folder"):
        await folder.poll({})
