"""The bodies of digests: the best alerts first, the others counted, within the size limit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.alerts import digest_body
from services.notifier.alerts.digest_body import Period
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match, rank
from shared.papers.paper import Author, Change, ChangeKind, CodeLink, Links, SourceRef
from tests.unit.notifier.examples import NOW, paper, subscription

PERIOD = Period(NOW - timedelta(days=1), NOW)


def listed(
    number: int, kind: ChangeKind = ChangeKind.NEW, at: datetime = NOW, score: float = 0.5, **fields: Any
) -> dict[str, Any]:
    """Return an alert as it is stored."""
    about = paper(id=f"arXiv:2603.{number:05d}", **fields)
    match = Match(Change(kind=kind), score, 0.45, ("score 0.5",))
    document: dict[str, Any] = orjson.loads(alert_body.compose(subscription(), about, match, at))
    return document


def composed(alerts: list[dict[str, Any]], total: int | None = None, note: str | None = None) -> Any:
    raw = digest_body.compose(subscription(), alerts, len(alerts) if total is None else total, PERIOD, note)
    assert len(raw) <= 64 * 1024
    return orjson.loads(raw)


def test_a_digest_names_its_subscription_and_period_and_lists_alerts() -> None:
    body = composed([listed(1), listed(2)], total=5, note="No announcement today: holiday.")
    assert body["type"] == "digest"
    assert body["timestamp"] == "2026-03-01T08:00:00Z"
    data = body["data"]
    assert data["subscription"] == {"id": subscription().id, "name": "cranes"}
    assert data["period"] == {"from": "2026-02-28T08:00:00Z", "to": "2026-03-01T08:00:00Z"}
    assert (data["note"], data["more"]) == ("No announcement today: holiday.", 3)
    assert [one["paper"]["id"] for one in data["alerts"]] == ["arXiv:2603.00001", "arXiv:2603.00002"]
    assert data["alerts"][0]["type"] == "paper.new"
    assert data["alerts"][0]["match"] == {"score": 0.5, "threshold": 0.45, "reasons": ["score 0.5"]}


def test_alerts_beyond_the_best_are_counted() -> None:
    body = composed([listed(number) for number in range(40)], total=100)
    assert [one["paper"]["id"][-2:] for one in body["data"]["alerts"]] == [f"{n:02d}" for n in range(30)]
    assert body["data"]["more"] == 70


def test_alerts_of_one_paper_become_its_first_change_and_latest_state() -> None:
    later = NOW + timedelta(hours=3)
    body = composed([listed(1, ChangeKind.REVISED, later, title="Second"), listed(2), listed(1, title="First")])
    first, second = body["data"]["alerts"]
    assert (first["type"], first["paper"]["title"]) == ("paper.new", "Second")
    assert second["paper"]["id"] == "arXiv:2603.00002"
    assert body["data"]["more"] == 0


@given(sizes=st.lists(st.integers(0, 6_000), min_size=1, max_size=40), text=st.sampled_from(("a ", "é", '"', "𝒳")))
def test_a_digest_fits_its_limit_and_counts_every_alert(sizes: list[int], text: str) -> None:
    alerts = [listed(number, abstract=text * (size // len(text))) for number, size in enumerate(sizes)]
    data = composed(alerts, total=len(sizes) + 3)["data"]
    assert data["alerts"]
    assert len(data["alerts"]) + data["more"] == len(sizes) + 3
    assert [one["paper"]["id"] for one in data["alerts"]] == [
        one["data"]["paper"]["id"] for one in alerts[: len(data["alerts"])]
    ]


def test_papers_whose_fields_are_all_too_long_still_fit_a_digest() -> None:
    wild: dict[str, Any] = {
        "title": "𝒳" * 5_000,
        "authors": tuple(Author(name="N" * 200) for _ in range(500)),
        "sources": tuple(SourceRef(source="s" * 500, id="i" * 500) for _ in range(50)),
        "keywords": ("k" * 300,) * 50,
        "links": Links(code=tuple(CodeLink(url="https://example.org/" + "c" * 500) for _ in range(50))),
    }
    data = composed([listed(number, **wild) for number in range(30)])["data"]
    assert len(data["alerts"]) + data["more"] == 30
    assert len(data["alerts"]) > 10


def test_the_id_of_a_digest_does_not_depend_on_the_time_zone() -> None:
    there = NOW.astimezone(UTC)
    assert digest_body.digest_id("a", NOW) == digest_body.digest_id("a", there)
    assert len({digest_body.digest_id(name, NOW + timedelta(days=n)) for name in "ab" for n in range(2)}) == 4


def test_rank_orders_by_score_then_by_trend() -> None:
    ranks = [
        rank(0.600001, -50.0),
        rank(0.6, 900.0),
        rank(0.6, 3.0),
        rank(0.6, None),
    ]
    assert ranks == sorted(ranks, reverse=True)
    assert rank(0.0, 2.0) > rank(0.0, 1.0) > rank(0.0, None) > rank(0.0, -1.0)


def test_papers_of_one_series_are_one_entry_that_names_and_counts_the_others() -> None:
    text = "A robot arm with two soft fingers learns from few videos how cranes are folded; a camera corrects its grip"
    alerts = [listed(1, title="Cranes I", abstract=text), listed(2), listed(3, title="Cranes II", abstract=text)]
    revised = listed(3, ChangeKind.REVISED, NOW + timedelta(hours=1), title="Cranes II", abstract=text)
    data = composed([*alerts, revised], total=7)["data"]
    assert [one["paper"]["id"] for one in data["alerts"]] == ["arXiv:2603.00001", "arXiv:2603.00002"]
    assert [one["also"] for one in data["alerts"]] == [[{"id": "arXiv:2603.00003", "title": "Cranes II"}], []]
    assert data["more"] == 3


def test_a_paper_that_is_told_under_another_one_keeps_its_whole_id() -> None:
    text = "A robot arm with two soft fingers learns from few videos how cranes are folded; a camera corrects its grip"
    alerts = [listed(1, title="Cranes I", abstract=text), listed(2, title="Cranes II", abstract=text)]
    long = alerts[1]["data"]["paper"]["id"] = "https://example.org/" + "x" * 480
    assert composed(alerts)["data"]["alerts"][0]["also"] == [{"id": long, "title": "Cranes II"}]


def test_what_became_of_a_paper_of_a_series_is_told() -> None:
    """INVARIANT: a digest tells each change; a paper that was withdrawn is not just one more of its series."""
    text = "A robot arm with two soft fingers learns from few videos how cranes are folded; a camera corrects its grip"
    withdrawn = listed(2, ChangeKind.WITHDRAWN, title="Cranes II", abstract=text)
    data = composed([listed(1, title="Cranes I", abstract=text), withdrawn])["data"]
    assert [(one["type"], one["also"]) for one in data["alerts"]] == [("paper.new", []), ("paper.withdrawn", [])]
