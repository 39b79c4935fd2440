"""The registry of source types: what follows from its rows."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from services.fetcher.bootstrap import Drivers
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources import registry
from services.fetcher.sources.registry import ALLOWANCES, BY_ID, SOURCE_TYPES, TRUST
from services.fetcher.sources.source_type import MAX_TRUST, SourceType
from services.fetcher.sources.sources_file import parse_source

BUNDLED = tomllib.loads((Path(registry.__file__).parents[1] / "sources.toml").read_text("utf-8"))["source"]
TABLES: dict[str, dict[str, Any]] = {table["type"]: table for table in BUNDLED}
"""The example of each type."""


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(SOURCE_TYPES)


@pytest.mark.parametrize("row", SOURCE_TYPES, ids=lambda row: row.id)
def test_every_row_builds_its_driver(row: SourceType[Any]) -> None:
    config = parse_source({**TABLES[row.id], "name": "mine", "enabled": True}, "The source")
    assert isinstance(config, row.config)
    online, offline = (Drivers(None, FetcherSettings.load(offline=away)) for away in (False, True))  # type: ignore[arg-type]
    made = online.make(config)
    assert made
    assert made.name == "mine"
    assert (offline.make(config) is None) == row.live


@pytest.mark.parametrize("row", SOURCE_TYPES, ids=lambda row: row.id)
def test_a_row_is_consistent(row: SourceType[Any]) -> None:
    assert 0 <= row.trust <= MAX_TRUST
    assert bool(row.hosts) == bool(row.allowance)
    assert row.harvests.keys() <= {"set", "query"}


def test_rows_of_one_host_share_its_allowance() -> None:
    for row in SOURCE_TYPES:
        assert all(ALLOWANCES[host] == row.allowance for host in row.hosts)


@pytest.mark.parametrize(
    ("source", "trust"),
    (
        ("arxiv", 3), ("biorxiv", 3), ("medrxiv", 3), ("openreview", 3), ("huggingface", 1), ("feed", 0),
        ("a-blog", 0), ("file", 0),
    ),
)  # fmt: skip
def test_archives_are_trusted_more_than_copies_and_feeds(source: str, trust: int) -> None:
    assert TRUST.get(source, 0) == trust


def test_an_arxiv_backfill_reads_by_set_or_by_query() -> None:
    assert [(row.id, *row.harvests) for row in SOURCE_TYPES if row.harvests] == [("arxiv", "set", "query")]
