"""How good are alerts? Interests planted in a stream of papers, against the plain cosine, with the volumes delivered.

    python benchmarks/alerts.py [--papers 8000] [--categories 12] [--json FILE]

The stream is twelve weeks of papers of arXiv in their order, with the relevant papers of two test collections (Vaswani,
Cranfield) at random moments. Interests are the queries of these, at two and one a week, and categories of arXiv, each
given by one, three and ten liked papers from before the stream, at five a week. The first four weeks are the past.
Precision and recall are of the best papers of the eight weeks after, as many as were asked for. Feedback: the relevant
ones of the ten best of the past are liked and the others unliked, at most five of each. Then the threshold is tuned
every day: with the four weeks of the past, from an empty index, and with a stream that triples after two weeks. The
vectors are kept in the cache of the benchmarks. p is of a paired permutation test.
"""

import asyncio
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import CACHE, arguments, data, report
from benchmarks.relevance import judgements, rows
from services.notifier.insight.volume import Window, stepped, threshold_for, tuned
from services.notifier.matching.interest_vectors import combined
from services.notifier.matching.match import score_of, wanted
from services.notifier.matching.wanted_words import wanted_words
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import DEFAULT_THRESHOLD, MIN_TUNED_THRESHOLD
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder, text_of
from shared.embedding.vectors import terms_by_id, words

COLLECTIONS: Final = {"vaswani": 2, "cranfield": 1}
"""The test collections, and how many alerts a week their queries ask for."""
OF_CATEGORY: Final = 5
WEEKS, PAST, DAYS, BEST, MOST = 12, 4, 30, 10, 5
FEWEST: Final = 24
"""Papers of a category in the stream, at least."""
NOWHERE: Final = datetime(2026, 1, 1, tzinfo=UTC)
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stream:
    """Papers by their rows: texts, vectors, moments in days, and the terms of each."""

    texts: list[str]
    vectors: NDArray[np.float32]
    at: Array
    terms: list[frozenset[int]]


@dataclass(frozen=True)
class Interest:
    """What somebody wants: a sentence or liked texts with their vectors, what is relevant, and how many a week."""

    kind: str
    query: str | None
    vector: NDArray[np.float32] | None
    liked: tuple[tuple[str, NDArray[np.float32]], ...]
    relevant: frozenset[int]
    per_week: int


def scores(stream: Stream, one: Interest, liked: Sequence[int] = (), unliked: Sequence[int] = ()) -> Array:
    """Score all papers as the product does."""
    likes = [*one.liked, *((stream.texts[n], stream.vectors[n]) for n in liked)]
    vector = combined(one.vector, [vector for _, vector in likes], [stream.vectors[n] for n in unliked])
    like = tuple(f"arXiv:2401.{n:05}" for n, _ in enumerate(likes))
    found = wanted_words(one.query, [text for text, _ in likes])
    asked = wanted(Criteria(query=one.query, like=like), found)
    cosines = [0.0] * len(stream.texts) if vector is None else (stream.vectors @ vector).tolist()
    return np.array([score_of(asked, of, cosine) for of, cosine in zip(stream.terms, cosines, strict=True)])


def plain(stream: Stream, one: Interest, liked: Sequence[int] = (), unliked: Sequence[int] = ()) -> Array:
    """Score all papers by the cosine alone, to the mean of sentence and liked papers, less half of the unliked."""
    own = ([] if one.vector is None else [one.vector]) + [vector for _, vector in one.liked]
    total = np.mean(own + [stream.vectors[n] for n in liked], axis=0)
    if unliked:
        total = total - 0.5 * np.mean([stream.vectors[n] for n in unliked], axis=0)
    return np.asarray(stream.vectors @ (total / np.linalg.norm(total)), np.float64)


def at_volume(stream: Stream, one: Interest, found: Array) -> tuple[float, float]:
    """Return precision and recall of the best after the past, as many as were asked for."""
    later = np.flatnonzero(stream.at >= PAST * 7)
    count = one.per_week * (WEEKS - PAST)
    best = later[np.argsort(-found[later], kind="stable")[:count]]
    hits = sum(int(n) in one.relevant for n in best)
    return hits / count, hits / max(sum(int(n) in one.relevant for n in later), 1)


def judged(stream: Stream, one: Interest, found: Array) -> tuple[list[int], list[int]]:
    """Return the liked and unliked ones of the best of the past."""
    past = np.flatnonzero(stream.at < PAST * 7)
    best = past[np.argsort(-found[past], kind="stable")[:BEST]].tolist()
    return [n for n in best if n in one.relevant][:MOST], [n for n in best if n not in one.relevant][:MOST]


def delivered(at: Array, found: Array, per_week: int, first: float, *, as_before: bool = False) -> list[int]:
    """Tune every day from `PAST` weeks on with what came since `first`, in days; return how many each week sent."""
    sent, threshold, known = [0] * (WEEKS - PAST), DEFAULT_THRESHOLD, False
    for day in range(PAST * 7, WEEKS * 7):
        inside = (at >= max(first, day - DAYS)) & (at < day)
        days, lately = min(day - first, DAYS), int((inside & (at >= day - 7)).sum())
        window = Window(NOWHERE, NOWHERE, max(days, 0.01), int(inside.sum()), lately)
        past = sorted(found[inside & (found >= MIN_TUNED_THRESHOLD)].tolist(), reverse=True)
        if as_before:
            fresh = threshold_for(past, per_week, window.days) if window.enough else DEFAULT_THRESHOLD
        else:
            fresh = tuned(past, per_week, window, DEFAULT_THRESHOLD)
        threshold, known = stepped(threshold, fresh) if known else fresh, window.enough
        sent[(day - PAST * 7) // 7] += int(((at >= day) & (at < day + 1) & (found >= threshold)).sum())
    return sent


def p_value(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the p of a paired permutation test of two means, two-sided."""
    differences = np.asarray(ours) - np.asarray(theirs)
    signs = np.random.default_rng(0).choice([-1, 1], size=(10_000, len(differences)))
    return float((np.abs((signs * differences).mean(1)) >= abs(differences.mean()) - 1e-12).mean())


async def embedded(embedder: Embedder, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed papers, or take their vectors from the cache."""
    path = CACHE / "alerts" / f"{name}-{len(texts)}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, await embedder.papers(texts))
    return np.asarray(np.load(path), np.float32)


def arxiv(most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the latest papers of arXiv in their order, and as many from before."""
    with gzip.open(data("arxiv-64k.jsonl.gz"), "rt") as lines:
        found = sorted(map(json.loads, lines), key=lambda row: row.get("published") or "")
    return found[-most:], found[-2 * most : -most]


async def planted(embedder: Embedder, most: int) -> tuple[Stream, list[Interest], list[str]]:
    """Make the stream and the interests of the collections; return them with the categories of the stream."""
    stream, _ = arxiv(most)
    texts = [text_of(row["title"], row.get("abstract") or "") for row in stream]
    vectors = [await embedded(embedder, "stream", texts)]
    chance, at, interests = random.Random(5), [n / most * WEEKS * 7 for n in range(most)], []  # moments, not secrets
    for name, per_week in COLLECTIONS.items():
        folder = data(f"relevance/{name}")
        grades, corpus = judgements(folder), {row["_id"]: row for row in rows(folder, "corpus")}
        own = sorted({paper for of in grades.values() for paper in of if paper in corpus})
        place = {paper: len(texts) + n for n, paper in enumerate(own)}
        said = [text_of(corpus[paper]["title"], corpus[paper]["text"]) for paper in own]
        vectors.append(await embedded(embedder, name, said))
        texts, at = texts + said, at + [chance.uniform(0, WEEKS * 7) for _ in own]
        for row in rows(folder, "queries"):
            relevant = frozenset(place[paper] for paper in grades.get(row["_id"], ()) if paper in place)
            if sum(at[n] >= PAST * 7 for n in relevant) > 1:
                vector = await embedder.query(row["text"])
                interests.append(Interest(name, row["text"], vector, (), relevant, per_week))
    terms = [frozenset(terms_by_id(words(text))) for text in texts]
    made = Stream(texts, np.concatenate(vectors), np.array(at), terms)
    return made, interests, [(row.get("categories") or [""])[0] for row in stream]


async def of_categories(embedder: Embedder, most: int, inside: Sequence[str], count: int) -> list[Interest]:
    """Make interests of categories, each given by papers of it from before the stream."""
    _, before = arxiv(most)
    chance, names = random.Random(7), [name for name, of in Counter(inside).most_common() if name and of >= FEWEST]
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in before:
        by_name[(row.get("categories") or [""])[0]].append(row)
    chosen = [name for name in names if len(by_name[name]) >= BEST][1 : count + 1]  # the first is a third of all
    drawn = {name: [chance.sample(by_name[name], BEST) for _ in range(6)] for name in chosen}
    said = [text_of(row["title"], row.get("abstract") or "") for lists in drawn.values() for of in lists for row in of]
    pairs = iter(zip(said, await embedded(embedder, "liked", said), strict=True))
    interests = []
    for name, lists in drawn.items():
        relevant = frozenset(n for n, of in enumerate(inside) if of == name)
        for of in lists:
            liked = [next(pairs) for _ in of]
            interests += [
                Interest(f"likes_{some}", None, None, tuple(liked[:some]), relevant, OF_CATEGORY)
                for some in (1, 3, BEST)
            ]
    return interests


def compared(stream: Stream, interests: Sequence[Interest]) -> Iterator[tuple[str, float]]:
    """Compare both ways of scoring: precision and recall at the volume asked for, and after feedback."""
    ours = [scores(stream, one) for one in interests]
    theirs = [plain(stream, one) for one in interests]
    yield from ratios("", [at_volume(stream, *pair) for pair in zip(interests, ours, strict=True)],
                      [at_volume(stream, *pair) for pair in zip(interests, theirs, strict=True)])  # fmt: skip
    given = [(one, *judged(stream, one, found)) for one, found in zip(interests, ours, strict=True) if one.query]
    given = [(one, liked, unliked) for one, liked, unliked in given if liked]
    if given:
        yield from ratios("fed_back_", [at_volume(stream, one, scores(stream, one, *of)) for one, *of in given],
                          [at_volume(stream, one, plain(stream, one, *of)) for one, *of in given])  # fmt: skip
    thin = (stream.at >= (PAST + 2) * 7) | (np.arange(len(stream.at)) % 3 == 0)
    everything = np.ones(len(stream.at), bool)
    for name, first, kept in (("", 0.0, everything), ("empty_", PAST * 7.0, everything), ("tripled_", 0.0, thin)):
        for which, of, before in (("", ours, False), ("plain_", theirs, True)):
            weeks = [delivered(stream.at[kept], found[kept], one.per_week, first, as_before=before)
                     for one, found in zip(interests, of, strict=True)]  # fmt: skip
            shares = [median(sent) / one.per_week for one, sent in zip(interests, weeks, strict=True)]
            yield f"{name}{which}sent_of_asked", median(shares)
            total = sum(map(sum, weeks)) / sum(one.per_week * (WEEKS - PAST) for one in interests)
            yield f"{name}{which}sent_of_asked_total", total


def ratios(
    name: str, ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> Iterator[tuple[str, float]]:
    """Return precision and recall of both, the ratio of the precisions and its p."""
    (p, r), (p0, r0) = [[mean(pair[side] for pair in of) for side in (0, 1)] for of in (ours, theirs)]
    figures = {"precision": p, "recall": r, "plain_precision": p0, "plain_recall": r0, "ratio": p / p0}
    figures["p"] = p_value([pair[0] for pair in ours], [pair[0] for pair in theirs])
    return ((f"{name}{figure}", value) for figure, value in figures.items())


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", papers=8_000, categories=12)
    embedder = await open_embedder(DEFAULT_MODEL, CACHE / "models")
    stream, interests, inside = await planted(embedder, options.papers)
    interests += await of_categories(embedder, options.papers, inside, options.categories)
    await embedder.close()
    figures: dict[str, Any] = {"papers": len(stream.texts), "interests": len(interests)}
    for kind in dict.fromkeys(one.kind for one in interests):
        some = [one for one in interests if one.kind == kind]
        figures[f"{kind}_interests"] = len(some)
        figures |= {f"{kind}_{name}": value for name, value in compared(stream, some)}
    report(figures, options.json)


if __name__ == "__main__":
    asyncio.run(main())
