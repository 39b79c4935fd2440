"""Why an alert came, why another did not, why a search finds a paper: checked against what is sent."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.papers.paper import Author, Change, ChangeKind, LifeEvent, Paper
from tests.integration.notifier.matching.index import NOW, fill
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until

CRANES = Paper(
    id="arXiv:2601.00001",
    title="folding paper cranes",
    abstract="A robot folds.",
    authors=(Author(name="Ada Lee"),),
    categories=("cs.RO",),
    identifiers={"arxiv": "2601.00001", "doi": "10.1234/cranes"},
    published="2026-01-01",
    life=(LifeEvent(kind=ChangeKind.REVISED, at="2026-01-05T00:00:00Z", version="v2"),),
)
LIKED = Paper(id="liked", title="folding paper planes", published="2026-01-01")
FAR = Paper(id="far", title="dust between galaxies", published="2026-01-01")


@pytest.fixture(autouse=True)
async def index(wire: Wire) -> None:
    await fill(wire.runtime.qdrant(), [CRANES, LIKED, FAR], NOW - timedelta(days=1))


async def explain(wire: Wire, subscription: str, paper: str = CRANES.id) -> Any:
    return await wire.call("GET", f"/v1/explain?subscription={subscription}&paper={paper}", status=200)


def failing(answer: Any) -> dict[str, str]:
    return {check["name"]: check["detail"] for check in answer["checks"] if not check["passes"]}


SUBSCRIPTIONS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"query": "folding paper cranes", "sensitivity": 0.3}, {}),
    ({"query": "dust between galaxies", "sensitivity": 0.5}, {"score": "is below the threshold 0.500"}),
    ({"must": ["robot", "swan"]}, {"must": "the paper lacks “swan”"}),
    ({"any": ["swan", "planes"]}, {"any": "the paper has none of “swan”, “planes”"}),
    ({"must": ["robot"], "not": ["paper cranes"]}, {"not": "the paper has “paper cranes”, which it must not"}),
    ({"categories": ["cs.CL"]}, {"categories": "the paper is in cs.RO, not in cs.CL"}),
    ({"authors": ["Bo Wu"]}, {"authors": "none of its authors is Bo Wu"}),
    ({"must": ["robot"], "sources": ["arxiv"]}, {"sources": "was seen in no source, not in arxiv"}),
    ({"must": ["robot"], "min_signals": {"stars": 5}}, {"min_signals": "the paper has stars unknown of at least 5"}),
    (
        {"must": ["robot"], "mute_authors": ["Ada Lee"]},
        {"mute_authors": "the paper is by Ada Lee, muted by this subscription"},
    ),
    ({"papers": ["liked"]}, {"papers": "the paper is none of the watched papers"}),
    (
        {"must": ["robot"], "changes": ["withdrawn"]},
        {"changes": "wanted changes: withdrawn; known changes: new, revised"},
    ),
    (
        {"query": "folding", "sensitivity": 0.0, "unlike": [CRANES.id]},
        {"unlike": "is one of the papers that were marked as unlike"},
    ),
    ({"must": ["swan"], "categories": ["cs.CL"]}, {"must": "lacks", "categories": "is in cs.RO"}),
)


async def test_an_explanation_names_what_excludes_a_paper_and_agrees_with_the_alerts(
    wire: Wire, receiver: Receiver
) -> None:
    for number, (criteria, expected) in enumerate(SUBSCRIPTIONS):
        made = await wire.subscribe(receiver.url(f"/{number}"), **criteria)
        answer = await explain(wire, made["id"])
        found = failing(answer)
        assert set(found) == set(expected), (criteria, found)
        assert all(words in found[name] for name, words in expected.items()), (criteria, found)
        assert answer["matches"] is not bool(expected)
        assert all(detail in answer["verdict"] for detail in found.values())
    await wire.publish(indexed(CRANES))
    await receiver.count(1)
    await until(wire.drained)
    assert {one.path for one in receiver.arrived} == {
        f"/{number}" for number, (_, expected) in enumerate(SUBSCRIPTIONS) if not expected
    }


async def test_an_explanation_has_the_score_of_the_alert_and_the_nearest_liked_paper(
    wire: Wire, receiver: Receiver
) -> None:
    made = await wire.subscribe(receiver.url(), like=["liked", "far"], sensitivity=0.2)
    await wire.publish(indexed(CRANES))
    (arrived,) = await receiver.count(1)
    match = json.loads(arrived.body)["data"]["match"]
    answer = await explain(wire, made["id"], "10.1234/CRANES")
    assert (answer["score"], answer["threshold"]) == (match["score"], match["threshold"])
    assert (answer["nearest_liked"]["id"], answer["paper"]["id"]) == ("liked", CRANES.id)
    near = answer["nearest_liked"]["score"]
    assert match["reasons"][1] == f"similar to “folding paper planes”, which you liked ({near:.0%})"


async def test_an_explanation_tells_the_meaning_and_the_words_of_a_score(wire: Wire) -> None:
    made = await wire.subscribe("https://example.org/", query="folding swans", sensitivity=0.3)
    answer = await explain(wire, made["id"])
    (score,) = [check for check in answer["checks"] if check["name"] == "score"]
    assert score["detail"].startswith(f"score {answer['score']:.3f} ")
    assert "(meaning 0." in score["detail"]
    assert "“folding” of 2; usual is 0.25)" in score["detail"]


async def test_an_explanation_says_that_a_subscription_is_paused(wire: Wire) -> None:
    made = await wire.subscribe("https://example.org/", must=["robot"])
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/pause", status=200)
    answer = await explain(wire, made["id"])
    assert failing(answer) == {"state": "the subscription is paused"}


async def test_sent_alerts_are_explained_from_their_record(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), must=["robot"], changes=["new", "revised"])
    before = await explain(wire, made["id"])
    assert "before the subscription was created" in before["verdict"]
    await wire.publish(indexed(CRANES), indexed(CRANES, Change(kind=ChangeKind.REVISED, version="v2")))
    await receiver.count(2)

    async def settled() -> bool:
        return {one["state"] for one in await wire.deliveries(made["id"])} == {"delivered"}

    await until(settled)
    answer = await explain(wire, made["id"])
    assert {one["change"] for one in answer["delivered"]} == {"new", "revised"}
    assert answer["verdict"].startswith("An alert was made at 2026-03-01T08:00:00+00:00 and is delivered")


async def test_matches_of_feeds_and_digests_are_explained(wire: Wire) -> None:
    daily = {"schedule": {"daily": "08:00", "timezone": "Europe/Paris"}}
    made = [
        await wire.call("POST", "/v1/subscriptions", {"must": ["robot"]} | more, status=201)
        for more in ({"channel": {"type": "feed"}}, {"channel": {"type": "webhook", "url": "https://a/"}} | daily)
    ]
    await wire.publish(indexed(CRANES))
    await until(wire.drained)
    for one in made:
        answer = await explain(wire, one["id"])
        assert [(received["change"], received["delivery"]) for received in answer["delivered"]] == [("new", None)]
        assert answer["verdict"].endswith("is kept for a digest or a feed.")


async def test_invalid_explanation_requests_are_refused(wire: Wire) -> None:
    made = await wire.subscribe("https://example.org/", must=["robot"])
    await wire.call("GET", f"/v1/explain?paper={CRANES.id}", status=422)
    await wire.call("GET", f"/v1/explain?paper={CRANES.id}&q=a&subscription={made['id']}", status=422)
    await wire.call("GET", f"/v1/explain?subscription={made['id']}&paper=arXiv:2601.99999", status=404)
    async with wire.http.get("/v1/explain", params={"subscription": made["id"], "paper": CRANES.id}) as got:
        assert got.status == 401
