"""What the world may answer: memory and time bounded, a clear line, the others on time, what is good kept.

All are polled once, one after the other, by a fetcher of its own process beside a source that behaves.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from embedded.redis import EmbeddedRedis
from tests.integration.fetcher.hostile_servers import BEHAVIOURS, FEEDS, HEADS, hostile

GROWTH_MB = 64
SECONDS = 20.0
ON_TIME_S = 1.5
NO_FEED = "the answer is not a feed"
SPECIAL = (
    "gzip-bomb", "gzip-bomb-feed", "gzip-bomb-twice", "deflate-bomb", "gzip-twice", "gzip-both", "gzip-broken",
    "external", "length-long", "length-short",
)  # fmt: skip
NAMES = (*FEEDS, *HEADS, *BEHAVIOURS, *SPECIAL)
# name → what the status says, and the titles as the index will have them (None: nothing is published)
EXPECTED: dict[str, tuple[str, str, list[str] | None]] = {
    "entity-bomb": ("ok", "2 items", ["&l9;", "Good"]),
    "quadratic-bomb": ("ok", "2 items", ["&a;", "Good"]),
    "external": ("ok", "2 items", ["xy", "Good"]),
    "gzip-bomb": ("refused", "larger than 16,777,216 bytes", None),
    "gzip-bomb-feed": ("refused", "larger than 16,777,216 bytes", None),
    "gzip-bomb-twice": ("failing", "compressed twice", None),
    "deflate-bomb": ("refused", "larger than 16,777,216 bytes", None),
    "pages": ("ok", "1 items, 1 new", ["Good"]),
    "gzip-twice": ("failing", "compressed twice", None),
    "gzip-both": ("failing", "compressed twice", None),
    "gzip-broken": ("partial", "1 refused: entry 1: the feed was cut in it", []),
    "endless": ("refused", "larger than 16,777,216 bytes", None),
    "drip": ("failing", "no complete answer within 2 s", None),
    "silent": ("failing", "no complete answer within 2 s", None),
    "length-long": ("failing", "the answer is incomplete", None),
    "length-short": ("failing", "longer than its headers say", None),
    "redirect-loop": ("refused", "redirects", None),
    "redirect-private": ("refused", "10.0.0.1 is a private address", None),
    "redirect-metadata": ("refused", "169.254.169.254 is a private address", None),
    "redirect-file": ("refused", "the redirect has no http or https address", None),
    "challenge": ("failing", NO_FEED, None),
    "feed-error": ("failing", "the feed reports an error: No such category", None),
    "error-entry": ("failing", "the source reports an error: incorrect id", None),
    "utf16": ("ok", "1 items", ["Good ✓"]),
    "utf16-be": ("ok", "1 items", ["Good ✓"]),
    "nul-between": ("ok", "2 items", ["aaa", "Good"]),
    "no-ids": ("ok", "3 items", ["One", "Two", "Good"]),
    "cdf": ("ok", "1 items", ["Good"]),
    "wrong-charset": ("ok", "2 items", ["Café", "Good"]),
    "wrong-charset-2": ("ok", "2 items", ["Café", "Good"]),
    "control": ("ok", "2 items", ["abcd", "Good"]),
    "surrogates": ("ok", "2 items", ["abc", "Good"]),
    "raw-surrogates": ("ok", "2 items", ["a", "Good"]),
    "markup": ("ok", "2 items", ["Bold claim", "Good"]),
    "javascript": ("ok", "2 items", ["Link", "Good"]),
    "crlf": ("ok", "2 items", ["One Subject: spam", "Good"]),
    "bidi": ("ok", "2 items", ["safeexe.fdp", "Good"]),
    "long-title": ("ok", "2 items", ["aaa", "Good"]),
    "long-title-words": ("ok", "2 items", ["ab <ab", "Good"]),
    "many": ("ok", "only the first 5,000 of 50,000 are taken", ["Paper 0", "Paper 1"]),
    "many-and-long": ("ok", "of 70 are taken", ["a <a"]),
    "ids": ("ok", "5 items, 5 new, 1 refused: entry 6: no title", ["None", "None too", "One", "Same", "Good"]),
    "dates": ("ok", "4 items", ["A", "B", "C", "D"]),
    "partly-bad": ("ok", "3 items, 3 new, 1 refused: entry 2: no title", ["One", "Two & < three", "Good"]),
    "blanks": ("ok", "1 items", ["Good"]),
    "creator": ("ok", "2 items", ["x", "Good"]),
    "deep": ("failing", "nested more than 2,000 deep", None),
    "angles": ("failing", "angle brackets open nothing", None),
    "angles-entry": ("failing", "angle brackets open nothing", None),
    "attributes": ("ok", "1 items", ["Good"]),
    "empty": ("failing", NO_FEED, None),
    "blank": ("failing", NO_FEED, None),
    "binary": ("failing", NO_FEED, None),
    "not-modified": ("failing", "304 Not Modified to a request without validators", None),
    "retry-negative": ("failing", "answers 503", None),
    "retry-endless": ("failing", "answers 429", None),
    "no-content": ("failing", "answers 204", None),
    "long-etag": ("failing", NO_FEED, None),
}


async def poll_all(folder: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    asked: list[str] = []
    reports = {}
    async with EmbeddedRedis(folder / "redis") as redis, hostile(asked) as url:
        measured = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.fetcher.measured_fetcher", redis.url, f"{url}/good",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )  # fmt: skip
        assert measured.stdin
        assert measured.stdout
        try:
            for name in NAMES:
                measured.stdin.write(f"{name} {url}/{name}\n".encode())
                reports[name] = json.loads(await asyncio.wait_for(measured.stdout.readline(), 60))
        finally:
            measured.stdin.close()
            await asyncio.wait_for(measured.wait(), 20)
    return reports, asked


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], list[str]]:
    return asyncio.run(poll_all(tmp_path_factory.mktemp("hostile")))


@pytest.fixture
def reports(polled: tuple[dict[str, dict[str, Any]], list[str]]) -> dict[str, dict[str, Any]]:
    return polled[0]


def test_every_hostile_source_has_an_expectation() -> None:
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", NAMES)
def test_memory_and_time_are_bounded_and_other_sources_are_polled_on_time(
    reports: dict[str, dict[str, Any]], name: str
) -> None:
    """INVARIANT: whatever one source answers, the process and the other sources do not feel it."""
    assert reports[name]["growth"] <= GROWTH_MB
    assert reports[name]["seconds"] <= SECONDS
    assert reports[name]["good"] <= ON_TIME_S


@pytest.mark.parametrize("name", NAMES)
def test_the_status_shows_each_failure(reports: dict[str, dict[str, Any]], name: str) -> None:
    state, words, _ = EXPECTED[name]
    assert reports[name]["state"] == state
    assert words in reports[name]["detail"]
    assert reports[name]["detail"].isprintable()
    assert len(reports[name]["detail"]) <= 300


@pytest.mark.parametrize("name", NAMES)
def test_valid_items_are_kept_and_printable(reports: dict[str, dict[str, Any]], name: str) -> None:
    titles = EXPECTED[name][2] or []
    found = reports[name]["titles"]
    assert [title[: len(wanted)] for title, wanted in zip(found, titles, strict=False)] == titles
    assert all(re.fullmatch(r"[^\x00-\x1f\x7f\u202a-\u202e\ud800-\udfff]{1,2000}", title) for title in found)
    assert all(url is None or url.startswith("https://arxiv.org/") for url in reports[name]["urls"])
    assert reports[name]["count"] <= 5_000


def test_local_files_and_private_addresses_are_not_read(polled: tuple[dict[str, dict[str, Any]], list[str]]) -> None:
    reports, asked = polled
    assert "secret" not in asked
    assert not any("root:" in title for title in reports["external"]["titles"])


@pytest.mark.parametrize(("name", "least", "most"), (("retry-negative", 60, 70), ("retry-endless", 86_400, 91_000)))
def test_retry_after_is_bounded(reports: dict[str, dict[str, Any]], name: str, least: float, most: float) -> None:
    assert least <= reports[name]["wait"] <= most
