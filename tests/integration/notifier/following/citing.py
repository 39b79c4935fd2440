"""A notifier that asks a local server who cites the papers of an author, with a clock that tests move."""

from pathlib import Path
from typing import Any

from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscription.store import CITED
from shared.papers.paper import Paper
from tests.integration.notifier.following.scholar_server import AUTHOR, ScholarServer
from tests.integration.notifier.support import Clock, Wire, notifier
from tests.support import until

DAY = 86_400.0
MINE = {"type": "semantic-scholar", "author": AUTHOR}
BOATS = Paper(id="doi:10.5555/boats", title="Paper boats that float for days", identifiers={"doi": "10.5555/boats"})
KITES = Paper(id="arXiv:2603.00002", title="Kites of folded paper", identifiers={"arxiv": "2603.00002"})


def instance(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock, scholar: ScholarServer) -> Any:
    parts = ClockAndRandom(clock=clock)
    keys = {"semantic_scholar_url": scholar.url, "orcid_url": f"{scholar.url}/orcid"}
    return notifier(redis_url, qdrant_url, tmp_path, parts, **keys)


async def visited(wire: Wire, subscription: str, clock: Clock) -> Any:
    """Return the subscription after the visit that is due at this time of the clock."""

    async def done() -> bool:
        due = await wire.runtime.redis.zscore(CITED, subscription)
        one = await wire.call("GET", f"/v1/subscriptions/{subscription}", status=200)
        return one["citations"] is not None and due is not None and due >= clock.now + 3_600

    await until(done)
    return await wire.call("GET", f"/v1/subscriptions/{subscription}", status=200)


async def a_day_later(wire: Wire, subscription: str, clock: Clock) -> Any:
    clock.now += DAY
    return (await visited(wire, subscription, clock))["citations"]


async def watch(wire: Wire, url: str, clock: Clock, **fields: Any) -> str:
    made = await wire.subscribe(url, **{"cites": MINE} | fields)
    return str((await visited(wire, made["id"], clock))["id"])
