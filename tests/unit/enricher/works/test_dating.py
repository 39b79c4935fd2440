"""Dates of works: what a sighting says, and which date a work keeps, whatever the order of sightings."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.works.dating import Trusted, combine_dates
from services.enricher.works.merging import dates_of, merge
from services.enricher.works.sighting import prepare
from services.enricher.works.trending import UNMEASURED, update_signals
from services.enricher.works.work import Work, enriched_event
from shared.papers.events import Item
from shared.papers.paper import ChangeKind, Paper, Signals
from tests.support import item

SEEN = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)


def told(**fields: Any) -> tuple[Any, Any, Any]:
    found = dates_of(item(**{"published": None, "announced": None, **fields}), SEEN).fields
    return found["published"], found["date_precision"], found["date_basis"]


def work_of(*sightings: Item) -> Work:
    work = None
    for each in sightings:
        work = merge(work, prepare(each), SEEN).work
    assert work
    return work


@pytest.mark.parametrize(
    ("fields", "expected"),
    (
        ({"published": "2026-10-07T17:59:01Z"}, ("2026-10-07T17:59:01Z", "day", "stated")),
        ({"published": "2026-10-07", "announced_on": "2026-10-09"}, ("2026-10-07", "day", "stated")),
        ({"published": "2026"}, ("2026", "year", "stated")),
        ({"published": "2026-10"}, ("2026-10", "month", "stated")),
        ({"announced_on": "2026-10-09", "announced": "new"}, ("2026-10-09", "day", "announced")),
        ({"announced": "new"}, ("2026-10-14", "day", "announced")),
        ({"announced": "cross", "id": "arXiv:2610.00001", "announced_on": "2026-10-09"},
         ("2026-10-09", "day", "announced")),
        ({"announced": "replace", "id": "arXiv:1905.00001", "announced_on": "2026-10-09"},
         ("2019-05", "month", "announced")),
        ({"announced": "replace-cross", "id": "arXiv:hep-th/9901001"}, ("1999-01", "month", "announced")),
        ({"announced": "replace", "id": "doi:10.1101/573889"}, (None, None, None)),
        ({"announced": "backfill", "id": "arXiv:1905.00001"}, (None, None, None)),
        ({}, (None, None, None)),
    ),
)  # fmt: skip
def test_a_sighting_states_a_date_or_was_announced(fields: Any, expected: Any) -> None:
    assert told(**fields) == expected


@pytest.mark.parametrize("day", ("2026-10-15", "2026-11", "2027", "2031-01-01T00:00:00Z"))
def test_a_date_in_the_future_becomes_the_day_it_was_seen_and_is_noted(day: str) -> None:
    found = dates_of(item(source="journal", published=day, updated=day), SEEN)
    assert found.fields == {
        "published": "2026-10-14", "date_precision": "day", "date_basis": "announced", "updated": "2026-10-14",
    }  # fmt: skip
    assert found.oddities == (
        f"journal: published: {day[:10]} is in the future; the day it was seen counts",
        f"journal: updated: {day[:10]} is in the future; the day it was seen counts",
    )
    (noted, _) = work_of(item(published=day, updated=day)).paper.oddities
    assert "is in the future" in noted


@pytest.mark.parametrize("day", ("2026-10-14", "2026-10-14T23:00:00Z", "2026-10", "2026"))
def test_a_time_that_has_begun_is_not_the_future(day: str) -> None:
    assert dates_of(item(published=day), SEEN).oddities == ()


BLOG: dict[str, Any] = {"source": "blog", "trust": 0}
JOURNAL: dict[str, Any] = {**BLOG, "source": "journal", "identifiers": {"doi": "10.1234/cranes.7"}}
DAILY: dict[str, Any] = {"source": "huggingface", "trust": 1}
ARCHIVE: dict[str, Any] = {"source": "arxiv", "trust": 3}


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    (
        # the submission replaces the announcement, whoever of the trusted states it
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**ARCHIVE, "published": "2026-10-07"}, ("2026-10-07", "stated")),
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**DAILY, "published": "2026-10-07"}, ("2026-10-07", "stated")),
        # a journal dates its own version later, and covers say less
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**DAILY, "published": "2026-10-12"}, ("2026-10-09", "announced")),
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**ARCHIVE, "published": "2026"}, ("2026-10-09", "announced")),
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**ARCHIVE, "published": "2026-10-09"}, ("2026-10-09", "stated")),
        # a feed that is not trusted moves nothing of the archive
        ({**ARCHIVE, "published": "2026-10-07"}, {**BLOG, "published": "2026-10-01"}, ("2026-10-07", "stated")),
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**BLOG, "published": "2026-10-01"}, ("2026-10-09", "announced")),
        ({**ARCHIVE}, {**BLOG, "published": "2026-10-12"}, (None, None)),
        ({**ARCHIVE, "published": "2026-10-07"}, {**DAILY, "published": "2026-10-02"}, ("2026-10-07", "stated")),
        # but a journal dates what it published
        ({**ARCHIVE}, {**JOURNAL, "published": "2026-09-12"}, ("2026-09-12", "stated")),
        ({**ARCHIVE, "announced_on": "2026-10-09"}, {**JOURNAL, "published": "2026-09-12"}, ("2026-09-12", "stated")),
        ({**ARCHIVE, "announced_on": "2026-08-09"}, {**JOURNAL, "published": "2026"}, ("2026-08-09", "announced")),
        ({**ARCHIVE, "published": "2026-10-07"}, {**JOURNAL, "published": "2026-09-12"}, ("2026-10-07", "stated")),
        # among equals: what says more of the same time, else the earlier one
        ({**BLOG, "published": "2026"}, {**BLOG, "published": "2026-02-03"}, ("2026-02-03", "stated")),
        ({**BLOG, "published": "2026-02"}, {**BLOG, "published": "2026"}, ("2026-02", "stated")),
        ({**BLOG, "published": "2026"}, {**BLOG, "published": "2025-12-30"}, ("2025-12-30", "stated")),
        ({**BLOG, "published": "2026-03"}, {**BLOG, "published": "2026-02-27T01:00:00Z"},
         ("2026-02-27T01:00:00Z", "stated")),
    ),
)  # fmt: skip
def test_a_work_keeps_the_better_date_in_either_order(one: Any, two: Any, expected: Any) -> None:
    for order in permutations([item(**{"published": None, **each}) for each in (one, two)]):
        paper = work_of(*order).paper
        assert (paper.published, paper.date_basis) == expected


def test_the_archive_alone_moves_when_its_paper_was_updated() -> None:
    """INVARIANT: what a blog writes later moves nothing of a paper."""
    archive = item(**ARCHIVE, published="2026-10-01", updated="2026-10-02")
    later = item(**ARCHIVE, published="2026-10-01", updated="2026-10-12", version=2)
    blog = item(**BLOG, published="2026-10-13", updated="2026-10-13")
    assert work_of(archive, blog).paper.updated == work_of(blog, archive).paper.updated == "2026-10-02"
    assert work_of(archive, blog, later).paper.updated == "2026-10-12"
    assert work_of(item(**ARCHIVE, updated=None), blog).paper.updated is None


PARTIAL = st.dates().map(lambda day: day.isoformat()).flatmap(lambda day: st.sampled_from((day, day[:7], day[:4])))
DATED = st.builds(
    lambda day, basis: Trusted(Paper(id="x", title="x", published=day, date_basis=basis), 1),
    PARTIAL,
    st.sampled_from(("stated", "announced")),
)


@given(DATED, DATED, DATED)
def test_dates_of_equals_combine_in_any_order(one: Trusted, two: Trusted, three: Trusted) -> None:
    def together(*all_of: Trusted) -> Any:
        first, *rest = all_of
        for other in rest:
            first = Trusted(first.paper.model_copy(update=combine_dates(first, other)), 1)
        return first.paper

    results = [together(*order) for order in permutations((one, two, three))]
    assert all(result == results[0] for result in results)


def test_a_work_without_a_date_is_never_announced_as_trending() -> None:
    """INVARIANT: nobody knows how old it is; it is still asked about, as if it were as old as it is known."""
    loved = Signals(upvotes=5_000, stars=50_000)
    undated, dated = (work_of(item(published=day, signals=loved)) for day in (None, "2026-10-13"))
    assert {change.kind for change in update_signals(dated, SEEN, UNMEASURED).changes} == {ChangeKind.TRENDING}
    updated = update_signals(undated, SEEN, UNMEASURED)
    assert (updated.changes, updated.paces) == ((), {})
    assert updated.work.trend is not None
    event = enriched_event(updated.work, (), SEEN)
    assert (event.paper.trending, event.trend) == (None, None)
