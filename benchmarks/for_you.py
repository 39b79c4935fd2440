"""How good are recommendations? Readers of two fields, each known by a few liked papers, over papers of arXiv.

    python benchmarks/for_you.py [--papers 3000] [--readers 60] [--json FILE]

A reader likes five papers of one primary category and three of another, and turns down two of a third. Precision is the
share of the first twenty recommendations that are of the two categories, coverage the share of readers who get papers
of both among them. Each variant of the weights sees the same readers. The categories are a weak truth: they compare
variants, and say little about the absolute quality.
"""

import asyncio
import gzip
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, median
from typing import Any, Final

from benchmarks.common import arguments, data, report, small_size
from benchmarks.relevance import NOW, index
from services.search.for_you import scoring
from services.search.for_you.recommender import Recommender
from services.search.for_you.taste import Liked, Taste
from services.search.query.filters import Filters
from services.search.ranking.paper_index import PaperIndex
from shared.embedding.embedder import open_embedder
from shared.papers.names import point_id
from shared.papers.paper import Paper
from shared.qdrant import open_qdrant

VARIANTS: Final[Mapping[str, Mapping[str, float]]] = {
    "mean_alone": {"NEAR": 0.0, "AWAY": 0.0},
    "closest_alone": {"NEAR": 1.0, "AWAY": 0.0},
    "both": {"NEAR": 0.5, "AWAY": 0.0},
    "used": {},
    "without_words": {"TERMS": 0.0},
    "far_from_refused": {"AWAY": 0.4},
}
AT: Final = 20
FEWEST: Final = 30
"""Papers of a category that readers are made of."""


def papers(most: int) -> list[Paper]:
    with gzip.open(data("arxiv-5k.jsonl.gz"), "rt") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, most)]
    kept = ("id", "title", "abstract", "published", "categories")
    return [Paper.model_validate({name: row[name] for name in kept if row.get(name)}) for row in rows]


def readers(found: Sequence[Paper], count: int) -> Iterator[tuple[set[str], set[str], Taste]]:
    """Make readers: the ids of their two fields, and their taste."""
    fields: dict[str, list[Paper]] = defaultdict(list)
    for paper in found:
        if paper.categories:
            fields[paper.categories[0]].append(paper)
    large = sorted(field for field, of in fields.items() if len(of) >= FEWEST)
    chance = random.Random(7)  # readers, not secrets
    for _ in range(count):
        one, other, third = chance.sample(large, 3)
        liked = [*chance.sample(fields[one], 5), *chance.sample(fields[other], 3)]
        chance.shuffle(liked)
        away = tuple(point_id(paper.id) for paper in chance.sample(fields[third], 2))
        taste = Taste(tuple(Liked(point_id(paper.id), paper.title, "liked", paper.keywords) for paper in liked), away)
        yield {paper.id for paper in fields[one]}, {paper.id for paper in fields[other]}, taste


async def measure(most: int, count: int) -> dict[str, Any]:
    found = papers(most)
    figures: dict[str, Any] = {"papers": len(found), "readers": count}
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client = open_qdrant(settings)
        await index(client, embedder, found)
        recommender = Recommender(PaperIndex(client), lambda: NOW)
        usual = {name: getattr(scoring, name) for name in ("NEAR", "AWAY", "TERMS")}
        for variant, weights in VARIANTS.items():
            for name, value in {**usual, **weights}.items():
                setattr(scoring, name, value)
            rows = [await of_reader(recommender, *reader) for reader in readers(found, count)]
            figures[f"{variant}_precision"] = mean(row[0] for row in rows)
            figures[f"{variant}_coverage"] = mean(row[1] for row in rows)
            figures[f"{variant}_ms"] = median(row[2] for row in rows)
        await client.close()
        await embedder.close()
    return figures


async def of_reader(
    recommender: Recommender, one: set[str], other: set[str], taste: Taste
) -> tuple[float, bool, float]:
    started = time.perf_counter()
    answer = await recommender.recommend(taste, Filters())
    ms = (time.perf_counter() - started) * 1_000
    shown = [answer.payloads[point]["paper"]["id"] for point, _ in answer.order[:AT]]
    return mean(id_ in one | other for id_ in shown), not one.isdisjoint(shown) and not other.isdisjoint(shown), ms


def main() -> None:
    options = arguments(__doc__ or "", papers=3_000, readers=60)
    report(asyncio.run(measure(options.papers, options.readers)), options.json)


if __name__ == "__main__":
    main()
