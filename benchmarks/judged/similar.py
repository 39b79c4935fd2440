"""How good are similar papers? Query by example on a test collection, or on papers of arXiv with a weak truth.

    python benchmarks/judged/similar.py [--set cranfield|vaswani|arxiv] [--papers 8000] [--queries 300] [--json FILE]

On a test collection each document that is relevant to a query asks, and the other ones relevant to it are the truth;
the value of a query is the mean over its documents. Of arXiv, some papers are indexed with the first half of their
abstract only. Their truth are papers of the same primary category that share at least two rare terms with the other
half, which neither the vector nor the words of the paper that asks have seen. It compares variants, and says little
about the absolute quality: most papers that are alike share no such terms.

The rankings are those of the product. `whole` is the order by the vector of the whole alone; p is from a paired
permutation test against it. A fifth of the candidates are some sixty papers (NDCG%20).
"""

import asyncio
import gzip
import itertools
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from time import perf_counter
from typing import Any, Final

import numpy as np

from benchmarks.common import data, parser_of, report, small_size
from benchmarks.judged.paired import p_value
from benchmarks.relevance import index, judgements, rows
from services.search.query.filters import Filters
from services.search.ranking.paper_index import Hit, PaperIndex
from services.search.ranking.qdrant_filter import where
from services.search.ranking.retrieval import Vectors
from services.search.similar.similar_papers import SimilarPapers
from shared.embedding.embedder import open_embedder, text_of
from shared.embedding.vectors import bm25_paper
from shared.papers.paper import Paper
from shared.qdrant import DENSE, open_qdrant
from shared.text.sentence_ends import sentences

AT: Final = (10, 60)
RARE: Final = (3, 100)
"""Papers that a rare term is in: at least and at most."""
FEWEST: Final = 3
MOST: Final = 200
"""Papers of a truth."""


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that asks: its group, and the grades of the papers to find."""

    asks: str
    group: str
    truth: Mapping[str, int]


def collection(name: str) -> tuple[list[Paper], list[Example]]:
    folder = data(f"relevance/{name}")
    papers = [Paper(id=row["_id"], title=row["title"], abstract=row["text"]) for row in rows(folder, "corpus")]
    known = {paper.id for paper in papers if paper.abstract or paper.title}
    groups = {query: sorted(known & grades.keys()) for query, grades in judgements(folder).items()}
    alike: dict[str, set[str]] = defaultdict(set)
    for found in groups.values():
        for one in found:
            alike[one].update(set(found) - {one})
    examples = [
        Example(one, query, dict.fromkeys(alike[one], 1))
        for query, found in groups.items()
        for one in found
        if alike[one]
    ]
    return papers, examples


def halves(paper: Paper) -> tuple[str, str]:
    found = sentences(paper.abstract)
    return " ".join(found[: len(found) // 2]), " ".join(found[len(found) // 2 :])


def arxiv(most: int, queries: int) -> tuple[list[Paper], list[Example]]:
    with gzip.open(data("arxiv-64k.jsonl.gz"), "rt") as lines:
        given = [json.loads(line) for line in itertools.islice(lines, most)]
    kept = ("id", "title", "abstract", "published", "categories")
    papers = [Paper.model_validate({name: row[name] for name in kept if row.get(name)}) for row in given]
    having: dict[int, list[int]] = defaultdict(list)
    for place, paper in enumerate(papers):
        for term in bm25_paper(text_of(paper.title, paper.abstract)).indices:
            having[term].append(place)
    places = list(range(len(papers)))
    random.Random(11).shuffle(places)  # the order of questions, no secret
    examples: list[Example] = []
    for place in places:
        truth = weak_truth(papers, having, place)
        if FEWEST <= len(truth) <= MOST:
            paper = papers[place]
            examples.append(Example(paper.id, paper.id, truth))
            papers[place] = paper.model_copy(update={"abstract": halves(paper)[0]})
        if len(examples) == queries:
            break
    return papers, examples


def weak_truth(papers: Sequence[Paper], having: Mapping[int, list[int]], place: int) -> dict[str, int]:
    paper = papers[place]
    if not paper.categories:
        return {}
    first, second = (set(bm25_paper(text_of(paper.title, half)).indices) for half in halves(paper))
    least, most = RARE
    rare = [term for term in second - first if least <= len(having[term]) <= most]
    shared = Counter(other for term in rare for other in having[term] if other != place)
    return {
        papers[other].id: min(terms - 1, 2)
        for other, terms in shared.items()
        if terms > 1 and papers[other].categories[:1] == paper.categories[:1]
    }


def ndcg(found: Sequence[str], truth: Mapping[str, int], at: int) -> float:
    """Discounted gain over the best possible one; Järvelin and Kekäläinen, 2002, with linear gain."""
    gain = sum(truth.get(paper, 0) / math.log2(rank + 2) for rank, paper in enumerate(found[:at]))
    best = sorted(truth.values(), reverse=True)[:at]
    return gain / sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))


class Asking:
    """Asks for papers like one, in both ways, each question once."""

    def __init__(self, papers: PaperIndex, similar: SimilarPapers) -> None:
        self._papers = papers
        self._similar = similar
        self.seconds: dict[str, list[float]] = {"whole": [], "similar": []}

    async def both(self, one: str) -> dict[str, list[str]]:
        hit = (await self._papers.known([one]))[one]
        found: dict[str, list[str]] = {}
        for way, ask in (("whole", self._whole), ("similar", self._all)):
            started = perf_counter()
            found[way] = await ask(hit)
            self.seconds[way].append(perf_counter() - started)
        return found

    async def _whole(self, hit: Hit) -> list[str]:
        vector = (await self._papers.vectors([hit.point], DENSE))[hit.point][DENSE]
        dense, _ = await self._papers.nearest(Vectors(dense=np.asarray(vector)), where(Filters()), limit=max(AT) + 1)
        points = [point for point, _ in dense if point != hit.point]
        payloads = await self._papers.get(points)
        return [payloads[point]["paper"]["id"] for point in points]

    async def _all(self, hit: Hit) -> list[str]:
        hits, _ = await self._similar.to_paper(hit, Filters(), None, limit=max(AT))
        return [name for one in hits for name in (one.payload["paper"]["id"], *one.duplicates)]


async def measure(name: str, most: int, queries: int) -> dict[str, Any]:
    papers, examples = arxiv(most, queries) if name == "arxiv" else collection(name)
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client = open_qdrant(settings)
        await index(client, embedder, papers)
        reading = PaperIndex(client)
        asking = Asking(reading, SimilarPapers(reading, embedder))
        found = {one: await asking.both(one) for one in dict.fromkeys(example.asks for example in examples)}
        await client.close()
        await embedder.close()
    figures: dict[str, Any] = {"set": name, "papers": len(papers), "asking": len(found)}
    for at in AT:
        values = {way: by_group(examples, found, way, at) for way in ("whole", "similar")}
        for way, rows_ in values.items():
            figures[f"{way}_ndcg_at_{at}"] = mean(rows_)
        figures[f"p_at_{at}"] = p_value(values["whole"], values["similar"])
    return figures | {f"{way}_ms": median(seconds) * 1_000 for way, seconds in asking.seconds.items()}


def by_group(
    examples: Sequence[Example], found: Mapping[str, Mapping[str, Sequence[str]]], way: str, at: int
) -> list[float]:
    groups: dict[str, list[float]] = defaultdict(list)
    for example in examples:
        groups[example.group].append(ndcg(found[example.asks][way], example.truth, at))
    return [mean(values) for _, values in sorted(groups.items())]


def main() -> None:
    parser = parser_of(__doc__ or "", papers=8_000, queries=300)
    parser.add_argument("--set", choices=("cranfield", "vaswani", "arxiv"), default="cranfield")
    options = parser.parse_args()
    report(asyncio.run(measure(options.set, options.papers, options.queries)), options.json)


if __name__ == "__main__":
    main()
