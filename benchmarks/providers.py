"""What providers cost the papers: enrichment with none, against five that answer after two seconds.

Bars: 1,500 papers/s without providers; with them, the same (papers never wait), and amendments follow.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network
from statistics import median
from typing import Any

from aiohttp import web

from benchmarks.common import arguments, report, small_size
from services.enricher.bootstrap import build
from services.enricher.providers.registry import PROVIDERS
from services.enricher.settings import EnricherSettings
from shared.bus import Bus
from shared.bus.upkeep import lag
from shared.papers.events import Item, PaperFetched
from shared.papers.paper import CodeLink, Signals
from shared.papers.streams import ENRICHED, FETCHED
from shared.runtime import running
from shared.settings import Settings

SLOW_S = 2.0
TEXT = "robot arm fold paper crane network learn sparse attention graph protein wave quantum speech model"
WORDS = TEXT.split()


def papers(count: int) -> list[PaperFetched]:
    """Make papers of the last days, every tenth with upvotes, every seventh with code."""
    now = time.time()
    made = []
    for n in range(count):
        words = [WORDS[(n * 7 + k * (n % 13 + 1)) % len(WORDS)] for k in range(150)]
        item = Item(
            source="arxiv",
            id=f"arXiv:2603.{n:05d}",
            title=f"{' '.join(words[:8])} {n}",
            abstract=". ".join(" ".join(words[k : k + 12]) for k in range(0, 150, 12)),
            authors=("Ada Origami", f"Bo Fold {n % 997}"),
            categories=(("cs.RO", "cs.CL", "math.CO", "astro-ph.GA")[n % 4],),
            published=f"{time.strftime('%Y-%m-%d', time.gmtime(now - n % 5 * 86_400))}",
            signals=Signals(upvotes=n % 90) if n % 10 == 0 else Signals(),
            code=(CodeLink(url=f"https://github.com/fold/crane{n}"),) if n % 7 == 0 else (),
        )
        made.append(PaperFetched(item=item, fetched_at=f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))}"))
    return made


@asynccontextmanager
async def slow_providers() -> AsyncIterator[str]:
    """Serve all five, each answer after two seconds."""

    async def answer(request: web.Request) -> web.Response:
        body = await request.json() if request.method == "POST" else {}
        await asyncio.sleep(SLOW_S)
        name = request.path.split("/")[1]
        found: dict[str, Any] = {
            "semantic-scholar": [{"citationCount": 3 + len(row) % 5} for row in body.get("ids", ())],
            "openalex": {"results": []},
            "crossref": {"message": {"items": []}},
            "github": {"full_name": "/".join(request.path.split("/")[3:5]), "stargazers_count": 12},
            "huggingface": {"id": "x", "upvotes": 5},
        }
        return web.json_response(found[name])

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def asking(settings: Settings, url: str) -> EnricherSettings:
    """Lead all providers to a server of ours."""
    names = tuple(PROVIDERS)
    urls = {f"{name.replace('-', '_')}_url": f"{url}/{name}" for name in names}
    keys = {"semantic_scholar_key": "k", "openalex_key": "k", "providers": names}
    allowed = {"allow_private_endpoints": (ip_network("127.0.0.1/32"),)}
    return EnricherSettings.load(**{**settings.model_dump(exclude_unset=True), **urls, **keys, **allowed})


async def enriched(settings: Settings, seen: Sequence[PaperFetched], follow: float) -> tuple[float, int, int]:
    """Enrich papers; give papers a second, and how many amendments came before the last paper and some time after."""
    async with running([build], settings, http=False) as runtime:
        started = time.perf_counter()
        feeding = asyncio.create_task(_feed(runtime.bus, seen))
        await feeding
        while await lag(runtime.redis, FETCHED.name, "enricher") != {"waiting": 0, "pending": 0}:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.02)
        elapsed = time.perf_counter() - started
        first = await runtime.redis.xlen(ENRICHED.name) - len(seen)
        await asyncio.sleep(follow)
        return len(seen) / elapsed, first, await runtime.redis.xlen(ENRICHED.name) - len(seen)


async def _feed(bus: Bus, seen: Sequence[PaperFetched]) -> None:
    for start in range(0, len(seen), 500):
        async with bus.hop("benchmark") as hop:
            for event in seen[start : start + 500]:
                await hop.publish(FETCHED, event, "benchmark")
            await hop.commit()


async def run() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=10_000, follow=10, rounds=5)
    seen = papers(given.papers)
    alone, slow = [], []
    during = after = 0
    for _ in range(given.rounds):  # in turns, so that what else the machine does is shared
        async with small_size() as settings:
            alone.append((await enriched(settings, seen, 0))[0])
        async with small_size() as settings, slow_providers() as url:
            rate, during, after = await enriched(asking(settings, url), seen, given.follow)
            slow.append(rate)
    best, beside = median(alone), median(slow)
    figures = {
        "without providers, papers/s": best,
        "of the bar of 1,500": best / 1_500,
        "with slow providers, papers/s": beside,
        "ratio": beside / best,
        "amendments before the last paper": during,
        f"amendments {given.follow} s later": after,
    }
    report(figures, given.json)


if __name__ == "__main__":
    asyncio.run(run())
