"""One paper against many subscriptions: how long, against bare numpy comparing everything, and is any match missed?

    python benchmarks/matching.py [--subscriptions 100000] [--json FILE]

Subscriptions are written as the notifier writes them, half of them with categories, one in ten with nothing else; the
threshold lets some 30 of 100,000 through. Bar: one paper against 100,000 in at most 15 ms, and no match missed.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from common import arguments, report, small_size
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient

from services.notifier.matching import Subject, subject
from services.notifier.points import Candidate, Points, point
from services.notifier.store import Row
from services.notifier.subscription import State, Subscription
from shared.paper import Change, ChangeKind, Paper
from shared.qdrant import SUBSCRIPTIONS, ensure_subscriptions, open_qdrant

SIZE, PAPERS, BATCH, ROUNDS = 384, 64, 64, 5
THRESHOLD = 0.18
CATEGORIES = tuple(f"cs.{a}{b}" for a in "ABCDE" for b in "ABCD")
Vectors = NDArray[np.float32]
Paired = Sequence[tuple[Vectors, Subject]]


def units(dice: np.random.Generator, number: int) -> Vectors:
    """Make vectors of length 1, shape (number, SIZE)."""
    vectors = dice.standard_normal((number, SIZE), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def row(number: int, categories: list[str]) -> Row:
    """Make one subscription."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    fields: dict[str, Any] = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": "one",
        "query": "something",
        "categories": categories,
        "sensitivity": THRESHOLD,
        "channel": {"type": "webhook", "url": "https://example.org/"},
        "state": State(since=now),
        "created_at": now,
        "updated_at": now,
    }
    return Row(owner="owner", subscription=Subscription.model_validate(fields))


async def fill(client: AsyncQdrantClient, interests: Vectors, wants: list[list[str]]) -> None:
    """Write the points as the notifier does."""
    await ensure_subscriptions(client, "bench", SIZE)
    for start in range(0, len(interests), 1_000):
        chunk = range(start, min(start + 1_000, len(interests)))
        points = [point(row(number, wants[number]), interests[number]) for number in chunk]
        await client.upsert(SUBSCRIPTIONS, points, wait=True)


async def timed(points: Points, papers: Paired, size: int) -> tuple[float, list[list[Candidate]]]:
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


def bare(interests: Vectors, vectors: Vectors) -> tuple[float, NDArray[np.bool_]]:
    """Compare everything with numpy in one batch; give milliseconds a paper, and what passes the threshold."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        passing = (interests @ vectors.T) >= np.float32(THRESHOLD)
        times.append((time.perf_counter() - began) * 1_000 / len(vectors))
    return statistics.median(times), passing


def differences(found: list[list[Candidate]], interests: Vectors, wants: list[list[str]], papers: Paired) -> dict[str, int]:
    """Count matches that were missed or are too many, by the scores in float64 to six decimals."""
    missed = added = matches = 0
    for (vector, paper), candidates in zip(papers, found, strict=True):
        scores = np.round(interests.astype(np.float64) @ vector.astype(np.float64), 6)
        fits = {
            number
            for number in np.flatnonzero(scores >= THRESHOLD).tolist()
            if not wants[number] or set(wants[number]) & set(paper.paper.categories)
        }
        got = {int(one.subscription[-12:]) for one in candidates if round(one.score, 6) >= THRESHOLD}
        missed, added, matches = missed + len(fits - got), added + len(got - fits), matches + len(fits)
    return {"matches": matches, "missed": missed, "added": added}


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", subscriptions=100_000)
    dice = np.random.default_rng(1)
    interests, vectors = units(dice, options.subscriptions), units(dice, PAPERS)
    wants = [list(dice.choice(CATEGORIES, 2, replace=False)) if n % 2 else [] for n in range(options.subscriptions)]
    papers = [
        (vector, subject(Paper(id=str(n), title="x", categories=CATEGORIES[n % 20 :][:2]), [Change(kind=ChangeKind.NEW)]))
        for n, vector in enumerate(vectors)
    ]
    async with small_size() as settings:
        client = open_qdrant(settings)
        began = time.perf_counter()
        await fill(client, interests, wants)
        filled = time.perf_counter() - began
        points = Points(client, None, None)  # type: ignore[arg-type]  # candidates() asks Qdrant alone
        await points.candidates(papers[:2])
        one, _ = await timed(points, papers, 1)
        batch, found = await timed(points, papers, BATCH)
        await client.close()
    numpy_ms, _ = bare(interests, vectors)
    figures = {
        "subscriptions": options.subscriptions,
        "written_per_s": options.subscriptions / filled,
        "one_paper_ms": one,
        "batch_of_64_ms_per_paper": batch,
        "numpy_ms_per_paper": numpy_ms,
        "ratio_to_numpy": batch / numpy_ms,
    } | differences(found, interests, wants, papers)
    report(figures, options.json)
    assert figures["missed"] == figures["added"] == 0, "the matches are not exact"


if __name__ == "__main__":
    asyncio.run(main())
