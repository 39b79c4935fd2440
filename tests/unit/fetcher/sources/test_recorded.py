"""Recorded answers of the sources, where they are at hand: each is read, or refused in one line."""

import os
from pathlib import Path

import pytest

from services.enricher.works.sighting import prepare
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.reader import read_papers
from services.fetcher.sources.port import Refusal
from shared.errors import PermanentError
from shared.papers.events import Item, PaperFetched
from tests.support import NOW, some

ROOT = Path(__file__).parents[4]
FEEDS = Path(os.environ.get("PAPERWIRE_DATA", ROOT.parent / "shared" / "data")) / "feeds"
FILES = sorted(path for path in FEEDS.rglob("*") if path.is_file() and path.suffix != ".jsonl")

if not FILES:
    pytest.skip(f"no recorded feeds in {FEEDS}: set PAPERWIRE_DATA", allow_module_level=True)


def read(path: Path) -> tuple[list[Item], list[Refusal], str | None]:
    items, refusals = [], []
    try:
        for item, notes in read_papers(path, "recorded", parse_feed):
            items += [item] if item else []
            refusals += notes
    except PermanentError as error:
        return items, refusals, str(error)
    return items, refusals, None


def sane(item: Item) -> None:
    assert PaperFetched.model_validate_json(PaperFetched(item=item, fetched_at=NOW).model_dump_json()).item == item
    assert item.title == item.title.strip()
    assert not item.id.startswith("recorded: ")
    assert all(author.strip() and "(" not in author for author in item.authors), item.authors
    assert item.url is None or item.url.startswith("http")
    seen = prepare(item)
    assert seen.title
    assert seen.public_ids[0]
    assert "<p>" not in seen.abstract


@pytest.mark.parametrize("folder", sorted({path.relative_to(FEEDS).parts[0] for path in FILES}))
def test_every_recorded_answer_is_read_or_refused(folder: str) -> None:
    for path in some([path for path in FILES if path.relative_to(FEEDS).parts[0] == folder]):
        items, refusals, error = read(path)
        for item in items:
            sane(item)
        reasons = [refusal.reason for refusal in refusals] + ([error] if error else [])
        assert all("\n" not in reason and len(reason) < 2_000 for reason in reasons), path


@pytest.mark.parametrize("folder", ("arxiv-rss", "arxiv-atom-api"))
def test_the_feeds_of_the_archive_give_its_papers(folder: str) -> None:
    found = [
        item for path in FILES if path.parent.name == folder and "TRUNCATED" not in path.name for item in read(path)[0]
    ]
    assert len(found) >= 5
    archive = [item for item in found if item.source == "arxiv"]
    assert len(archive) > 0.9 * len(found)
    assert all(item.id.startswith("arXiv:") and item.abstract and item.authors for item in archive)
