"""Alerts about papers that cite the reader's own: the first visit is silent, later finds are told once."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from services.notifier.alerts.planner import count_key
from services.notifier.pages.sentences import subscription_lines
from services.notifier.subscribing.erasure import erase_owner
from services.notifier.subscription.store import CITED, Store, citations_key, cited_key
from tests.integration.notifier.following.citing import BOATS, DAY, KITES, MINE, a_day_later, instance, visited, watch
from tests.integration.notifier.following.scholar_server import ORCID, ScholarServer, paper_id
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed
from tests.support import until


async def test_a_new_citation_by_a_paper_of_the_index_is_told_once(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    scholar.write("Rolling dice", DOI="10.5555/mine2")
    scholar.cite("Folding cranes", "Boats as they were known before", DOI="10.5555/boats2")
    one = await watch(wire, receiver.url(), clock)
    assert scholar.asked == ["author", "batch", "Folding cranes"], "what nobody cites is not asked about"

    scholar.cite("Folding cranes", "Boats", DOI="10.5555/BOATS")
    scholar.cite("Rolling dice", "Boats", DOI="10.5555/boats")
    read = await a_day_later(wire, one, clock)
    assert (read["papers"], read["citations"], read["awaited"], read["error"]) == (2, 4, 0, None)
    (arrived,) = await receiver.count(1)
    match = json.loads(arrived.body)["data"]["match"]
    reasons = ["change: new", "cites your paper “Rolling dice”", "cites your paper “Folding cranes”"]
    assert match["reasons"] == reasons

    scholar.asked.clear()
    await a_day_later(wire, one, clock)
    assert scholar.asked == ["author", "batch"], "papers whose citations are as many as before are not asked about"
    await wire.publish(indexed(BOATS))
    await until(wire.drained)
    assert len(await wire.deliveries(one)) == len(receiver.arrived) == 1
    explained = await wire.call("GET", f"/v1/explain?subscription={one}&paper=doi:10.5555/boats", status=200)
    assert {"name": "cites", "passes": True, "detail": "; ".join(reasons[1:])} in explained["checks"]


async def test_a_citing_paper_that_is_indexed_later_is_told_then_also_after_a_restart(
    redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock, scholar: ScholarServer, receiver: Receiver
) -> None:
    async with instance(redis_url, qdrant_url, tmp_path, clock, scholar) as wire:
        await fill(wire.runtime.qdrant(), [BOATS])
        one = await watch(wire, receiver.url(), clock)
        picky = await watch(wire, receiver.url("/picky"), clock, categories=["cs.RO"])
        monday = {"weekly": {"day": "monday", "at": "08:00"}, "timezone": "UTC"}
        weekly = await watch(wire, receiver.url("/digest"), clock, schedule=monday)
        scholar.cite("Folding cranes", "Kites", ArXiv="2603.00002")
        assert (await a_day_later(wire, one, clock))["awaited"] == 1
        await visited(wire, picky, clock)
        await visited(wire, weekly, clock)
    async with instance(redis_url, qdrant_url, tmp_path, clock, scholar) as wire:
        await wire.publish(indexed(BOATS), indexed(KITES))
        await receiver.count(1)
        await until(wire.drained)
        await fill(wire.runtime.qdrant(), [KITES])
        scholar.cite("Folding cranes", "Boats", DOI="10.5555/boats")
        clock.now += DAY

        async def nothing_awaited() -> bool:
            rows = await Store(wire.runtime.redis).several([one, weekly])
            return all(row and row.subscription.citations and row.subscription.citations.awaited == 0 for row in rows)

        await until(nothing_awaited)
        told = [(one.path, json.loads(one.body)["data"]["paper"]["id"]) for one in await receiver.count(2)]
        assert told == [("/hook", KITES.id), ("/hook", BOATS.id)]
        assert await wire.runtime.redis.get(count_key(weekly)) == b"2"
        assert b"cites your paper \xe2\x80\x9cFolding cranes\xe2\x80\x9d" in receiver.arrived[0].body


async def test_a_citing_paper_whose_event_was_missed_is_told_at_the_next_visit(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    mine = {"type": "orcid", "id": ORCID}
    one = await watch(wire, receiver.url(), clock, cites=mine, query="folded paper kites", sensitivity=0.1)
    scholar.cite("Folding cranes", "Kites of folded paper")
    await a_day_later(wire, one, clock)
    await fill(wire.runtime.qdrant(), [KITES])
    assert (await a_day_later(wire, one, clock))["awaited"] == 0
    (arrived,) = await receiver.count(1)
    reasons = json.loads(arrived.body)["data"]["match"]["reasons"]
    assert reasons[1].startswith("about “folded paper kites” (")
    assert reasons[2] == "cites your paper “Folding cranes”"


@pytest.mark.parametrize(
    ("part", "answer", "said"),
    (
        ("batch", web.Response(status=429, headers={"Retry-After": "7200"}), "answers 429 Too Many Requests."),
        ("author", web.Response(body=b"<html>"), "sent an answer that is not JSON."),
        ("Rolling dice", web.json_response({"data": {"citingPaper": 1}}), "sent an answer of an unexpected shape."),
        ("Rolling dice", web.Response(body=b"[" * 9_000_000), "sent more than 8,388,608 bytes."),
    ),
)
async def test_a_failure_is_told_and_loses_nothing_that_is_known(  # fixtures
    part: str,
    answer: web.Response,
    said: str,
    wire: Wire,
    scholar: ScholarServer,
    clock: Clock,
    receiver: Receiver,
) -> None:
    scholar.write("Rolling dice", DOI="10.5555/mine2")
    scholar.cite("Rolling dice", "Another old citation", DOI="10.5555/old2")
    one = await watch(wire, receiver.url(), clock)
    scholar.answers[part] = answer
    scholar.cite("Rolling dice", "Boats", DOI="10.5555/boats")
    failed = await a_day_later(wire, one, clock)
    assert failed["error"] == f"Semantic Scholar {said}"
    assert (failed["papers"], receiver.arrived) == (2, [])
    scholar.answers.clear()
    await wire.runtime.redis.delete("pause:semantic-scholar")
    assert (await a_day_later(wire, one, clock))["error"] is None
    (arrived,) = await receiver.count(1)
    assert b"doi:10.5555/boats" in arrived.body


async def test_rows_of_another_shape_are_left_out_and_one_paper_does_not_stop_the_others(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    scholar.write("Rolling dice", DOI="10.5555/mine2")
    one = await watch(wire, receiver.url(), clock)
    rows: list[Any] = [None, 5, {"citingPaper": None}, {"citingPaper": {"paperId": None, "title": "x"}}]
    rows += [{"citingPaper": {"paperId": "a", "title": ["x"], "externalIds": {"DOI": 5}, "year": {}}}]
    rows += [{"citingPaper": {"paperId": "b", "externalIds": {"DOI": "10.5555/boats"}}}]
    scholar.cite("Rolling dice", "Boats", DOI="10.5555/boats")
    scholar.answers["Rolling dice"] = web.json_response({"data": rows})
    scholar.cite("Folding cranes", "Something else")
    scholar.answers["Folding cranes"] = web.Response(status=500)
    read = await a_day_later(wire, one, clock)
    assert read["error"] == "Semantic Scholar answers 500 Internal Server Error."
    await receiver.count(1)
    (row,) = await Store(wire.runtime.redis).several([one])
    assert row
    lines = " ".join(subscription_lines(row.subscription))
    assert "Asked at 2027-01-15 08:00 UTC about papers of yours: 2. Their citations: 3." in lines
    assert "The last visit failed: Semantic Scholar answers 500 Internal Server Error. The next visit" in lines


async def test_papers_that_cannot_be_read_do_not_keep_the_others_from_being_read(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    for number in range(8):
        scholar.write(f"Paper {number}", DOI=f"10.5555/n{number}")
    one = await watch(wire, receiver.url(), clock)
    for number in range(8):
        scholar.cite(f"Paper {number}", f"Kites {number}", DOI=f"10.5555/k{number}")
    names = sorted(scholar.mine, key=lambda name: str(scholar.mine[name]["paperId"]), reverse=True)
    *broken, last = [name for name in names if name != "Folding cranes"]
    scholar.answers = dict.fromkeys(broken, web.Response(status=500))
    scholar.cite(last, "Boats", DOI="10.5555/boats")
    scholar.asked.clear()
    await a_day_later(wire, one, clock)
    assert len(scholar.asked) <= 2 + len(broken)
    for _ in names:
        clock.now += 3_600
        await visited(wire, one, clock)
    (arrived,) = await receiver.count(1)
    assert b"doi:10.5555/boats" in arrived.body


async def test_an_author_with_ten_thousand_papers_costs_a_bounded_visit(
    wire: Wire, scholar: ScholarServer, clock: Clock
) -> None:
    for number in range(10_000):
        scholar.write(f"Paper {number}", DOI=f"10.5555/n{number}")
    scholar.citing["Folding cranes"] = [
        {"paperId": f"{number:040x}", "externalIds": {}, "title": f"Citing {number}"} for number in range(5_000)
    ]
    scholar.mine["Folding cranes"]["publicationDate"] = "2026-11-30"
    one = await watch(wire, "https://example.org/", clock)
    read = (await visited(wire, one, clock))["citations"]
    assert (read["papers"], read["citations"]) == (100, 5_000)
    assert scholar.asked == ["author", "batch", "Folding cranes"]
    assert await wire.runtime.redis.strlen(citations_key(one)) < 10_000


async def test_what_is_known_leaves_with_its_papers_its_subscription_and_its_owner(
    wire: Wire, scholar: ScholarServer, clock: Clock, receiver: Receiver
) -> None:
    one = await watch(wire, receiver.url(), clock)
    scholar.cite("Folding cranes", "Kites", ArXiv="2603.00002")
    await a_day_later(wire, one, clock)
    redis = wire.runtime.redis
    keys = (citations_key(one), cited_key(one))
    assert await redis.exists(*keys) == 2

    path = f"/v1/subscriptions/{one}"
    other = {"type": "papers", "ids": ["https://arxiv.org/abs/2501.00001v2"]}
    changed = await wire.call("PATCH", path, {"cites": other}, status=200)
    assert (changed["cites"]["ids"], changed["citations"]) == (["arXiv:2501.00001"], None)
    read = (await visited(wire, one, clock))["citations"]
    assert (read["papers"], read["awaited"]) == (1, 0), "the first visit about other papers is silent"
    await wire.publish(indexed(KITES))
    await until(wire.drained)
    assert await wire.deliveries(one) == []

    second = await watch(wire, receiver.url(), clock)
    await wire.call("DELETE", path, status=204)
    assert await redis.exists(*keys) == 0
    (row,) = await Store(redis).several([second])
    assert row
    await erase_owner(redis, row.owner)
    assert await redis.exists(citations_key(second), cited_key(second)) == 0
    assert await redis.zcard(CITED) == 0


async def test_what_does_not_fit_is_refused_in_one_sentence(wire: Wire, scholar: ScholarServer, clock: Clock) -> None:
    channel = {"type": "webhook", "url": "https://example.org/"}
    body: dict[str, Any] = {"cites": MINE, "channel": channel}
    for fields, said in (
        ({"changes": ["new", "revised"]}, "cites needs changes to be new alone"),
        ({"merge": True}, "cannot have both cites and merge"),
        ({"cites": {"type": "papers", "ids": []}}, "ids"),
    ):
        problem = await wire.call("POST", "/v1/subscriptions", body | fields, status=422)
        assert said in str(problem), problem
    problem = await wire.call("POST", "/v1/subscriptions/preview", body, status=422)
    assert problem["detail"] == "A preview cannot tell who will cite your papers: leave out cites."
    unknown = await watch(wire, "https://example.org/", clock, cites={"type": "orcid", "id": "0000-0001-5109-3700"})
    read = (await visited(wire, unknown, clock))["citations"]
    assert read["error"] == "ORCID does not know the iD 0000-0001-5109-3700: correct cites."
    scholar.write("Rolling dice", DOI="10.5555/mine2")
    scholar.answers["batch"] = web.json_response([{"paperId": paper_id("Rolling dice"), "citationCount": 2**64 - 1}])
    nonsense = await watch(wire, "https://example.org/", clock, cites={"type": "papers", "ids": ["10.5555/mine2"]})
    read = (await visited(wire, nonsense, clock))["citations"]
    assert read["error"] == "Semantic Scholar sent an answer of an unexpected shape."
    scholar.answers["batch"] = web.json_response([None])
    strange = await watch(wire, "https://example.org/", clock, cites={"type": "papers", "ids": ["doi:10.5555/nobody"]})
    read = (await visited(wire, strange, clock))["citations"]
    assert read["error"] == "Semantic Scholar knows none of the papers of cites."
