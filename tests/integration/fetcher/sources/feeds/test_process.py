"""Feeds parsed in processes: what the library cannot finish fails its own source, and nothing else."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.fetcher.sources.feeds.driver import LIMITS, FeedProcess
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.folder import WatchedFolder
from shared.errors import TransientError
from tests.integration.fetcher.support import rss

POISON = rss("One").replace(b"<guid>", b"<author>" + b"a" * 60_000 + b"</author><guid>")
"""feedparser searches an author for an address by a pattern that takes quadratic time: two minutes for this one."""


@pytest.fixture
async def feeds() -> AsyncIterator[FeedProcess]:
    """Parse with a fraction of the time, so that the limit is reached soon."""
    process = FeedProcess(replace(LIMITS, processor=0.5))
    yield process
    await process.close()


async def test_a_process_parses_as_a_call_does(feeds: FeedProcess) -> None:
    body = rss("Paper cranes", "", "<b>Ångström</b> &#x1F600;") + b"\n"
    assert await feeds.parse(body, "folds", "https://x.example/feed", 2) == parse_feed(
        body, "folds", "https://x.example/feed", 2
    )
    answer = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "T"}]}).encode()
    assert await feeds.parse(answer, "folds") == parse_feed(answer, "folds")


@pytest.mark.parametrize("body", (b"<html>challenge</html>", b'{"error": 1}', b"<rss>" + b"<a>" * 200_000))
async def test_what_is_no_feed_is_refused_in_the_same_words(feeds: FeedProcess, body: bytes) -> None:
    with pytest.raises(TransientError) as here:
        parse_feed(body, "folds")
    with pytest.raises(TransientError) as there:
        await feeds.parse(body, "folds")
    assert str(there.value) == str(here.value)


async def test_a_feed_that_holds_the_library_fails_alone(feeds: FeedProcess) -> None:
    """INVARIANT: the event loop goes on, the feed fails in one sentence, and the next feeds are parsed."""
    longest, last = 0.0, time.monotonic()
    poison = asyncio.create_task(feeds.parse(POISON, "folds"))
    while not poison.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    with pytest.raises(TransientError, match=r"^the feed takes more than 0.5 s of the processor, so it was not read$"):
        await poison
    assert longest < 1
    assert [item.title for item in (await feeds.parse(rss("Two"), "folds")).items] == ["Two"]


async def test_a_feed_that_takes_much_memory_fails_alone() -> None:
    feeds = FeedProcess(replace(LIMITS, memory=136 * 1024 * 1024))
    try:
        with pytest.raises(TransientError, match=r"^the feed .*(memory|ended its process).*, so it was not read$"):
            await feeds.parse(rss(*map(str, range(8_000))), "folds")
        assert len((await feeds.parse(rss("Two"), "folds")).items) == 1
    finally:
        await feeds.close()


async def test_a_file_that_holds_the_library_is_named_and_the_others_are_read(
    tmp_path: Path, feeds: FeedProcess
) -> None:
    (tmp_path / "a.rss").write_bytes(POISON)
    (tmp_path / "b.rss").write_bytes(rss("Two"))
    poll = await WatchedFolder("inbox", tmp_path, feeds).poll({})
    assert [item.title for item in poll.items] == ["Two"]
    [refusal] = poll.refusals
    assert (refusal.where, "0.5 s of the processor" in refusal.reason) == ("a.rss", True)


async def test_no_process_is_left(feeds: FeedProcess) -> None:
    await feeds.parse(rss("One"), "folds")
    [pid] = feeds.process_ids
    await feeds.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
