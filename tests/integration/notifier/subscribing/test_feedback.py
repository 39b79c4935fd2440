"""Feedback by the links of an alert: looking changes nothing, posting moves the interest, all can be undone."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.secrets.signed_links import LIFETIME
from shared.papers.paper import Author, Paper
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

PUBLIC = "https://papers.example"
ALERTED = indexed(Paper(id="x", title="x")).indexed_at.timestamp()
TWO = (Author(name="Ada Lee"), Author(name="Bo <Wu>"))
PAPERS = [
    Paper(id="arXiv:2601.00001", title="folding paper cranes", authors=TWO),
    Paper(id="arXiv:2601.00002", title="folding paper planes", authors=(Author(name="Cy Ng"),)),
    Paper(id="arXiv:2601.00003", title="folding paper planes again", authors=(Author(name="Ada Lee"),)),
]


@pytest.fixture
def clock() -> Clock:
    return Clock(ALERTED)


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=clock), public_url=PUBLIC) as running:
        await fill(running.runtime.qdrant(), PAPERS)
        yield running


async def alerted(
    wire: Wire, receiver: Receiver, paper: Paper = PAPERS[0], **criteria: Any
) -> tuple[Any, dict[str, str]]:
    """Subscribe, publish a paper, and give the subscription and the links of its alert, as paths."""
    made = await wire.subscribe(receiver.url(), **(criteria or {"query": "folding paper", "sensitivity": 0.3}))
    await wire.publish(indexed(paper))
    (arrived,) = await receiver.count(1)
    links = json.loads(arrived.body)["data"]["links"]
    assert all(link.startswith(PUBLIC + "/f/") for link in links.values())
    return made, {action: urlsplit(link).path for action, link in links.items()}


async def page(wire: Wire, method: str, path: str, status: int = 200, **form: str) -> str:
    async with wire.http.request(method, path, data=form or None) as response:
        text = await response.text()
        assert response.status == status, text
        assert response.content_type == "text/html"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"
        return text


def form_of(text: str, label: str) -> str:
    """Give the path that the button with a label posts to."""
    found = re.search(rf'<form [^>]*action="([^"]+)">(?:(?!</form>).)*<button[^>]*>{label}</button>', text, re.DOTALL)
    assert found, text
    return f"/f/{found[1]}"


async def read(wire: Wire, made: Any) -> Any:
    return await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)


async def test_opening_a_link_changes_nothing(wire: Wire, receiver: Receiver) -> None:
    """INVARIANT: mail scanners and previews follow links; only a POST acts."""
    made, links = await alerted(wire, receiver)
    assert set(links) == {"more", "less", "mute", "pause", "manage"}
    for path in links.values():
        await page(wire, "GET", path)
        async with wire.http.head(path) as response:
            assert response.status == 200
    assert await read(wire, made) == {name: value for name, value in made.items() if name != "secret"}


@pytest.mark.parametrize(
    ("action", "field", "label"), (("more", "like", "More like this"), ("less", "unlike", "Not this"))
)
async def test_more_and_less_move_the_interest_and_are_undone(
    wire: Wire, receiver: Receiver, action: str, field: str, label: str
) -> None:
    made, links = await alerted(wire, receiver)

    async def score() -> float:
        path = f"/v1/explain?subscription={made['id']}&paper={PAPERS[0].id}"
        return float((await wire.call("GET", path, status=200))["score"])

    before = await score()
    asked = await page(wire, "GET", links[action])
    assert "folding paper cranes" in asked
    noted = await page(wire, "POST", form_of(asked, label))
    assert (await read(wire, made))[field] == [PAPERS[0].id]
    after = await score()
    assert after > before if action == "more" else after < before
    again = await page(wire, "POST", links[action])  # a double click
    assert (await read(wire, made))[field] == [PAPERS[0].id]
    assert form_of(again, "Undo") == form_of(noted, "Undo")
    await page(wire, "POST", form_of(noted, "Undo"))
    assert (await read(wire, made))[field] == []
    assert await score() == before
    (entry,) = (await wire.call("GET", f"/v1/subscriptions/{made['id']}/feedback", status=200))["feedback"]
    assert (entry["kind"], entry["about"], entry["undone"]) == (action, PAPERS[0].id, True)


async def test_an_author_of_the_paper_is_muted(wire: Wire, receiver: Receiver) -> None:
    made, links = await alerted(wire, receiver)
    asked = await page(wire, "GET", links["mute"])
    assert "Bo &lt;Wu&gt;" in asked
    assert "<Wu>" not in asked
    await page(wire, "POST", links["mute"], 404, author="Cy Ng")
    await page(wire, "POST", links["mute"], 404)
    noted = await page(wire, "POST", form_of(asked, "Mute this author"), author="Ada Lee")
    await wire.publish(indexed(PAPERS[2]), indexed(PAPERS[1]))
    await receiver.count(2)
    await until(wire.drained)
    assert [json.loads(one.body)["data"]["paper"]["id"] for one in receiver.arrived] == [PAPERS[0].id, PAPERS[1].id]
    await page(wire, "POST", form_of(noted, "Undo"))
    assert (await read(wire, made))["mute_authors"] == []


async def test_a_dismissed_paper_causes_no_more_alerts(wire: Wire, receiver: Receiver) -> None:
    _, links = await alerted(wire, receiver, query="folding paper", sensitivity=0.0)
    await page(wire, "POST", links["less"])
    revised = PAPERS[0].model_copy(update={"title": "folding paper folding paper"})
    await wire.publish(indexed(revised), indexed(PAPERS[1]))
    await receiver.count(2)
    await until(wire.drained)
    assert json.loads(receiver.arrived[-1].body)["data"]["paper"]["id"] == PAPERS[1].id


async def test_pause_holds_deliveries_and_resume_sends_them(wire: Wire, receiver: Receiver) -> None:
    made, links = await alerted(wire, receiver)
    paused = await page(wire, "POST", links["pause"])
    assert (await read(wire, made))["state"]["status"] == "paused"
    managed = await page(wire, "GET", links["manage"])
    assert "is paused" in managed
    await page(wire, "POST", form_of(paused, "Resume"))
    assert (await read(wire, made))["state"]["status"] == "active"
    await wire.publish(indexed(PAPERS[1]))
    await receiver.count(2)


async def test_the_page_of_a_subscription_lists_its_feedback(wire: Wire, receiver: Receiver) -> None:
    made, links = await alerted(wire, receiver)
    await page(wire, "POST", links["more"])
    text = await page(wire, "GET", links["manage"])
    assert "More like: “folding paper cranes”" in text
    await page(wire, "POST", form_of(text, "Undo"))
    assert "More like" not in await page(wire, "GET", links["manage"])
    assert (await read(wire, made))["like"] == []


async def test_an_exact_subscription_offers_only_possible_actions(wire: Wire, receiver: Receiver) -> None:
    made, links = await alerted(wire, receiver, authors=["Ada Lee"])
    assert set(links) == {"mute", "pause", "manage"}
    path = f"/v1/subscriptions/{made['id']}/feedback"
    problem = await wire.call("POST", path, {"kind": "less", "paper": PAPERS[0].id}, status=422)
    assert "exact conditions" in problem["detail"]


async def test_links_expire_and_end_with_their_subscription(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made, links = await alerted(wire, receiver)
    for broken in (links["more"] + "x", links["more"][:-1], "/f/nonsense"):
        assert "not valid" in await page(wire, "GET", broken, 404)
    await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    assert not await wire.runtime.redis.exists(f"feedback:of:{made['id']}")
    for path in links.values():
        assert "has ended" in await page(wire, "POST", path, 404, author="Ada Lee")
    clock.now += LIFETIME
    assert "expired" in await page(wire, "POST", links["more"], 404)


async def test_feedback_is_given_listed_and_undone_by_the_api(wire: Wire) -> None:
    made = await wire.subscribe("https://example.org/", query="folding paper")
    path = f"/v1/subscriptions/{made['id']}/feedback"
    entry = await wire.call("POST", path, {"kind": "more", "paper": "2601.00001v2"}, status=201)
    muted = await wire.call("POST", path, {"kind": "mute", "author": "Cy Ng"}, status=201)
    assert {one["id"] for one in (await wire.call("GET", path, status=200))["feedback"]} == {entry["id"], muted["id"]}
    undone = await wire.call("POST", f"{path}/{entry['id']}/undo", status=200)
    assert undone == entry | {"undone": True}
    assert await wire.call("POST", f"{path}/{entry['id']}/undo", status=200) == undone
    await wire.call("POST", f"{path}/{'0' * 16}/undo", status=404)
    for body in ({"kind": "more", "author": "Cy Ng"}, {"kind": "mute"}, {"kind": "more", "paper": "arXiv:2699.00001"}):
        await wire.call("POST", path, body, status=422)


async def test_without_a_public_address_an_alert_has_no_links(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path) as private:
        await private.subscribe(receiver.url(), must=["cranes"])
        await private.publish(indexed(PAPERS[0]))
        (arrived,) = await receiver.count(1)
        assert "links" not in json.loads(arrived.body)["data"]


async def test_feedback_of_another_key_is_not_found(wire: Wire) -> None:
    made = await wire.subscribe("https://example.org/", query="folding paper")
    path = f"/v1/subscriptions/{made['id']}/feedback"
    entry = await wire.call("POST", path, {"kind": "more", "paper": PAPERS[0].id}, status=201)
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    for method, theirs, body in (
        ("GET", path, None),
        ("POST", path, {"kind": "less", "paper": PAPERS[0].id}),
        ("POST", f"{path}/{entry['id']}/undo", None),
    ):
        await wire.call(method, theirs, body, status=404, key=other)
    assert (await read(wire, made))["like"] == [PAPERS[0].id]
