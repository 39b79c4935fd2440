"""Batches of arXiv's feeds: new ones, and old ones under a new date."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from services.fetcher.sources.arxiv.batch import Batch, counts, ids_of, mark, read_batch, stale_categories
from services.fetcher.sources.feeds.parse import parse_feed
from shared.errors import TransientError
from tests.support import item

DATA = Path(os.environ.get("PAPERWIRE_DATA", Path(__file__).parents[6] / "shared" / "data"))
FEEDS = DATA / "feeds" / "arxiv-rss"
REPLAY = DATA / "replay" / "arxiv-daily-replay.jsonl.gz"
RSS = """<?xml version='1.0'?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" version="2.0"><channel>
<title>cs.RO updates on arXiv.org</title><lastBuildDate>Wed, 04 Mar 2026 05:00:11 +0000</lastBuildDate>
<pubDate>Wed, 04 Mar 2026 00:00:00 -0500</pubDate>{}</channel></rss>"""
ENTRY = """<item><title>Paper cranes</title><link>https://arxiv.org/abs/2603.00001</link>
<guid isPermaLink="false">oai:arXiv.org:2603.00001v2</guid><category>cs.RO</category>
<arxiv:announce_type>replace-cross</arxiv:announce_type>
<description>arXiv:2603.00001v2 Announce Type: replace-cross
Abstract: {}</description></item>"""


def batch_of(body: bytes) -> Batch:
    return read_batch(body, parse_feed(body, "arxiv"))


def test_a_batch_has_its_claimed_day() -> None:
    batch = batch_of(RSS.format(ENTRY.format("Folded.")).encode())
    assert (batch.day, batch.full) == (date(2026, 3, 4), False)
    assert [mark(one) for one in batch.items] == ["2603.00001|2|replace-cross"]


def test_a_withdrawal_is_read_from_the_abstract() -> None:
    batch = batch_of(RSS.format(ENTRY.format("This paper has been withdrawn by its author.")).encode())
    assert batch.items[0].withdrawn
    assert counts(batch.items) == {"received": 1, "withdrawn": 1}


def test_an_empty_batch_has_a_day() -> None:
    batch = batch_of(RSS.format("").encode())
    assert (batch.items, batch.day) == ([], date(2026, 3, 4))


@pytest.mark.parametrize("written", ("Wed, 99 Mar 2026 00:00:00 -0500", "a day like any other", "2026-99-99T00:00:00Z"))
def test_an_invalid_date_falls_back_to_the_other(written: str) -> None:
    body = RSS.format("").replace("Wed, 04 Mar 2026 00:00:00 -0500", written)
    assert batch_of(body.encode()).day == date(2026, 3, 4)
    assert batch_of(body.replace("lastBuildDate", "ttl").encode()).day is None


def test_a_feed_that_reports_an_error_is_refused() -> None:
    body = RSS.format("").replace("cs.RO updates on arXiv.org", "Feed error for query: cs.XX")
    with pytest.raises(TransientError, match="the feed reports an error"):
        batch_of(body.encode())


def test_a_feed_is_full_at_two_thousand_entries() -> None:
    entries = [ENTRY.format("x").replace("2603.00001", f"2603.{number:05d}") for number in range(2_000)]
    assert batch_of(RSS.format("".join(entries)).encode()).full


def test_one_category_can_be_stale_and_another_not() -> None:
    yesterday = [item(number, categories=("cs.AI",), version=1, announced="new") for number in range(10)]
    today = [item(number, categories=("cs.CL", "cs.AI"), version=1, announced="new") for number in range(20, 24)]
    earlier = {mark(one) for one in yesterday}
    assert stale_categories([*yesterday, *today], ("cs.AI", "cs.CL", "cs.LG"), earlier) == ["cs.AI"]


def test_a_paper_of_yesterday_listed_in_one_more_category_is_news() -> None:
    before = item(1, categories=("cs.AI",), version=1, announced="new")
    after = item(1, categories=("cs.AI", "cs.CL"), version=1, announced="cross")
    assert stale_categories([after], ("cs.CL",), {mark(before)}) == []


def test_announced_entries_are_counted() -> None:
    kinds = ("new", "new", "cross", "replace", "replace-cross", "absonly", None)
    assert counts(item(announced=kind) for kind in kinds) == {
        "received": 7,
        "new": 2,
        "cross-listed": 1,
        "revised": 4,
    }


@pytest.mark.skipif(not FEEDS.exists(), reason="no recorded feeds: set PAPERWIRE_DATA")
@pytest.mark.parametrize(
    ("name", "day", "kinds"),
    (
        ("rss.arxiv.org_atom_cs.AI_2025-08-20.xml", date(2025, 8, 20), {"cross", "new"}),
        ("rss_math.OC_assembled-from-official-spec.xml", date(2024, 2, 23), {"replace-cross"}),
    ),
)
def test_recorded_feeds_are_parsed(name: str, day: date, kinds: set[str]) -> None:
    batch = batch_of((FEEDS / name).read_bytes())
    assert (batch.day, batch.full, batch.refusals) == (day, False, [])
    assert {one.announced for one in batch.items} <= kinds
    assert all(one.version and one.authors and one.categories for one in batch.items)


def replay() -> Iterator[tuple[str, list[list[str]]]]:
    with gzip.open(REPLAY, "rt", encoding="utf-8") as lines:
        days = [json.loads(line) for line in lines]
    for stream, group in groupby(days, key=lambda day: str(day["stream"])):
        yield stream, [list(dict.fromkeys(day["ids"])) for day in group if day["ids"]]


@pytest.mark.skipif(not REPLAY.exists(), reason="no replay: set PAPERWIRE_DATA")
def test_a_year_of_recorded_batches_is_classified() -> None:
    """Repeats are recognized, whatever day they claim; no batch with new papers is taken for one."""
    repeats = fresh = 0
    for _, days in replay():
        earlier: set[str] = set()
        for ids in days:
            papers = [item(id=f"arXiv:{name}", version=1, announced="new", categories=("cs.AI",)) for name in ids]
            stale = stale_categories(papers, ("cs.AI",), earlier)
            new = {mark(paper) for paper in papers} - earlier
            assert bool(stale) == (2 * len(new) <= len(papers))
            if new:
                earlier = {mark(paper) for paper in papers}
                fresh += 1
            else:
                assert stale
                assert ids_of(earlier) >= set(ids)
                repeats += 1
    assert repeats >= 90
    assert fresh >= 350
