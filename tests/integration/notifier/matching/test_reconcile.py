"""A start repairs points in Qdrant that do not agree with Redis."""

import pytest
from qdrant_client.models import Distance, PointStruct, VectorParams

from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.match import subject
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.subscription.model import State, Status, Subscription
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.bus import Bus
from shared.embedding.vectors import pack_vector
from shared.papers.paper import Paper
from shared.qdrant import INTEREST, SUBSCRIPTIONS, WORDS, open_qdrant
from shared.settings import Settings
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.matching.test_exact import NOW
from tests.integration.notifier.support import WordEmbedder, words


def row(number: int, **fields: object) -> Row:
    base = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": str(number),
        "query": f"word{number}",
        "channel": {"type": "webhook", "url": "https://example.org/"},
        "state": State(since=NOW),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Row(owner="me", subscription=Subscription.model_validate(base | fields))


async def test_missing_extra_and_outdated_points_are_repaired(bus: Bus, settings: Settings, qdrant_url: str) -> None:
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    for number in range(3):
        await store.add(
            row(number), InterestVector(model=WordEmbedder.model, vector=pack_vector(words(f"word{number}")))
        )
    assert await points.reconcile() == 3
    ids = [row(number).subscription.id for number in range(4)]
    await client.delete(SUBSCRIPTIONS, [ids[0]], wait=True)
    await client.set_payload(SUBSCRIPTIONS, {"revision": 0, "threshold": 9.0}, [ids[1]], wait=True)
    vector = {INTEREST: [0.0] * (WordEmbedder.size + 1)}
    await client.upsert(SUBSCRIPTIONS, [PointStruct(id=ids[3], vector=vector, payload={})], wait=True)
    assert await points.reconcile() == 3
    assert await points.reconcile() == 0
    found, _ = await client.scroll(SUBSCRIPTIONS, with_payload=True)
    assert [str(one.id) for one in found] == ids[:3]
    assert {(one.payload or {})["threshold"] for one in found} == {0.45}
    await client.close()


async def test_a_vector_of_another_model_is_recomputed(bus: Bus, settings: Settings, qdrant_url: str) -> None:
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    await store.add(row(0), InterestVector(model="another/model", vector=pack_vector([1.0, 2.0])))
    gone = row(1, query=None, like=["arXiv:2401.00001"])
    await store.add(gone, InterestVector(model="another/model", vector=pack_vector([1.0, 2.0])))
    assert await points.reconcile() == 2
    (interest,) = await store.interests([row(0).subscription.id])
    assert interest == InterestVector(model=WordEmbedder.model, vector=pack_vector(words("word0")))
    await client.close()


async def test_a_subscription_that_matches_nothing_says_so_until_that_has_passed(
    bus: Bus, settings: Settings, qdrant_url: str
) -> None:
    """INVARIANT: no subscription is listed as active without a word and hears nothing."""
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    rows = [row(0), row(1), row(2, query=None, like=["arXiv:2401.00001"])]
    for each in rows:
        await store.add(each, InterestVector(model=WordEmbedder.model, vector=pack_vector(words("word0"))))
    ids = [each.subscription.id for each in rows]
    await bus.redis.set(f"interest:{ids[0]}", b"no vector")
    await bus.redis.set(f"interest:{ids[1]}", InterestVector(model=WordEmbedder.model, vector="AAAA").model_dump_json())
    await bus.redis.delete(f"interest:{ids[2]}")
    assert await points.reconcile() == 3
    assert [one.vector for one in await store.interests(ids[:2]) if one] == [
        pack_vector(words("word0")),
        pack_vector(words("word1")),
    ], "what cannot be read is computed again"
    told = [one.subscription.state for one in await store.several(ids) if one]
    assert [state.reason for state in told[:2]] == [None, None]
    assert told[2].status is Status.ACTIVE
    assert str(told[2].reason).startswith("It matches nothing: The paper arXiv:2401.00001 is not in the index.")
    assert await points.reconcile() == 1, "it is tried at every start"
    await store.set_interest(ids[2], InterestVector(model="another/model", vector=""))

    async def with_a_query(present: Subscription) -> tuple[Subscription, None]:
        return present.model_copy(update={"query": "cranes", "like": ()}), None

    await store.change(ids[2], with_a_query)
    assert await points.reconcile() == 1
    (healed,) = await store.several(ids[2:])
    assert healed is not None
    assert healed.subscription.state.reason is None
    assert await points.reconcile() == 0
    await client.close()


async def test_points_of_another_version_are_written_again(bus: Bus, settings: Settings, qdrant_url: str) -> None:
    """INVARIANT: an old subscription is found by what is asked today."""
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    await store.add(row(0), InterestVector(model=WordEmbedder.model, vector=pack_vector(words("word0"))))
    await points.reconcile()
    await client.overwrite_payload(SUBSCRIPTIONS, {"revision": 1}, [row(0).subscription.id], wait=True)
    assert await points.reconcile() == 1
    found, _ = await client.scroll(SUBSCRIPTIONS, with_payload=True)
    assert (found[0].payload or {})["threshold"] == 0.45
    await client.close()


async def test_a_collection_of_an_earlier_version_gains_the_words(
    bus: Bus, settings: Settings, qdrant_url: str
) -> None:
    """INVARIANT: subscriptions of an earlier version are found by their words after the first start."""
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    params = VectorParams(size=WordEmbedder.size + 1, distance=Distance.DOT)
    model = {"embedding_model": WordEmbedder.model}
    await client.create_collection(SUBSCRIPTIONS, vectors_config={INTEREST: params}, metadata=model)
    old = row(0, query="folding cranes")
    interest = InterestVector(model=WordEmbedder.model, vector=pack_vector(words("folding cranes")))
    await store.add(old, interest)
    vector = {INTEREST: [*words("folding cranes").tolist(), -0.45]}
    before = {"revision": 1, "data_version": 1, "analysis": 2, "active": True, "threshold": 0.45}
    await client.upsert(SUBSCRIPTIONS, [PointStruct(id=old.subscription.id, vector=vector, payload=before)], wait=True)
    assert await points.reconcile() == 1
    assert await points.reconcile() == 0
    found, _ = await client.scroll(SUBSCRIPTIONS, with_vectors=[WORDS])
    assert len(found[0].vector[WORDS].indices) == 2  # type: ignore[index,union-attr,call-overload]
    await client.close()


async def test_liked_papers_of_an_earlier_version_give_their_words(
    bus: Bus, settings: Settings, qdrant_url: str
) -> None:
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    await fill(client, [Paper(id="p1", title="folding origami cranes")])
    points = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    old = row(0, query=None, like=["p1"])
    await store.add(old, InterestVector(model=WordEmbedder.model, vector=pack_vector(words("folding origami cranes"))))
    assert (await store.several([old.subscription.id]))[0] == old, "an earlier version stored no words"
    await points.reconcile()
    (now,) = await store.several([old.subscription.id])
    assert now is not None
    assert set(now.words or {}) == {"folding", "origami", "cranes"}
    assert await points.reconcile() == 0
    await client.close()


async def test_a_subscription_of_an_earlier_version_goes_on_without_its_liked_papers(
    bus: Bus, settings: Settings, qdrant_url: str
) -> None:
    """INVARIANT: no start of a later version ends the alerts of a subscription whose vector is known."""
    store, client = Store(bus.redis), open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    await fill(client, [Paper(id="p1", title="folding origami cranes")])
    interests = InterestVectors(IndexedPapers(client), WordEmbedder(), store)
    points = SubscriptionPoints(client, interests, store)
    old = row(0, query="folding cranes", like=["gone"])
    known = words("folding cranes origami")
    await store.add(old, InterestVector(model=WordEmbedder.model, vector=pack_vector(known)))
    await points.reconcile()
    (now,) = await store.several([old.subscription.id])
    assert now is not None
    assert now.subscription.state.reason is None
    paper = subject(Paper(id="p", title="folding cranes", abstract=""), ())
    ((found,),) = await points.candidates([(words("folding cranes"), paper)])
    assert found.cosine == pytest.approx(float(known @ words("folding cranes")), abs=1e-5)
    await fill(client, [Paper(id="gone", title="origami")])
    assert await points.reconcile() == 1, "its papers are looked for at every start"
    (now,) = await store.several([old.subscription.id])
    assert now is not None
    assert set(now.words or {}) == {"folding", "cranes", "origami"}
    assert await points.reconcile() == 0
    await client.close()
