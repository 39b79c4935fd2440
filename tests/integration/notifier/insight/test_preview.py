"""INVARIANT: a preview tells what the live matcher would have sent, paper for paper."""

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.notifier.bootstrap import ClockAndRandom
from services.notifier.insight import recent
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.match import Subject, fits
from services.notifier.subscription.model import Criteria
from shared.coordination.places import CrowdedError
from shared.papers.paper import Author, Change, ChangeKind, LifeEvent, Paper, Signals, SourceRef
from tests.integration.notifier.matching.index import NOW, fill
from tests.integration.notifier.support import Clock, Receiver, Wire, WordEmbedder, indexed, notifier
from tests.support import until

TOPICS = ("folding cranes", "paper cranes", "dust between galaxies", "cranes")
EXTRA = ("with robot arms", "by hand", "for nothing", "again and again")


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=Clock())) as running:
        yield running


def day(ago: float) -> str:
    return (NOW - timedelta(days=ago)).isoformat(timespec="seconds").replace("+00:00", "Z")


def paper(number: int, topic: str, extra: str, **fields: Any) -> Paper:
    made: dict[str, Any] = {
        "id": f"p{number}",
        "title": topic,
        "abstract": extra,
        "published": day(number % 29 + 0.5),
        "categories": ("cs.RO", "cs.CL", "math.CO")[number % 3 :][:2],
        "authors": (Author(name=("Ada Q. Lee", "Bo Wu")[number % 2]),),
        "sources": (SourceRef(source=("arxiv", "biorxiv")[number % 4 == 0], id=f"p{number}"),),
        "signals": Signals(upvotes=number % 7),
    }
    return Paper.model_validate(made | fields)


PAPERS = [
    paper(number, topic, extra) for number, (topic, extra, _) in enumerate(itertools.product(TOPICS, EXTRA, range(8)))
]
SUBSCRIPTIONS: tuple[dict[str, Any], ...] = (
    {"query": "folding cranes", "sensitivity": 0.35},
    {"query": "folding cranes", "sensitivity": 0.1, "categories": ["cs.RO"], "not": ["by hand"]},
    {"query": "folding cranes", "sensitivity": {"per_week": 5}},
    {"query": "cranes", "any": ["robot arms", "paper cranes"], "sources": ["arxiv"], "mute_authors": ["Ada Lee"]},
    {"like": ["p3"], "unlike": ["p70"], "sensitivity": 0.3},
    {"authors": ["Lee, Ada"], "must": ["cranes"]},
    {"categories": ["math.CO"], "min_signals": {"upvotes": 4}},
    {"papers": ["p1", "p2", "nowhere"]},
)


async def test_a_preview_agrees_with_the_matcher(wire: Wire, receiver: Receiver) -> None:
    await fill(wire.runtime.qdrant(), PAPERS)
    expected = {}
    for number, criteria in enumerate(SUBSCRIPTIONS):
        preview = await wire.call("POST", "/v1/subscriptions/preview", criteria | {"limit": 100}, status=200)
        assert preview["count"] == len(preview["alerts"]) > 0
        await wire.subscribe(receiver.url(f"/{number}"), **criteria)
        expected[f"/{number}"] = {(one["paper"]["id"], one["score"], one["change"]) for one in preview["alerts"]}
    await wire.publish(*map(indexed, PAPERS))
    await receiver.count(sum(map(len, expected.values())))
    await until(wire.drained)
    assert received(receiver) == expected


def received(receiver: Receiver) -> dict[str, set[tuple[str, float, str]]]:
    found: dict[str, set[tuple[str, float, str]]] = {}
    for one in receiver.arrived:
        body = json.loads(one.body)
        data = body["data"]
        row = (data["paper"]["id"], data["match"]["score"], body["type"].removeprefix("paper."))
        found.setdefault(one.path, set()).add(row)
    return found


async def test_owners_take_turns_and_too_many_previews_of_one_are_refused(wire: Wire) -> None:
    await fill(wire.runtime.qdrant(), PAPERS)
    past = recent.Recent(IndexedPapers(wire.runtime.qdrant()), Clock(), wire.runtime.queries)
    window, ended = await past.window(), []
    criteria = Criteria(categories=("cs.RO",))

    async def compare(owner: str) -> None:
        try:
            await past.past_changes(criteria, np.zeros(WordEmbedder.size, np.float32), window, 0.0, owner)
            ended.append(owner)
        except CrowdedError:
            ended.append("refused")

    await asyncio.gather(*[compare("a") for _ in range(12)], compare("b"))
    assert ended == [*["refused"] * 3, "a", "b", *["a"] * 8]


async def test_a_preview_lets_searches_go_first(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "PATIENCE_S", 60.0)
    await fill(wire.runtime.qdrant(), PAPERS)
    queries = wire.runtime.queries
    async with queries.place("a reader"):
        asked = wire.call("POST", "/v1/subscriptions/preview", {"categories": ["cs.RO"]}, status=200)
        preview = asyncio.create_task(asked)
        await until(lambda: bool(queries._quiet._waiters))
        assert not preview.done()
    assert (await preview)["count"] > 0


async def test_each_step_of_the_slider_counts_the_matches_above_it(wire: Wire) -> None:
    await fill(wire.runtime.qdrant(), PAPERS)
    criteria = {"query": "folding cranes", "sensitivity": 0.3, "limit": 100}
    preview = await wire.call("POST", "/v1/subscriptions/preview", criteria, status=200)
    scores = [one["score"] for one in preview["alerts"]]
    assert (preview["papers"], preview["enough"], preview["capped"]) == (len(PAPERS), True, False)
    assert len(preview["thresholds"]) == 25
    for rung in preview["thresholds"]:
        assert rung["count"] == sum(score >= rung["threshold"] for score in scores)
        assert rung["per_week"] == round(rung["count"] * 7 / 29, 2)


async def test_a_preview_counts_wanted_changes_of_known_papers(wire: Wire) -> None:
    old = paper(0, "folding cranes", "by hand", published="2020-01-01")
    lived = old.model_copy(
        update={
            "life": (
                LifeEvent(kind=ChangeKind.REVISED, at=day(400), version="v2"),
                LifeEvent(kind=ChangeKind.REVISED, at=day(3), version="v3"),
                LifeEvent(kind=ChangeKind.WITHDRAWN, at=day(3), version="v3"),
                LifeEvent(kind=ChangeKind.PUBLISHED, at=day(2), version="10.1234/x"),
            )
        }
    )
    await fill(wire.runtime.qdrant(), [lived])
    expected_alerts: tuple[tuple[list[str], list[str]], ...] = (
        (["new"], []),
        (["revised"], ["revised"]),
        (["new", "published", "withdrawn"], ["published", "withdrawn"]),
    )
    for changes, reported in expected_alerts:
        criteria = {"papers": ["p0"], "changes": changes}
        preview = await wire.call("POST", "/v1/subscriptions/preview", criteria, status=200)
        assert [one["change"] for one in preview["alerts"]] == reported


async def test_a_preview_counts_changes_of_watched_papers(wire: Wire, receiver: Receiver) -> None:
    changes = ["revised", "withdrawn", "published", "signals"]
    await wire.subscribe(receiver.url(), papers=["p1"], changes=changes, counters=["citations"])
    seen, other = paper(1, "cranes", "by hand"), paper(2, "cranes", "by hand")
    moved = [Change(kind=ChangeKind.SIGNALS, version=field, fields=(field,)) for field in ("upvotes", "citations")]
    await wire.publish(
        indexed(seen),
        indexed(other, Change(kind=ChangeKind.REVISED, version="v2")),
        indexed(seen, Change(kind=ChangeKind.REVISED, version="v2")),
        indexed(seen, moved[0]),
        indexed(seen, moved[1]),
    )
    await receiver.count(2)
    await until(wire.drained)
    assert received(receiver) == {"/hook": {("p1", 0.0, "revised"), ("p1", 0.0, "signals")}}


async def test_a_preview_of_too_many_papers_counts_the_nearest(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MAX_CHANGES", 10)
    monkeypatch.setattr("services.notifier.insight.preview.MAX_CHANGES", 10)
    await fill(wire.runtime.qdrant(), PAPERS)
    criteria = {"query": "folding cranes", "sensitivity": 0.3, "limit": 100}
    preview = await wire.call("POST", "/v1/subscriptions/preview", criteria, status=200)
    assert (preview["count"], preview["capped"]) == (10, True)
    last = preview["alerts"][-1]["score"]
    assert all(rung["threshold"] > last for rung in preview["thresholds"])


async def test_a_preview_of_too_many_papers_keeps_those_that_have_the_words(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: what is left out scores less than what is counted, also where it is nearer in meaning."""
    query = "one two three four five six seven eight"
    worded = [Paper(id=f"worded{n}", title=f"{query} {'dust ' * 8}", published=day(n + 1)) for n in range(4)]
    nearer = [Paper(id=f"nearer{n}", title="one two three", published=day(n + 1)) for n in range(4)]
    await fill(wire.runtime.qdrant(), [*worded, *nearer])
    monkeypatch.setattr(recent, "MAX_CHANGES", 4)
    monkeypatch.setattr("services.notifier.insight.preview.MAX_CHANGES", 4)
    monkeypatch.setattr("services.notifier.matching.indexed_papers._PAGE_SIZE", 2)
    asked = {"query": query, "sensitivity": 0.3, "limit": 100}
    preview = await wire.call("POST", "/v1/subscriptions/preview", asked, status=200)
    assert {one["paper"]["id"] for one in preview["alerts"]} == {one.id for one in worded}


async def test_a_preview_reads_only_papers_that_score_enough(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most papers with a cosine from 0.2 on lack the words; reading them all took four times as long."""
    await fill(wire.runtime.qdrant(), PAPERS)
    compared: list[str] = []

    def observed(criteria: Criteria, of: Subject) -> bool:
        compared.append(of.paper.id)
        return fits(criteria, of)

    monkeypatch.setattr(recent, "fits", observed)
    asked = {"query": "folding paper airplanes from another sheet", "sensitivity": 0.3, "limit": 100}
    preview = await wire.call("POST", "/v1/subscriptions/preview", asked, status=200)
    assert 0 < preview["count"] == len(compared) < len(PAPERS)


async def test_a_preview_without_an_index_is_empty(wire: Wire) -> None:
    criteria = {
        "query": "folding cranes",
        "sensitivity": {"per_week": 5},
        "channel": {"type": "webhook", "url": "http://a"},
    }
    preview = await wire.call("POST", "/v1/subscriptions/preview", criteria, status=200)
    assert (preview["count"], preview["papers"], preview["enough"], preview["threshold"]) == (0, 0, False, 0.45)
    assert (await wire.call("GET", "/v1/subscriptions", status=200))["subscriptions"] == []


async def test_papers_are_compared_outside_the_event_loop(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview reads up to thousands of papers, and other requests are answered meanwhile."""
    await fill(wire.runtime.qdrant(), PAPERS)
    threads: set[threading.Thread] = set()
    compare = fits

    def observed(*of: Any) -> bool:
        threads.add(threading.current_thread())
        return compare(*of)

    monkeypatch.setattr(recent, "fits", observed)
    await wire.call("POST", "/v1/subscriptions/preview", SUBSCRIPTIONS[0], status=200)
    assert threads
    assert threading.main_thread() not in threads
