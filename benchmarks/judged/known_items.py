"""Does a search find the paper that its reader has in mind, among 64,000 papers of arXiv?

    python benchmarks/judged/known_items.py [--papers 64000] [--asked 300] [--json FILE]

Each of the papers asked for is indexed without a part of its text, and that part is the query: the last sentence of
its abstract, the same with its acronyms written out, or its title. The value of a query is 1 / log2(rank + 1) among the
first ten, which is nDCG@10 with one relevant paper. `first_look` is the ranking without titles, endings and pairs of
words; p is from a paired permutation test against it. A query is a text of the paper itself, which favours words.
"""

import asyncio
import gzip
import json
import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import mean
from typing import Any, Final

from benchmarks.common import arguments, data, report, small_size
from benchmarks.judged.paired import p_value
from benchmarks.relevance import index
from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.engine import Mode, SearchEngine
from services.search.ranking.fusion import Ranking, fuse
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import ACTIVE
from services.search.ranking.retrieval import Vectors
from services.search.ranking.second_look import LOOKED_AT
from shared.embedding.acronyms import acronyms
from shared.embedding.embedder import Embedder, open_embedder
from shared.papers.names import point_id
from shared.papers.paper import Paper
from shared.qdrant import open_qdrant
from shared.text.sentence_ends import sentences

FEWEST: Final = 5
"""Sentences of an abstract of which one is taken away."""
PAGE: Final = 2_000
LIMIT: Final = 200
AT: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the paper that it asks for as it is indexed."""

    kind: str
    query: str
    paper: Paper


def papers(most: int) -> list[Paper]:
    with gzip.open(data("arxiv-64k.jsonl.gz"), "rt", encoding="utf-8") as lines:
        found = (json.loads(line) for line in islice(lines, most))
        return [Paper(id=row["id"], title=row["title"], abstract=row.get("abstract") or "") for row in found]


def questions(found: Sequence[Paper], each: int) -> list[Asked]:
    """Choose papers at random, and take a part of their texts as queries: as many of each kind."""
    left = {"last_sentence": each, "acronyms_written_out": each, "title": each}
    asked: list[Asked] = []
    for paper in random.Random(3).sample(found, len(found)):
        for one in of_paper(paper):
            if left[one.kind]:
                left[one.kind] -= 1
                asked.append(one)
                break
    return asked


def of_paper(paper: Paper) -> Iterator[Asked]:
    *before, last = sentences(paper.abstract) or [""]
    if len(before) < FEWEST:
        return
    shorter = paper.model_copy(update={"abstract": " ".join(before)})
    written_out = last
    for short, long in acronyms(shorter.abstract).items():
        written_out = re.sub(rf"\b{re.escape(short)}s?\b", " ".join(long), written_out)
    if written_out != last:
        yield Asked("acronyms_written_out", written_out, shorter)
    yield Asked("last_sentence", last, shorter)
    yield Asked("title", paper.title, paper.model_copy(update={"title": before[0], "abstract": " ".join(before[1:])}))


def value(order: Ranking, paper: Paper) -> float:
    places = [rank for rank, (point, _) in enumerate(order[:AT]) if point == point_id(paper.id)]
    return 1 / math.log2(places[0] + 2) if places else 0.0


async def ranked(papers_found: PaperIndex, embedder: Embedder, engine: SearchEngine, query: str) -> tuple[Ranking, ...]:
    """Return the papers in the order of the first look, and in that of a hybrid search."""
    vectors = Vectors(await embedder.query(query), await embedder.sparse_query(query))
    first = fuse(*await papers_found.nearest(vectors, ACTIVE, limit=LIMIT))
    return first, (await engine.rank(Query(query), Filters(), Mode.HYBRID)).order or ()


async def measure(most: int, each: int) -> dict[str, Any]:
    found = papers(most)
    asked = questions(found, each)
    indexed = {paper.id: paper for paper in found} | {one.paper.id: one.paper for one in asked}
    figures: dict[str, Any] = {"papers": len(found), "looked_at_twice": LOOKED_AT}
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client = open_qdrant(settings)
        every = list(indexed.values())
        for start in range(0, len(every), PAGE):
            await index(client, embedder, every[start : start + PAGE])
        searched = PaperIndex(client)
        engine = SearchEngine(searched, embedder)
        for kind in dict.fromkeys(one.kind for one in asked):
            these = [one for one in asked if one.kind == kind]
            orders = [await ranked(searched, embedder, engine, one.query) for one in these]
            first, second = (
                [value(pair[at], one.paper) for pair, one in zip(orders, these, strict=True)] for at in (0, 1)
            )
            figures |= {f"{kind}_first_look": mean(first), kind: mean(second), f"{kind}_p": p_value(first, second)}
        await client.close()
        await embedder.close()
    return figures


def main() -> None:
    options = arguments(__doc__ or "", papers=64_000, asked=300)
    report(asyncio.run(measure(options.papers, options.asked)), options.json)


if __name__ == "__main__":
    main()
