"""One paper against many subscriptions: how long, against bare numpy comparing everything, and is any match missed?

    python benchmarks/matching.py [--subscriptions 100000] [--json FILE]

Subscriptions are written as the notifier writes them, half of them with categories, one in ten for an author alone;
the threshold lets some 30 of 100,000 through. Bar: one paper against 100,000 in at most 15 ms, no match missed, and a
growth that is linear or better up to 1,000,000.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient

from benchmarks.common import arguments, report, small_size
from services.notifier.matching.match import Subject, match, subject
from services.notifier.matching.subscription_points import Candidate, SubscriptionPoints, point
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.store import Row
from shared.papers.paper import Author, Change, ChangeKind, Paper
from shared.qdrant import SUBSCRIPTIONS, ensure_subscriptions, open_qdrant

SIZE, PAPERS, BATCH, ROUNDS = 384, 64, 64, 5
BLOCK = 50_000
"""Vectors that are compared at once in float64: a million of them need not be in memory twice."""
PEOPLE = 5_000
THRESHOLD = 0.18
CATEGORIES = tuple(f"cs.{a}{b}" for a in "ABCDE" for b in "ABCD")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Vectors = NDArray[np.float32]
Flags = NDArray[np.bool_]
Paired = Sequence[tuple[Vectors, Subject]]


def units(dice: np.random.Generator, number: int) -> Vectors:
    """Make vectors of length 1, shape (number, SIZE)."""
    vectors = dice.standard_normal((number, SIZE), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


@dataclass(frozen=True)
class Crowd:
    """Subscriptions as arrays: every tenth follows an author, every second of the others has categories too."""

    interests: Vectors
    people: NDArray[np.int64]
    categories: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.interests)

    def row(self, n: int) -> Row:
        """Make one, as the notifier stores it."""
        exact = n % 10 == 0
        fields: dict[str, Any] = {
            "id": f"00000000-0000-4000-8000-{n:012d}",
            "name": "one",
            "query": None if exact else "something",
            "authors": [f"Person {self.people[n]}"] if exact else [],
            "categories": [CATEGORIES[place] for place in self.categories[n]] if n % 2 else [],
            "sensitivity": THRESHOLD,
            "channel": {"type": "webhook", "url": "https://example.org/"},
            "state": State(since=NOW),
            "created_at": NOW,
            "updated_at": NOW,
        }
        return Row(owner="owner", subscription=Subscription.model_validate(fields))

    def fits(self, vector: Vectors, paper: Paper) -> set[int]:
        """Compare all with one, the plain way: scores in float64 to six decimals."""
        blocks = [self.interests[start : start + BLOCK] for start in range(0, len(self), BLOCK)]
        wide = vector.astype(np.float64)
        near = np.concatenate([np.round(block.astype(np.float64) @ wide, 6) >= THRESHOLD for block in blocks])
        exact = np.arange(len(self)) % 10 == 0
        names = [int(author.name.removeprefix("Person ")) for author in paper.authors]
        places = [CATEGORIES.index(name) for name in paper.categories]
        inside = np.isin(self.categories, places).any(axis=1) | (np.arange(len(self)) % 2 == 0)
        fitting = np.where(exact, np.isin(self.people, names), near & inside)
        return set(np.flatnonzero(fitting).tolist())


def crowd(dice: np.random.Generator, number: int) -> Crowd:
    """Draw subscriptions."""
    first = dice.integers(len(CATEGORIES), size=number)
    second = (first + dice.integers(1, len(CATEGORIES), size=number)) % len(CATEGORIES)
    return Crowd(units(dice, number), dice.integers(PEOPLE, size=number), np.stack([first, second], axis=1))


def people(dice: np.random.Generator) -> tuple[Author, ...]:
    """Make the authors of a paper."""
    return tuple(Author(name=f"Person {n}") for n in dice.integers(PEOPLE, size=4))


async def fill(client: AsyncQdrantClient, all_of_them: Crowd) -> float:
    """Write the points as the notifier does; give points a second."""
    await ensure_subscriptions(client, "bench", SIZE)
    began = time.perf_counter()
    for start in range(0, len(all_of_them), 1_000):
        chunk = range(start, min(start + 1_000, len(all_of_them)))
        points = [point(all_of_them.row(n), all_of_them.interests[n]) for n in chunk]
        await client.upsert(SUBSCRIPTIONS, points, wait=True)
    return len(all_of_them) / (time.perf_counter() - began)


async def timed(points: SubscriptionPoints, papers: Paired, size: int) -> tuple[float, list[list[Candidate]]]:
    """Ask for all papers, `size` at once; give the median of milliseconds a paper, and what was found."""
    times: list[float] = []
    found: list[list[Candidate]] = []
    for _ in range(ROUNDS if size > 1 else 1):
        found = []
        for start in range(0, len(papers), size):
            began = time.perf_counter()
            found += await points.candidates(papers[start : start + size])
            times.append((time.perf_counter() - began) * 1_000 / size)
    return statistics.median(times), found


def bare(interests: Vectors, vectors: Vectors) -> float:
    """Compare everything with everything in numpy; give the median of milliseconds a paper."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        np.nonzero((interests @ vectors.T) >= np.float32(THRESHOLD))
        times.append((time.perf_counter() - began) * 1_000 / len(vectors))
    return statistics.median(times)


def differences(found: list[list[Candidate]], all_of_them: Crowd, papers: Paired) -> dict[str, int]:
    """Count the matches that were missed or are too many."""
    missed = added = matches = 0
    for (vector, paper), candidates in zip(papers, found, strict=True):
        fits = all_of_them.fits(vector, paper.paper)
        places = ((int(one.subscription[-12:]), one.score) for one in candidates)
        got = {n for n, score in places if match(all_of_them.row(n).subscription, paper, score)}
        missed, added, matches = missed + len(fits - got), added + len(got - fits), matches + len(fits)
    return {"matches": matches, "missed": missed, "added": added}


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", subscriptions=100_000)
    dice = np.random.default_rng(1)
    all_of_them, vectors = crowd(dice, options.subscriptions), units(dice, PAPERS)
    new = [Change(kind=ChangeKind.NEW)]
    papers = [
        (vector, subject(Paper(id="p", title="x", categories=CATEGORIES[n % 19 :][:2], authors=people(dice)), new))
        for n, vector in enumerate(vectors)
    ]
    async with small_size() as settings:
        client = open_qdrant(settings)
        written = await fill(client, all_of_them)
        points = SubscriptionPoints(client, None, None)  # type: ignore[arg-type]  # candidates() asks Qdrant alone
        await points.candidates(papers[:2])
        one, _ = await timed(points, papers, 1)
        numpy_one = statistics.median(bare(all_of_them.interests, vectors[n : n + 1]) for n in range(8))
        batch, found = await timed(points, papers, BATCH)
        numpy_batch = bare(all_of_them.interests, vectors)
        await client.close()
    figures = {
        "subscriptions": options.subscriptions,
        "written_per_s": written,
        "one_paper_ms": one,
        "one_paper_ratio_to_numpy": one / numpy_one,
        "in_batches_of_64_ms": batch,
        "in_batches_ratio_to_numpy": batch / numpy_batch,
    } | differences(found, all_of_them, papers)
    report(figures, options.json)
    assert figures["missed"] == figures["added"] == 0, "the matches are not exact"


if __name__ == "__main__":
    asyncio.run(main())
