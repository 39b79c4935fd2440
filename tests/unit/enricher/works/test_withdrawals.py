"""Withdrawals of a work, and how a later version takes them back."""

from typing import Any

import pytest

from services.enricher.providers.facts import Facts
from services.enricher.refresh.amendments import amend
from services.enricher.works.merging import Merged, merge
from services.enricher.works.records import pack, unpack
from services.enricher.works.sighting import prepare
from services.enricher.works.uniting import unite
from services.enricher.works.work import Work
from tests.support import NOW, item

GONE: dict[str, Any] = {"withdrawn": True}


def sight(work: Work | None, version: int | None, source: str = "arxiv", **fields: Any) -> Merged:
    return merge(work, prepare(item(source=source, version=version, **fields)), NOW)


def after(*sightings: tuple[int | None, dict[str, Any]]) -> tuple[str, list[str]]:
    """Return the status after sightings of one source, and the changes that they made after the first."""
    work: Work | None = None
    made: list[str] = []
    for version, fields in sightings:
        merged = sight(work, version, **fields)
        made += [change.kind.value for change in merged.changes] if work else []
        work = unpack("work:x", pack(merged.work))
        assert sight(work, version, **fields).unchanged, "the same sighting again changes nothing"
    assert work
    return work.paper.status, [kind for kind in made if kind in {"withdrawn", "restored"}]


@pytest.mark.parametrize(
    ("sightings", "status", "changes"),
    [
        (((1, {}), (2, GONE), (3, {})), "active", ["withdrawn", "restored"]),
        (((1, GONE), (2, {})), "active", ["restored"]),
        (((1, {}), (2, GONE), (2, {})), "withdrawn", ["withdrawn"]),
        (((1, {}), (2, GONE), (1, {})), "withdrawn", ["withdrawn"]),
        (((3, {}), (2, GONE)), "active", []),
        (((1, {}), (2, GONE), (3, {}), (2, GONE)), "active", ["withdrawn", "restored"]),
        (((1, GONE), (2, {}), (3, GONE)), "withdrawn", ["restored", "withdrawn"]),
        (((2, {}), (None, GONE), (2, {})), "withdrawn", ["withdrawn"]),
        (((2, {}), (None, GONE), (3, {})), "active", ["withdrawn", "restored"]),
        (((None, {}), (None, GONE), (None, {})), "active", ["withdrawn", "restored"]),
        (((2, GONE), (None, {})), "withdrawn", []),
    ],
)
def test_a_later_version_of_the_source_takes_a_withdrawal_back(
    sightings: tuple[tuple[int | None, dict[str, Any]], ...], status: str, changes: list[str]
) -> None:
    assert after(*sightings) == (status, changes)


def test_another_source_takes_nothing_back() -> None:
    gone = sight(None, 2, withdrawn=True).work
    assert sight(gone, 9, source="huggingface").work.paper.status == "withdrawn"


def test_a_notice_of_retraction_outlives_a_new_version() -> None:
    gone = sight(None, 2, withdrawn=True).work
    noticed, changes = amend(gone, Facts(provider="crossref", retracted="10.99990/notice.1"), NOW)
    assert (noticed.paper.status, changes) == ("withdrawn", ())
    assert amend(noticed, Facts(provider="crossref", retracted="10.99990/notice.1"), NOW)[0] is noticed
    later = sight(noticed, 3)
    assert later.work.paper.status == "withdrawn"
    assert "restored" not in [change.kind for change in later.changes]


def test_joined_works_keep_what_is_said_of_either() -> None:
    gone = sight(None, 2, withdrawn=True).work
    other = sight(None, None, source="journal", id="doi:10.99990/boat.1").work
    joined = unite((other, gone), NOW)
    assert joined.paper.status == "withdrawn"
    assert sight(joined, 3).work.paper.status == "active"


def test_a_record_of_an_earlier_version_can_be_restored() -> None:
    old = sight(None, 2, withdrawn=True).work.model_copy(update={"withdrawals": ()})
    assert sight(old, 2).work.paper.status == "withdrawn"
    restored = sight(old, 3)
    assert restored.work.paper.status == "active"
    assert "restored" in [change.kind for change in restored.changes]
    assert "restored" in [event.kind for event in restored.work.paper.life]


def test_a_notice_in_the_place_of_a_paper_withdraws_it_and_one_with_an_id_of_its_own_does_not() -> None:
    paper: dict[str, Any] = {
        "source": "journal",
        "id": "doi:10.99990/boat.1",
        "title": "A census of tin boats on lakes",
    }
    notice = paper | {"title": "Retraction note: A census of tin boats on lakes"}
    work = sight(sight(None, None, **paper).work, None, **notice).work
    assert work.paper.status == "withdrawn"
    assert sight(work, None, **notice).unchanged
    alone = sight(None, None, **notice | {"id": "doi:10.99990/boat.2"}).work
    assert sight(alone, None, **notice | {"id": "doi:10.99990/boat.2"}).unchanged
    assert alone.paper.status == "active"
    corrected = paper | {"title": "Correction to: A census of tin boats on lakes"}
    assert sight(sight(None, None, **paper).work, None, **corrected).work.paper.status == "active"
