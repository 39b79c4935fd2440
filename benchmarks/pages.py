"""How long does a page take from the request to its last byte, and what does it cost beyond the API's answer?

    python benchmarks/pages.py [--papers 64000] [--rounds 40] [--json FILE]

One client asks a search process of its own, page after page in turns, over a collection as `search_latency.py` fills
it. The ratio is that of the page of a search to the same search through the API. Bar: a page in 50 ms.
"""

import asyncio
import time
from statistics import median
from urllib.parse import quote

import aiohttp

from benchmarks.common import arguments, data, report, small_size
from benchmarks.search_latency import read, search_process, seed
from shared.embedding.embedder import open_embedder
from shared.papers.paper import Paper
from shared.qdrant import open_qdrant

WARM = 3
API = "api"


def addresses(papers: list[Paper], queries: list[str], turn: int) -> dict[str, str]:
    """Give what is asked in one turn: each kind of page, of another paper every time."""
    paper = papers[turn * 7 % len(papers)]
    query, author = quote(queries[turn % len(queries)]), quote(paper.authors[0].name if paper.authors else "Wang")
    return {
        API: f"/v1/search?q={query}",
        "search": f"/search?q={query}",
        "home": "/",
        "day": f"/?date={(paper.published or '2024-01-01')[:10]}",
        "month": f"/?month={(paper.published or '2024-01')[:7]}",
        "paper": f"/papers/{quote(paper.id, safe=':')}",
        "author": f"/authors/{author}",
        "status": "/status",
        "docs": "/docs",
    }


async def main() -> None:
    asked = arguments(__doc__ or "", papers=64_000, rounds=40)
    papers = read(data("arxiv-64k.jsonl.gz"), asked.papers)
    queries = [" ".join(paper.title.split()[:6]) for paper in papers[:: max(1, len(papers) // 50)]]
    times: dict[str, list[float]] = {}
    async with small_size() as settings:
        client, embedder = open_qdrant(settings), await open_embedder(settings.embedding_model, settings.data_dir)
        await seed(client, embedder, papers)
        await embedder.close()
        await client.close()
        async with search_process(settings) as url, aiohttp.ClientSession(url) as session:
            for turn in range(-WARM, asked.rounds):
                for name, address in addresses(papers, queries, max(turn, 0)).items():
                    started = time.perf_counter()
                    async with session.get(address) as response:
                        await response.read()
                        assert response.status == 200, (address, response.status)
                    if turn >= 0:
                        times.setdefault(name, []).append((time.perf_counter() - started) * 1e3)
    figures = {f"{name}, ms": median(each) for name, each in times.items()}
    report(
        {"papers": len(papers), **figures, "search page / api": figures["search, ms"] / figures["api, ms"]}, asked.json
    )


if __name__ == "__main__":
    asyncio.run(main())
