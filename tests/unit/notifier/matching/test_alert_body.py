"""The body of an alert and its id."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.matching.alert_body import MAX_BODY, MAX_MERGED, Recipient, alert_id, compose, merged_id
from services.notifier.matching.match import Match
from shared.papers.paper import Author, Change, ChangeKind, Paper
from tests.support import examples
from tests.unit.notifier.examples import NEW, NOW, paper, subscription

FOUND = Match(NEW, 0.612345, 0.45, ("score 0.61 reaches the threshold 0.45",))


def test_a_complete_body() -> None:
    event = orjson.loads(compose(subscription(), paper(), FOUND, NOW))
    assert event == {
        "type": "paper.new",
        "timestamp": "2026-03-01T08:00:00Z",
        "data": {
            "subscription": {"id": subscription().id, "name": "cranes"},
            "paper": paper().model_dump(mode="json"),
            "match": {"score": 0.612345, "threshold": 0.45, "reasons": ["score 0.61 reaches the threshold 0.45"]},
        },
    }


@pytest.mark.parametrize("letter", ("x", "é", "\n", "\u0001", "🙂"))
def test_a_long_abstract_is_cut_to_fit(letter: str) -> None:
    raw = compose(subscription(), paper(abstract=letter * 200_000), FOUND, NOW)
    assert MAX_BODY - 100 < len(raw) <= MAX_BODY or letter == "\n"
    first = orjson.loads(raw)["data"]["paper"]
    assert first["abstract"].endswith("…")
    assert first["title"] == paper().title


@examples(30)
@given(
    st.integers(0, 3_000), st.integers(0, 100_000), st.integers(0, 100_000), st.sampled_from(("a", "\\", "é", "\u0000"))
)
def test_no_body_is_over_64_kib(authors: int, abstract: int, title: int, letter: str) -> None:
    huge = Paper(
        id="p" * 500,
        title=letter * title,
        abstract=letter * abstract,
        authors=tuple(Author(name=f"{letter * 40} {n}") for n in range(authors)),
        keywords=tuple(letter * 100 for _ in range(500)),
        identifiers={str(n): letter * 3_000 for n in range(50)},
    )
    reasons = tuple(f"has the phrase “{letter * 200}”" for _ in range(500))
    raw = compose(subscription(), huge, Match(NEW, 1.0, 0.5, reasons), NOW)
    assert len(raw) <= MAX_BODY
    assert orjson.loads(raw)["data"]["paper"]["id"] == huge.id


def test_a_merged_alert_lists_its_subscriptions_even_if_the_body_is_cut() -> None:
    reasons = tuple(f"has the phrase “{'x' * 200}”" for _ in range(500))
    others = [Recipient(subscription(id=str(n), name="n" * 200), Match(NEW, 1.0, 0.5, reasons)) for n in range(50)]
    raw = compose(subscription(merge=True), paper(), FOUND, NOW, others=others)
    first = orjson.loads(raw)["data"]
    assert len(raw) <= MAX_BODY
    assert [one["id"] for one in first["subscriptions"]] == [subscription().id, *map(str, range(MAX_MERGED - 1))]
    few = orjson.loads(
        compose(subscription(merge=True), paper(), FOUND, NOW, others=[Recipient(subscription(id="2"), FOUND)])
    )
    assert few["data"]["subscriptions"][1]["match"]["score"] == 0.612345


def test_the_id_of_a_merged_alert_depends_on_owner_endpoint_and_change() -> None:
    here, there = (subscription(channel={"type": "webhook", "url": f"https://a/?{n}"}).channel for n in "12")
    revised = Change(kind=ChangeKind.REVISED, version="1")
    ids = [merged_id(o, c, w, x) for o in "op" for c in (here, there) for w in "wv" for x in (NEW, revised)]
    assert len(set(ids)) == len(ids)
    assert merged_id("o", here, "w", NEW) == "7fa9d6da-efea-5109-9971-fdaafdc30e9e"


def test_the_id_of_an_alert_depends_on_its_change() -> None:
    revised = [Change(kind=ChangeKind.REVISED, version=version) for version in ("1", "2")]
    ids = [alert_id(s, w, c) for s in ("s", "t") for w in ("w", "v") for c in (NEW, *revised)]
    assert len(set(ids)) == len(ids)
    assert alert_id("s", "w", NEW) == alert_id("s", "w", Change(kind=ChangeKind.NEW, fields=("title",)))
    assert alert_id("s", "w", NEW) == "89253c79-b8ed-535b-b7c5-11b94233ad74"
