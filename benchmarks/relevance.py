"""How well does each mode rank? A test collection in BEIR form: corpus.jsonl[.gz], queries.jsonl, qrels/test.tsv.

    python benchmarks/relevance.py [--folder DIR] [--json FILE]

Without a folder it takes relevance/cranfield of the data beside the project (PAPERWIRE_DATA). The papers are embedded
and written as the indexer does, the queries asked as the search service does; nDCG@10 and recall@100 are the means
over the queries that have a relevant paper.
"""

import argparse
import asyncio
import csv
import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qdrant_client import AsyncQdrantClient

from benchmarks.common import data, report, small_size
from services.indexer.papers import PointWrite, QdrantPapers, payload
from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.engine import Mode, Page, SearchEngine
from services.search.ranking.paper_index import PaperIndex
from shared.embedding.embedder import Embedder, embed, open_embedder
from shared.embedding.vectors import sketch
from shared.papers.events import PaperEnriched
from shared.papers.names import point_id
from shared.papers.paper import Paper
from shared.qdrant import ensure_papers, open_qdrant

NDCG_AT, RECALL_AT = 10, 100
NOW = datetime(2026, 3, 4, tzinfo=UTC)
Judged = dict[str, dict[str, int]]  # query → paper → grade


def rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    plain = folder / f"{name}.jsonl"
    with plain.open() if plain.is_file() else gzip.open(f"{plain}.gz", "rt") as lines:
        yield from map(json.loads, lines)


def judgements(folder: Path) -> Judged:
    judged: Judged = defaultdict(dict)
    with (folder / "qrels" / "test.tsv").open() as lines:
        for query, paper, grade in list(csv.reader(lines, delimiter="\t"))[1:]:
            if int(grade) > 0:
                judged[query][paper] = int(grade)
    return judged


def ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """Discounted gain of the first ten over the best possible one; Järvelin and Kekäläinen, 2002, with linear gain."""
    gain = sum(grades.get(paper, 0) / math.log2(rank + 2) for rank, paper in enumerate(found[:NDCG_AT]))
    best = sorted(grades.values(), reverse=True)[:NDCG_AT]
    return gain / sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))


def recall(found: Sequence[str], grades: dict[str, int]) -> float:
    return len(set(found[:RECALL_AT]) & set(grades)) / len(grades)


async def index(client: AsyncQdrantClient, embedder: Embedder, papers: Sequence[Paper]) -> None:
    await ensure_papers(client, embedder.model, embedder.size)
    vectors = await embed(embedder, [(paper.title, paper.abstract) for paper in papers])
    written = [
        PointWrite(point_id(paper.id), {**payload(enriched(paper), NOW), "sketch": sketch(one.dense)}, 1, one)
        for paper, one in zip(papers, vectors, strict=True)
    ]
    for start in range(0, len(written), 256):
        await QdrantPapers(client, embedder).write(written[start : start + 256])


def enriched(paper: Paper) -> PaperEnriched:
    return PaperEnriched(paper=paper, changes=(), aliases=(paper.id,), fingerprint="", enriched_at=NOW)


async def rank(searching: SearchEngine, query: str, mode: Mode) -> list[str]:
    # The text is words, whatever is in it: a test collection does not mean our query language.
    results = await searching.find(await searching.rank(Query(query), Filters(), mode), None, Page(RECALL_AT))
    return [name for hit in results.hits for name in (hit.payload["paper"]["id"], *hit.duplicates)]


async def measure(folder: Path) -> dict[str, Any]:
    papers = [Paper(id=row["_id"], title=row["title"], abstract=row["text"]) for row in rows(folder, "corpus")]
    judged = judgements(folder)
    queries = {row["_id"]: row["text"] for row in rows(folder, "queries") if row["_id"] in judged}
    figures: dict[str, Any] = {"collection": folder.name, "papers": len(papers), "queries": len(queries)}
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client = open_qdrant(settings)
        await index(client, embedder, papers)
        searching = SearchEngine(PaperIndex(client), embedder)
        for mode in Mode:
            found = {name: await rank(searching, text, mode) for name, text in queries.items()}
            for measured in (ndcg, recall):
                values = [measured(found[name], judged[name]) for name in queries]
                at = NDCG_AT if measured is ndcg else RECALL_AT
                figures[f"{mode}_{measured.__name__}_at_{at}"] = sum(values) / len(values)
        await client.close()
        await embedder.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Relevance of each mode on a test collection.")
    parser.add_argument("--folder", type=Path, help="a test collection in BEIR form")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    report(asyncio.run(measure(options.folder or data("relevance/cranfield"))), options.json)


if __name__ == "__main__":
    main()
