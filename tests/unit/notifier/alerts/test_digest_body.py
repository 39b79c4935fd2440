"""Digests on plain values: the best first, the rest counted, never too large."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.alerts import digest_body
from services.notifier.alerts.digest_body import Period
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from shared.papers.paper import Author, Change, ChangeKind, CodeLink, Links, SourceRef
from tests.unit.notifier.examples import NOW, paper, subscription

PERIOD = Period(NOW - timedelta(days=1), NOW)


def told(
    number: int, kind: ChangeKind = ChangeKind.NEW, at: datetime = NOW, score: float = 0.5, **fields: Any
) -> dict[str, Any]:
    """Make an alert as it is stored."""
    about = paper(id=f"arXiv:2603.{number:05d}", **fields)
    match = Match(Change(kind=kind), score, 0.45, ("score 0.5",))
    document: dict[str, Any] = orjson.loads(alert_body.compose(subscription(), about, match, at))
    return document


def composed(alerts: list[dict[str, Any]], total: int | None = None, note: str | None = None) -> Any:
    raw = digest_body.compose(subscription(), alerts, len(alerts) if total is None else total, PERIOD, note)
    assert len(raw) <= 64 * 1024
    return orjson.loads(raw)


def test_a_digest_says_for_whom_of_when_and_what() -> None:
    body = composed([told(1), told(2)], total=5, note="No announcement today: holiday.")
    assert body["type"] == "digest"
    assert body["timestamp"] == "2026-03-01T08:00:00Z"
    data = body["data"]
    assert data["subscription"] == {"id": subscription().id, "name": "cranes"}
    assert data["period"] == {"from": "2026-02-28T08:00:00Z", "to": "2026-03-01T08:00:00Z"}
    assert (data["note"], data["more"]) == ("No announcement today: holiday.", 3)
    assert [one["paper"]["id"] for one in data["alerts"]] == ["arXiv:2603.00001", "arXiv:2603.00002"]
    assert data["alerts"][0]["type"] == "paper.new"
    assert data["alerts"][0]["match"] == {"score": 0.5, "threshold": 0.45, "reasons": ["score 0.5"]}


def test_what_is_beyond_the_best_is_counted() -> None:
    body = composed([told(number) for number in range(40)], total=100)
    assert [one["paper"]["id"][-2:] for one in body["data"]["alerts"]] == [f"{n:02d}" for n in range(30)]
    assert body["data"]["more"] == 70


def test_a_paper_is_there_once_as_it_is_now_for_what_happened_first() -> None:
    later = NOW + timedelta(hours=3)
    body = composed([told(1, ChangeKind.REVISED, later, title="Second"), told(2), told(1, title="First")])
    first, second = body["data"]["alerts"]
    assert (first["type"], first["paper"]["title"]) == ("paper.new", "Second")
    assert second["paper"]["id"] == "arXiv:2603.00002"
    assert body["data"]["more"] == 0


@given(sizes=st.lists(st.integers(0, 6_000), min_size=1, max_size=40), text=st.sampled_from(("a ", "é", '"', "𝒳")))
def test_a_digest_is_never_too_large_and_never_loses_count(sizes: list[int], text: str) -> None:
    alerts = [told(number, abstract=text * (size // len(text))) for number, size in enumerate(sizes)]
    data = composed(alerts, total=len(sizes) + 3)["data"]
    assert data["alerts"]
    assert len(data["alerts"]) + data["more"] == len(sizes) + 3
    assert [one["paper"]["id"] for one in data["alerts"]] == [
        one["data"]["paper"]["id"] for one in alerts[: len(data["alerts"])]
    ]


def test_papers_with_everything_too_long_still_make_a_digest() -> None:
    wild: dict[str, Any] = {
        "title": "𝒳" * 5_000,
        "authors": tuple(Author(name="N" * 200) for _ in range(500)),
        "sources": tuple(SourceRef(source="s" * 500, id="i" * 500) for _ in range(50)),
        "keywords": ("k" * 300,) * 50,
        "links": Links(code=tuple(CodeLink(url="https://example.org/" + "c" * 500) for _ in range(50))),
    }
    data = composed([told(number, **wild) for number in range(30)])["data"]
    assert len(data["alerts"]) + data["more"] == 30
    assert len(data["alerts"]) > 10


def test_a_period_has_one_id_for_a_subscription_in_whatever_zone_it_is_told() -> None:
    there = NOW.astimezone(UTC)
    assert digest_body.digest_id("a", NOW) == digest_body.digest_id("a", there)
    assert len({digest_body.digest_id(name, NOW + timedelta(days=n)) for name in "ab" for n in range(2)}) == 4


def test_score_comes_before_trend_and_trend_decides_where_there_is_no_score() -> None:
    ranks = [
        digest_body.rank(0.600001, -50.0),
        digest_body.rank(0.6, 900.0),
        digest_body.rank(0.6, 3.0),
        digest_body.rank(0.6, None),
    ]
    assert ranks == sorted(ranks, reverse=True)
    assert (
        digest_body.rank(0.0, 2.0)
        > digest_body.rank(0.0, 1.0)
        > digest_body.rank(0.0, None)
        > digest_body.rank(0.0, -1.0)
    )
