"""The entries of private feeds: from the alerts that are kept, and from the papers as they are now."""

from typing import Any

from services.notifier.alerts.private_feeds import listed


def alert(id_: str, kind: str = "new", day: int = 1, **fields: Any) -> dict[str, Any]:
    paper = {"id": id_, "first_id": None, "title": id_, "life": [], **fields}
    data = {"paper": paper, "match": {"reasons": [f"change: {kind}", f"in cs.{day}"]}}
    return {"type": f"paper.{kind}", "timestamp": f"2026-03-{day:02d}T08:00:00Z", "data": data}


def test_works_that_were_joined_are_one_entry_which_keeps_its_first_id() -> None:
    """INVARIANT: an entry's id never changes, whichever of two works its readers saw first."""
    joined = {"id": "arXiv:1", "first_id": "doi:10.1/a", "title": "Joined", "life": []}
    current = dict.fromkeys(("arXiv:1", "doi:10.1/a", "x:b"), joined)
    (shown,) = listed([alert("arXiv:1", "published", 9), alert("x:b")], current)
    assert (shown["title"], shown["first_id"]) == ("Joined", "x:b")
    (alone,) = listed([alert("x:b")], {})
    assert alone["first_id"] == "x:b"


def test_what_an_alert_was_about_is_said_also_if_it_is_in_no_life() -> None:
    life = [{"kind": "revised", "at": "2026-03-05T08:00:00Z"}]
    alerts = [alert("x:1", "trending", 7), alert("x:1", "revised", 5), alert("x:1", "trending", 3), alert("x:1")]
    (shown,) = listed(alerts, {"x:1": {"id": "x:1", "title": "A", "life": life}})
    assert shown["life"] == [*life, {"kind": "trending", "at": "2026-03-07T08:00:00Z"}]


def test_a_paper_that_the_index_lacks_is_as_it_was_matched_and_the_newest_match_comes_first() -> None:
    shown = listed([alert("x:2"), alert("x:1", "revised", 2, title="newer"), alert("x:1")], {})
    assert [paper["title"] for paper in shown] == ["x:2", "newer"]
    assert [paper["why"] for paper in shown] == [["in cs.1"], ["in cs.2"]]
    assert [event["kind"] for event in shown[1]["life"]] == ["revised"]
