"""What does `is:saved` cost beyond a plain search, with a full reading list?

    python benchmarks/reading_list.py [--papers 12000] [--rows 10000] [--rounds 40] [--json FILE]

Both ask the same hybrid queries over the same collection, in turns, in this process; the list of the reader has `rows`
of the papers. Papers are real (PAPERWIRE_DATA or ../shared/data), their dense vectors random, as in search_latency.py.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from redis.asyncio import Redis

from benchmarks.common import arguments, data, report, small_size
from benchmarks.search_latency import NOW, read, seed
from services.search.api.sign_ins import SignedIn, SignIns
from services.search.query.filters import Filters
from services.search.query.parser import parse
from services.search.ranking.engine import Mode, Page, SearchEngine
from services.search.ranking.paper_index import PaperIndex
from shared.embedding.embedder import open_embedder
from shared.papers.paper import Paper
from shared.qdrant import open_qdrant
from shared.readers.reading_list import ListRow
from shared.readers.reading_store import Change, ReadingLists

OWNER: Final = "0123456789abcdef"
CHUNK: Final = 500


async def fill(lists: ReadingLists, papers: Sequence[Paper]) -> None:
    for start in range(0, len(papers), CHUNK):
        part = papers[start : start + CHUNK]
        rows = [ListRow(id=paper.id, title=paper.title, added_at=NOW, saved_at=NOW) for paper in part]
        await lists.change(OWNER, [Change(row.id, (row.id,), row, lambda row: row) for row in rows])


async def measure(most: int, rows: int, rounds: int) -> dict[str, Any]:
    papers = read(data("arxiv-64k.jsonl.gz"), most)
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client, redis = open_qdrant(settings), Redis.from_url(settings.redis_url)
        await seed(client, embedder, papers)
        await fill(ReadingLists(redis), papers[:rows])
        sign_ins, index = SignIns(redis, lambda: datetime.now(UTC)), PaperIndex(client)
        engine = SearchEngine(index, embedder)

        async def ask(text: str) -> float:
            started, query = time.perf_counter(), parse(text)
            own = await sign_ins.own(query, SignedIn(OWNER))
            assert (await engine.find(await engine.rank(query, Filters(), Mode.HYBRID, own), None, Page(20))).hits
            return (time.perf_counter() - started) * 1_000

        titles = [paper.title for paper in papers[:rounds]]
        forms = {"plain": "{}", "saved": "{} is:saved", "not_saved": "{} -is:saved"}
        times: dict[str, list[float]] = {name: [] for name in forms}
        for title in titles:
            for name, form in forms.items():
                times[name].append(await ask(form.format(title.replace(":", " ").replace('"', " "))))
        await client.close()
        await embedder.close()
        await redis.aclose()
    found = {f"{name}_ms": median(of[5:]) for name, of in times.items()}
    ratios = {f"{name}_over_plain": found[f"{name}_ms"] / found["plain_ms"] for name in ("saved", "not_saved")}
    return {"papers": len(papers), "rows": rows, **found, **ratios}


def main() -> None:
    options = arguments(__doc__ or "", papers=12_000, rows=10_000, rounds=40)
    report(asyncio.run(measure(options.papers, options.rows, options.rounds)), options.json)


if __name__ == "__main__":
    main()
