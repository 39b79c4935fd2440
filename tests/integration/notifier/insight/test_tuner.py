"""Wanted volumes: the threshold that is found, shown, kept up slowly, and matched by."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notifier.bootstrap import ClockAndRandom
from services.notifier.insight.recent import Recent
from services.notifier.insight.tuner import Tuner
from services.notifier.insight.volume import STEP
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.subscription.sensitivity import DEFAULT_THRESHOLD, MIN_TUNED_THRESHOLD
from services.notifier.subscription.store import Store
from shared.papers.paper import Paper
from tests.integration.notifier.matching.index import NOW, fill
from tests.integration.notifier.support import Clock, Wire, WordEmbedder, notifier

DAY = 86_400.0
FILLERS = ("of", "with", "and", "for", "by", "from", "over", "under", "near", "beyond")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=clock)) as running:
        yield running


def month(days: int = 28, start: int = 0, words: int = 10) -> list[Paper]:
    """Five papers a day, nearer and farther: of each paper one more word is not about cranes."""
    return [
        Paper(
            id=f"p{start + day}.{n}",
            title="folding cranes " + " ".join(FILLERS[: (day * 5 + n) % words]) + f" w{day}x{n}",
            published=(NOW - timedelta(days=start + day)).date().isoformat(),
            categories=("cs.RO",) if n % 2 else ("cs.CL",),
        )
        for day in range(days)
        for n in range(5)
    ]


def tuner(wire: Wire, clock: Clock) -> Tuner:
    client, store = wire.runtime.qdrant(), Store(wire.runtime.redis)
    papers = IndexedPapers(client)
    interests = InterestVectors(papers, WordEmbedder(), store)
    points = SubscriptionPoints(client, interests, store)
    return Tuner(wire.runtime.redis, store, interests, points, Recent(papers, clock, wire.runtime.queries), clock)


async def made(wire: Wire, **fields: Any) -> Any:
    return await wire.subscribe("https://example.org/", query="folding cranes", **fields)


async def test_a_threshold_is_computed_from_the_last_weeks(wire: Wire) -> None:
    await fill(wire.runtime.qdrant(), month())
    five = await made(wire, sensitivity={"per_week": 5})
    assert five["sensitivity"] == {"per_week": 5.0}
    assert 4.5 <= five["tuning"]["per_week"] <= 5.5
    one = await made(wire, sensitivity={"per_week": 1})
    assert one["threshold"] > five["threshold"] > MIN_TUNED_THRESHOLD
    filtered = await made(wire, sensitivity={"per_week": 5}, categories=["cs.RO"])
    assert filtered["threshold"] < five["threshold"]  # of fewer papers more of the far ones are wanted
    assert 4.5 <= filtered["tuning"]["per_week"] <= 5.5


async def test_liked_papers_do_not_count_as_what_is_to_come(wire: Wire) -> None:
    papers = month()
    await fill(wire.runtime.qdrant(), papers)
    liked = [paper.id for paper in papers[:12]]
    asked = {"like": liked, "sensitivity": {"per_week": 5}, "limit": 100}
    preview = await wire.call("POST", "/v1/subscriptions/preview", asked, status=200)
    others = [one["paper"]["id"] for one in preview["alerts"] if one["paper"]["id"] not in liked]
    assert 19 <= len(others) <= 21, "five a week in 28 days"


async def test_a_young_index_has_the_default_threshold_until_the_next_day(wire: Wire, clock: Clock) -> None:
    one = await made(wire, sensitivity={"per_week": 5})
    assert (one["threshold"], one["tuning"]["per_week"]) == (DEFAULT_THRESHOLD, None)
    await fill(wire.runtime.qdrant(), month())
    assert await tuner(wire, clock).turn() == 0  # not due before a day is over
    clock.now += DAY
    assert await tuner(wire, clock).turn() == 1
    after = await wire.call("GET", f"/v1/subscriptions/{one['id']}", status=200)
    assert 4.0 <= after["tuning"]["per_week"] <= 6.0
    assert after["updated_at"] == one["updated_at"]


async def test_a_computed_threshold_moves_one_step_a_day(wire: Wire, clock: Clock) -> None:
    await fill(wire.runtime.qdrant(), month(words=4))
    before = (await made(wire, sensitivity={"per_week": 1}))["threshold"]
    await wire.runtime.qdrant().delete_collection("papers")
    await fill(wire.runtime.qdrant(), month(words=10, start=1))
    seen = [before]
    for _ in range(3):
        clock.now += DAY
        assert await tuner(wire, clock).turn() == 1
        (one,) = (await wire.call("GET", "/v1/subscriptions", status=200))["subscriptions"]
        seen.append(one["threshold"])
    assert all(abs(a - b) <= STEP + 1e-9 for a, b in itertools.pairwise(seen))
    assert seen[-1] != before


async def test_two_processes_tune_each_subscription_once(wire: Wire, clock: Clock) -> None:
    await made(wire, sensitivity={"per_week": 5})
    clock.now += DAY
    assert [await tuner(wire, clock).turn(), await tuner(wire, clock).turn()] == [1, 0]


async def test_a_removed_volume_is_no_longer_tuned(wire: Wire, clock: Clock) -> None:
    one = await made(wire, sensitivity={"per_week": 5})
    path = f"/v1/subscriptions/{one['id']}"
    changed = await wire.call("PATCH", path, {"sensitivity": 0.6}, status=200)
    assert (changed["threshold"], changed["tuning"]) == (0.6, None)
    clock.now += DAY
    assert await tuner(wire, clock).turn() == 0
    again = await wire.call("PATCH", path, {"sensitivity": {"per_week": 2}}, status=200)
    assert again["tuning"]
    await wire.call("DELETE", path, status=204)
    clock.now += DAY
    assert await tuner(wire, clock).turn() == 0


async def test_a_threshold_that_was_measured_outlasts_a_stream_that_stops(wire: Wire, clock: Clock) -> None:
    """INVARIANT: after a pause nobody gets the flood of the default threshold again."""
    await fill(wire.runtime.qdrant(), month(words=4))
    before = await made(wire, sensitivity={"per_week": 1})
    assert before["threshold"] > DEFAULT_THRESHOLD
    for days in (25, 30):
        clock.now += days * DAY
        assert await tuner(wire, clock).turn() == 1
        after = await wire.call("GET", f"/v1/subscriptions/{before['id']}", status=200)
        assert after["threshold"] == before["threshold"]
    assert after["tuning"]["per_week"] == 0.0
