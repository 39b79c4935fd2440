"""An indexed paper leads to an alert: once, signed, in the documented form."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from qdrant_client.models import PointStruct
from standardwebhooks import Webhook

from services.notifier.alerts.planner import is_older
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscription.model import Subscription
from shared.bus import Entry
from shared.embedding.vectors import pack_vector
from shared.papers.paper import Author, Change, ChangeKind, Paper, Signals, SourceRef
from shared.papers.streams import INDEXED
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

PAPER = Paper(
    id="arXiv:2603.00001",
    title="folding paper cranes",
    abstract="a robot folds cranes",
    authors=(Author(name="Ada Origami"),),
    categories=("cs.RO",),
    sources=(SourceRef(source="arxiv", id="2603.00001"),),
)
OTHER = PAPER.model_copy(update={"id": "arXiv:2603.00002", "title": "stars", "abstract": "dust between galaxies"})


async def test_a_matching_paper_sends_a_signed_alert_and_another_does_not(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), query="a robot folds paper cranes")
    await wire.publish(indexed(OTHER), indexed(PAPER))
    (arrived,) = await receiver.count(1)
    event = Webhook(made["secret"]).verify(arrived.body, arrived.headers)
    assert event["type"] == "paper.new"
    assert event["timestamp"] == "2026-03-01T08:00:00Z"
    assert event["data"]["paper"] == PAPER.model_dump(mode="json")
    assert event["data"]["subscription"] == {"id": made["id"], "name": "a robot folds paper cranes"}
    match = event["data"]["match"]
    assert match["threshold"] == 0.45 <= match["score"] <= 1
    assert any(reason.startswith("about “") for reason in match["reasons"])
    assert arrived.headers["Content-Type"] == "application/json"
    assert arrived.headers["User-Agent"].startswith("Paperwire/")
    await until(wire.drained)
    (delivery,) = await wire.deliveries(made["id"])
    assert delivery["id"] == arrived.headers["webhook-id"]
    assert (delivery["state"], delivery["paper"], len(delivery["log"])) == ("delivered", PAPER.id, 1)
    assert delivery["log"][0]["status"] == 204
    assert len(receiver.arrived) == 1


async def test_a_repeated_event_sends_nothing_twice(wire: Wire, receiver: Receiver) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"])
    await wire.publish(indexed(PAPER), indexed(PAPER))
    await receiver.count(1)
    await wire.publish(indexed(PAPER))
    last = PAPER.model_copy(update={"id": "arXiv:2603.00003"})
    await wire.publish(indexed(last))
    await receiver.count(2)
    await until(wire.drained)
    assert [json.loads(one.body)["data"]["paper"]["id"] for one in receiver.arrived] == [PAPER.id, last.id]


async def test_a_group_that_reads_again_tells_newer_subscriptions_nothing(wire: Wire, receiver: Receiver) -> None:
    """A group that was deleted is made again at the beginning of its stream."""
    await wire.subscribe(receiver.url("/newer"), categories=["cs.RO"])
    copied = replace(INDEXED, name="copied")
    async with wire.runtime.bus.hop("indexer") as hop:
        for number in range(2):
            await hop.publish(copied, indexed(PAPER.model_copy(update={"id": f"arXiv:2603.1000{number}"})), "test")
        await hop.commit()
    redis = wire.runtime.redis
    (_, before), (id_, after) = await redis.xrange(copied.name)
    await redis.xadd(INDEXED.name, before, id=f"{int(id_.split(b'-')[0]) - 3_600_000}-0")
    await redis.xadd(INDEXED.name, after)
    (arrived,) = await receiver.count(1)
    await until(wire.drained)
    assert json.loads(arrived.body)["data"]["paper"]["id"] == "arXiv:2603.10001"
    assert len(receiver.arrived) == 1


@pytest.mark.parametrize(
    ("added", "created", "older"),
    [(900, 1_000, True), (950, 1_000, False), (1_500, 1_000, False), (1_900, 3_800, False)],
    ids=["older", "within the difference of clocks", "newer", "created by a clock that was half an hour ahead"],
)
def test_what_is_older_than_a_subscription(added: int, created: int, older: bool) -> None:
    at = datetime.fromtimestamp(created, UTC)
    fields: dict[str, Any] = {"created_at": at, "updated_at": at, "state": {"status": "active", "since": at}}
    made = Subscription(id="one", name="one", query="cranes", channel={"type": "feed"}, **fields)
    assert is_older(Entry(f"{added}000-0", indexed(PAPER), {}, b""), made, 2_000.0) == older


async def test_each_change_alerts_the_subscriptions_that_want_it(wire: Wire, receiver: Receiver) -> None:
    await wire.subscribe(receiver.url("/new"), categories=["cs.RO"])
    await wire.subscribe(receiver.url("/later"), categories=["cs.RO"], changes=["revised", "signals"])
    revised = Change(kind=ChangeKind.REVISED, version="2")
    await wire.publish(
        indexed(PAPER, Change(kind=ChangeKind.SIGNALS, version="a")),
        indexed(PAPER),
        indexed(PAPER, revised),
        indexed(PAPER, revised, Change(kind=ChangeKind.SIGNALS, version="b")),
    )
    await receiver.count(3)
    await until(wire.drained)
    received = sorted((one.path, json.loads(one.body)["type"]) for one in receiver.arrived)
    assert received == [("/later", "paper.revised"), ("/later", "paper.signals"), ("/new", "paper.new")]


async def test_an_alert_needs_all_exact_conditions(wire: Wire, receiver: Receiver) -> None:
    wanted = {
        "must": ["robot folds"],
        "any": ["Cranes", "nothing"],
        "not": ["galaxies"],
        "authors": ["Origami, Ada"],
        "sources": ["arxiv"],
        "min_signals": {"upvotes": 3},
    }
    made = await wire.subscribe(receiver.url(), name="cranes", **wanted)
    liked = PAPER.model_copy(update={"signals": Signals(upvotes=3)})
    await wire.publish(indexed(PAPER), indexed(liked, Change(kind=ChangeKind.NEW, version="2")))
    (arrived,) = await receiver.count(1)
    match = json.loads(arrived.body)["data"]["match"]
    assert (match["score"], match["threshold"]) == (0, 0)
    assert {"by Origami, Ada", "seen at arxiv", "3 upvotes (at least 3)"} <= set(match["reasons"])
    assert made["not"] == ["galaxies"]


async def test_a_vector_that_cannot_be_read_becomes_a_dead_letter_and_the_others_match(
    wire: Wire, receiver: Receiver
) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"])
    short = indexed(OTHER).model_copy(update={"vector": pack_vector([1.0, 2.0])})
    broken = indexed(OTHER).model_copy(update={"vector": "AAAA"})
    await wire.publish(short, broken, indexed(PAPER))
    await receiver.count(1)
    await until(wire.drained)
    assert await wire.runtime.redis.xlen("dead.papers.indexed.v1") == 2


async def test_a_paper_with_a_vector_of_an_earlier_model_matches_as_if_it_had_one_of_this(
    wire: Wire, receiver: Receiver
) -> None:
    """INVARIANT: a change of the model loses no alert about what was indexed before it."""
    await wire.subscribe(receiver.url(), query="a robot folds paper cranes")
    earlier = {"model": "another/model", "vector": pack_vector([1.0, 2.0])}
    await wire.publish(indexed(OTHER), indexed(PAPER).model_copy(update=earlier))
    (arrived,) = await receiver.count(1)
    match = json.loads(arrived.body)["data"]["match"]
    again = indexed(PAPER, Change(kind=ChangeKind.NEW, version="2"))
    await wire.publish(again)
    assert json.loads((await receiver.count(2))[1].body)["data"]["match"]["score"] == match["score"]


async def test_points_lost_by_qdrant_are_written_again(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        await wire.subscribe(receiver.url(), query="a robot folds paper cranes")
        await wire.runtime.qdrant().delete_collection("subscriptions")
        await wire.publish(indexed(PAPER))
        await receiver.count(1)
        await wire.runtime.qdrant().delete_collection("subscriptions")
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        extra = "00000000-0000-4000-8000-000000000000"
        assert (await wire.runtime.qdrant().count("subscriptions")).count == 1
        points, _ = await wire.runtime.qdrant().scroll("subscriptions", with_vectors=True)
        stray = PointStruct(id=extra, vector=points[0].vector, payload=points[0].payload)
        await wire.runtime.qdrant().upsert("subscriptions", [stray], wait=True)
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock=Clock())) as wire:
        points, _ = await wire.runtime.qdrant().scroll("subscriptions")
        assert [str(point.id) for point in points] != [extra]
        assert len(points) == 1
