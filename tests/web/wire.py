"""What the instance of the pages' tests holds: papers of our own, one of them with everything, one of them hostile."""

import gzip
from itertools import cycle
from typing import Any

import orjson

from services.fetcher.pictures.picture_search import Found
from services.fetcher.pictures.picture_store import PictureStore
from services.fetcher.pictures.shrinking import shrink
from shared.board.picture_wishes import want
from shared.board.rows import PictureWish
from shared.papers.names import point_id
from shared.papers.paper import (
    Author,
    ChangeKind,
    CodeLink,
    LifeEvent,
    Links,
    Paper,
    Signals,
    SourceRef,
    Tldr,
)
from shared.qdrant import PAPERS
from shared.runtime import Runtime
from tests.integration.search.instance import PAPERS_OF_OUR_OWN, paper
from tests.unit.fetcher.pictures.images import drawing, encoded

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
BACKWARDS = "\u202eEvil\u202e"
COMPLETE = paper(
    20,
    "Everything is known of cranes",
    "Cranes fold. They unfold again, and this is measured for the first time.",
    published="2024-01-20",
    updated="2024-02-02T10:00:00Z",
    authors=(Author(name="Ada Origami"), Author(name="Bo Crane"), *(Author(name=f"Cy Fold {n}") for n in range(8))),
    categories=("cs.RO", "cs.LG"),
    identifiers={"arxiv": "2401.00020", "doi": "10.1000/cranes"},
    sources=(
        SourceRef(
            source="arxiv",
            id="2401.00020",
            version=2,
            url="https://arxiv.org/abs/2401.00020",
            seen_at="2024-01-21T08:00:00Z",
        ),
        SourceRef(source="huggingface", id="2401.00020", url="https://huggingface.co/papers/2401.00020"),
    ),
    links=Links(
        abs="https://arxiv.org/abs/2401.00020",
        pdf="https://arxiv.org/pdf/2401.00020",
        code=(CodeLink(url="https://github.com/example/cranes", stars=1234, archived=True),),
        project="https://cranes.example.org/",
    ),
    signals=Signals(upvotes=57, citations=3, stars=1234),
    trending=4.5,
    keywords=("paper cranes",),
    gist="Cranes unfold again.",
    tldr=Tldr(text="A crane that unfolds itself.", source="semantic-scholar"),
    tasks=("folding",),
    datasets=("CraneNet",),
    venue="Journal of Folding",
    life=(
        LifeEvent(kind=ChangeKind.NEW, at="2024-01-21T08:00:00Z"),
        LifeEvent(kind=ChangeKind.REVISED, at="2024-02-02T10:00:00Z", version="2", fields=("abstract",)),
        LifeEvent(kind=ChangeKind.CODE_ADDED, at="2024-02-03T10:00:00Z"),
    ),
    oddities=("arxiv and huggingface tell different titles",),
)
HOSTILE_EVERYWHERE = paper(
    21,
    f"Hostile in title {SCRIPT}",
    f"Hostile in abstract {SCRIPT}. {BACKWARDS}",
    published="2024-01-02",
    authors=(Author(name=BACKWARDS), Author(name="Zed Last"), Author(name=SCRIPT), Author(name="Long" * 40)),
    categories=(SCRIPT,),
    identifiers={"arxiv": "2401.00021", SCRIPT: SCRIPT},
    sources=(SourceRef(source=SCRIPT, id=SCRIPT, url="javascript:alert(3)"),),
    links=Links(
        abs="javascript:alert(4)",
        pdf="JAVASCRIPT:alert(5)",
        code=(CodeLink(url="data:text/html,<script>alert(6)</script>"),),
        project="java\nscript:alert(7)",
    ),
    keywords=(SCRIPT,),
    gist=SCRIPT,
    tldr=Tldr(text=SCRIPT, source=SCRIPT),
    tasks=(SCRIPT,),
    datasets=(SCRIPT,),
    venue=SCRIPT + "Proceedings" * 20,
    oddities=(SCRIPT,),
    signals=Signals(upvotes=1),
    life=(LifeEvent(kind=ChangeKind.REVISED, at="2024-02-02T10:00:00Z", version=SCRIPT, fields=(SCRIPT,)),),
)
WIRE: tuple[Paper, ...] = (*PAPERS_OF_OUR_OWN, COMPLETE, HOSTILE_EVERYWHERE)

TREND = {
    "key": 19_000.0,
    "strength": 3.2,
    "field": "cs",
    "since": "2024-01-21T08:00:00Z",
    "components": [
        {"signal": "upvotes", "value": 57, "growth": 1.2, "score": 2.5, "weight": 1.0},
        {"signal": "stars", "value": 1234, "growth": 0.4, "score": 1.4, "weight": 0.5},
    ],
}
READINGS = [
    {"at": f"2024-01-{day}T00:00:00Z", "signals": {"upvotes": upvotes, "stars": upvotes * 20}}
    for day, upvotes in ((21, 1), (22, 30), (24, 57))
]
SOURCE: dict[str, Any] = {
    "name": "arxiv",
    "type": "arxiv_rss",
    "enabled": True,
    "state": "failing",
    "detail": f"answers 503 {SCRIPT}",
    "items": 1200,
    "last_poll": "2024-01-20T08:00:00+00:00",
    "next_poll": None,
}
PROVIDER = {"name": "github", "state": "ok", "detail": "", "quota": 60, "quota_left": 3, "due": 7, "last_success": None}
_DAY = {"source": "arxiv", "day": "2024-01-20", "expected": None, "reason": "", "updated": "2024-01-20T08:00:00+00:00"}
LEDGER: tuple[dict[str, Any], ...] = (
    {**_DAY, "category": "cs.LG", "received": 90, "missing": 4, "state": "partial"},
    {**_DAY, "category": "cs.RO", "received": 0, "missing": 0, "state": "late"},
    {**_DAY, "category": "cs.LG", "day": "2024-01-19", "received": 80, "missing": 0, "state": "complete"},
)


MAP = {
    "made_at": "2024-01-21T08:00:00+00:00",
    "fields": ["cs.RO", "cs.LG", "other"],
    "id": ["arXiv:2401.00020", "arXiv:2401.00021", *(f"arXiv:2401.{n % 4 + 1:05d}" for n in range(50))],
    "x": [32_768, 65_535, *(n * 1_000 for n in range(50))],
    "y": [32_768, 0, *(n * 1_300 for n in range(50))],
    "field": [0, 2, *(n % 3 for n in range(50))],
    "day": [19_742, 19_724, *(19_700 for _ in range(50))],
    "regions": [
        {"name": "paper cranes", "x": 32_768, "y": 20_000, "papers": 20},
        {"name": "paper crane folding", "x": 32_768, "y": 20_100, "papers": 12},
        {"name": SCRIPT, "x": 65_535, "y": 65_535, "papers": 9},
    ],
}
"""The map as the indexer writes it: a paper in the middle, a hostile one in the corner; all are indexed.

Two names are at the same place, and one is in a corner."""


NOTIFIER: dict[str, Any] = {
    "components": {"schemas": {}},
    "paths": {
        "/v1/subscriptions": {
            "post": {
                "operationId": "subscribe",
                "summary": "Subscribe",
                "description": "Subscribe.",
                "parameters": [],
                "responses": {},
            }
        }
    },
}
"""What a process of another service wrote down of itself."""


async def illustrate(runtime: Runtime, *ids: str) -> None:
    """Store a picture of each paper, as the fetcher does: a wide one, a tall one, and so on."""
    store = PictureStore(runtime.redis, most=100, days=10)
    async with runtime.redis.pipeline(transaction=True) as pipe:
        want(pipe, {id_: PictureWish(published=0) for id_ in ids})
        await pipe.execute()
    for id_, (width, height) in zip(ids, cycle(((800, 420), (300, 700))), strict=False):
        await store.store(id_, Found("huggingface", shrink(encoded(drawing(width, height)))))
    await store.show(("huggingface",), "huggingface: the source answers 503")


async def prepare(runtime: Runtime) -> None:
    """Put in place what other services write."""
    for work in (COMPLETE, HOSTILE_EVERYWHERE):
        payload = {"trend": TREND, "readings": READINGS}
        await runtime.qdrant().set_payload(PAPERS, payload, points=[point_id(work.id)], wait=True)
    await illustrate(runtime, COMPLETE.id, PAPERS_OF_OUR_OWN[1].id, PAPERS_OF_OUR_OWN[2].id)
    await runtime.redis.hset("sources", "arxiv", orjson.dumps(SOURCE))
    await runtime.redis.hset("providers", "github", orjson.dumps(PROVIDER))
    rows = {f"{row['source']}|{row['category']}|{row['day']}": orjson.dumps(row) for row in LEDGER}
    await runtime.redis.hset("ledger", mapping=rows)
    await runtime.redis.hset("map", "body", gzip.compress(orjson.dumps(MAP)))
    await runtime.redis.hset("apis", "notifier", orjson.dumps(NOTIFIER))
    await runtime.redis.xadd("dead.papers.indexed.v1", {"x": "1"})
