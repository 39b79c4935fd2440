"""What happens while it is asked who cites a reader's papers, and citing papers that are found by two ways."""

from services.notifier.subscription.store import CITED, citations_key, cited_key
from shared.papers.paper import Change, ChangeKind, Paper
from tests.integration.notifier.following.citing import BOATS, DAY, KITES, a_day_later, visited, watch
from tests.integration.notifier.following.scholar_server import ScholarServer
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed
from tests.support import until


async def test_a_citing_paper_is_told_once_by_its_event_and_at_visits_whatever_its_revision_and_name(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    one = await watch(wire, receiver.url(), clock)
    scholar.cite("Folding cranes", "Kites", ArXiv="2603.00002", DOI="10.5555/kites")
    await a_day_later(wire, one, clock)
    by_doi = Paper(id="doi:10.5555/kites", title=KITES.title, identifiers={"doi": "10.5555/kites"})
    await wire.publish(indexed(by_doi, Change(kind=ChangeKind.NEW, version="v1")))
    await receiver.count(1)
    joined = KITES.model_copy(
        update={"first_id": by_doi.id, "identifiers": {**KITES.identifiers, **by_doi.identifiers}}
    )
    await fill(wire.runtime.qdrant(), [joined])
    assert (await a_day_later(wire, one, clock))["awaited"] == 0

    scholar.cite("Folding cranes", "Boats", DOI="10.5555/boats")
    await a_day_later(wire, one, clock)
    await receiver.count(2)
    await wire.publish(indexed(BOATS, Change(kind=ChangeKind.NEW, version="v3")))
    await until(wire.drained)
    assert [each["paper"] for each in await wire.deliveries(one)] == [BOATS.id, by_doi.id]
    assert len(receiver.arrived) == 2


async def test_a_subscription_that_changes_during_its_visit_gets_what_fits_it_then(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    one = await watch(wire, receiver.url(), clock)
    path, redis = f"/v1/subscriptions/{one}", wire.runtime.redis

    async def during(method: str, change: object, status: int) -> None:
        before = scholar.batches
        scholar.gate.clear()
        clock.now += DAY
        await until(lambda: scholar.batches > before)
        await wire.call(method, path, change, status=status)
        scholar.gate.set()

    scholar.cite("Folding cranes", "Boats", DOI="10.5555/boats")
    await during("PATCH", {"categories": ["cs.RO"]}, 200)
    assert (await visited(wire, one, clock))["citations"]["error"] is None
    assert await wire.deliveries(one) == []

    scholar.cite("Folding cranes", "Kites", ArXiv="2603.00002")
    scholar.write("Rolling dice", DOI="10.5555/mine2")
    scholar.cite("Rolling dice", "Kites", ArXiv="2603.00002")
    await during("PATCH", {"categories": None, "cites": {"type": "papers", "ids": ["10.5555/mine2"]}}, 200)
    read = (await visited(wire, one, clock))["citations"]
    assert (read["papers"], read["citations"], read["awaited"]) == (1, 1, 0), "the first visit about these papers"
    assert await redis.exists(cited_key(one)) == 0

    scholar.cite("Rolling dice", "Boats", DOI="10.5555/boats")
    await during("DELETE", None, 204)
    other = await watch(wire, receiver.url("/other"), clock)
    await visited(wire, other, clock)
    assert await redis.exists(citations_key(one), cited_key(one)) == 0
    assert (await redis.zscore(CITED, one), receiver.arrived) == (None, [])
