"""One paper against many subscriptions: how long, against bare numpy comparing everything, and is any match missed?

    python benchmarks/matching.py [--subscriptions 100000] [--json FILE]

Subscriptions are written as the notifier writes them, half of them with categories, one in ten for an author alone.
Their sentences have three to eight words, papers a hundred, as often as papers of arXiv have them; vectors
spread as those of the embedding model do. One in fifty is about a paper, so that some 20 of 100,000 match it. Bar: one
paper against 100,000 in at most 15 ms alone and 5 ms in batches, no match missed, and a growth that is linear or better
up to 1,000,000.
"""

import asyncio
import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient

from benchmarks.common import arguments, report, small_size
from services.notifier.matching.match import (
    DIGITS,
    FLOOR,
    USUAL_OF_SENTENCE,
    WORDS_WEIGHT,
    Subject,
    least_cosine,
    match,
    score_of,
    subject,
    wanted,
)
from services.notifier.matching.rarity import PAPERS as COUNTED
from services.notifier.matching.subscription_points import FIRST_LIMIT, Candidate, SubscriptionPoints, requests_for
from services.notifier.matching.written_points import MANY, point
from services.notifier.subscription.model import Criteria, State, Subscription
from services.notifier.subscription.store import Row
from shared.papers.paper import Author, Change, ChangeKind, Paper
from shared.qdrant import SUBSCRIPTIONS, ensure_subscriptions, open_qdrant

SIZE, PAPERS, BATCH, ROUNDS = 384, 64, 64, 5
BLOCK = 50_000
"""Vectors that are compared at once in float64: a million of them need not be in memory twice."""
PEOPLE = 5_000
THRESHOLD = 0.45
ABOUT = 50
"""Of so many subscriptions one is about a paper: 0.5 is their mean cosine, and it has half of the words or more."""
LATENT = 64
"""Dimensions that vectors spread in: cosines of random pairs then have the deviation of those of the model, 0.125."""
CATEGORIES = tuple(f"cs.{a}{b}" for a in "ABCDE" for b in "ABCD")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Vectors = NDArray[np.float32]
Flags = NDArray[np.bool_]
Paired = Sequence[tuple[Vectors, Subject]]


def stems() -> tuple[list[str], NDArray[np.float64]]:
    """Return the stems of the table of rarities, and the share of papers that have each."""
    text = resources.files("services.notifier.matching").joinpath("stem_counts.txt").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    pairs = [(stem, int(count) / COUNTED) for count, of in rows for stem in of.split(" ")]
    return [stem for stem, _ in pairs], np.array([share for _, share in pairs])


STEMS, SHARES = stems()


def units(dice: np.random.Generator, number: int) -> Vectors:
    """Make vectors of length 1, shape (number, SIZE)."""
    axes = np.linalg.qr(np.random.default_rng(0).standard_normal((SIZE, LATENT)))[0].astype(np.float32)
    vectors = dice.standard_normal((number, LATENT), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors @ axes.T, np.float32)


def sentences(dice: np.random.Generator, number: int) -> list[str]:
    """Draw the words of sentences, rare ones more often than papers have them.

    By the root of the share of papers, 0.2% of the sentences have half of their words in a paper; of titles it is 0.1%
    (nine words) to 0.4% (five).
    """
    odds = np.sqrt(SHARES) / np.sqrt(SHARES).sum()
    sizes = dice.integers(3, 9, size=number)
    drawn = iter(dice.choice(len(STEMS), size=int(sizes.sum()), p=odds).tolist())
    return [" ".join(STEMS[next(drawn)] for _ in range(size)) for size in sizes]


def abstract(dice: np.random.Generator) -> str:
    """Draw the words of a paper."""
    return " ".join(STEMS[place] for place in np.flatnonzero(dice.random(len(STEMS)) < SHARES))


@dataclass(frozen=True)
class Crowd:
    """Subscriptions as arrays: every tenth follows an author, every second of the others has categories too."""

    interests: Vectors
    sentences: list[str]
    people: NDArray[np.int64]
    categories: NDArray[np.int64]

    @cached_property
    def compared(self) -> list[Mapping[int, float]]:
        """The weights of the words of each sentence, by the ids of their terms."""
        return [wanted(Criteria(query=sentence), None).terms for sentence in self.sentences]

    def __len__(self) -> int:
        return len(self.interests)

    def row(self, n: int) -> Row:
        """Make one, as the notifier stores it."""
        exact = n % 10 == 0
        fields: dict[str, Any] = {
            "id": f"00000000-0000-4000-8000-{n:012d}",
            "name": "one",
            "query": None if exact else self.sentences[n],
            "authors": [f"Person {self.people[n]}"] if exact else [],
            "categories": [CATEGORIES[place] for place in self.categories[n]] if n % 2 else [],
            "sensitivity": THRESHOLD,
            "channel": {"type": "webhook", "url": "https://example.org/"},
            "state": State(since=NOW),
            "created_at": NOW,
            "updated_at": NOW,
        }
        return Row(owner="owner", subscription=Subscription.model_validate(fields))

    def fits(self, vector: Vectors, of: Subject) -> set[int]:
        """Compare all with one, the plain way: scores in float64 to six decimals."""
        paper = of.paper
        blocks = [self.interests[start : start + BLOCK] for start in range(0, len(self), BLOCK)]
        wide = vector.astype(np.float64)
        cosines = np.concatenate([np.round(block.astype(np.float64) @ wide, DIGITS) for block in blocks])
        near = np.array([self._score(n, of, cosine) >= THRESHOLD for n, cosine in enumerate(cosines.tolist())])
        exact = np.arange(len(self)) % 10 == 0
        names = [int(author.name.removeprefix("Person ")) for author in paper.authors]
        places = [CATEGORIES.index(name) for name in paper.categories]
        inside = np.isin(self.categories, places).any(axis=1) | (np.arange(len(self)) % 2 == 0)
        fitting = np.where(exact, np.isin(self.people, names), near & inside)
        return set(np.flatnonzero(fitting).tolist())

    def _score(self, n: int, of: Subject, cosine: float) -> float:
        compared = self.compared[n]
        found = math.fsum(weight for term, weight in compared.items() if term in of.terms)
        share = found if cosine >= FLOOR else 0.0
        score = cosine + WORDS_WEIGHT * (share - USUAL_OF_SENTENCE)
        return round(score, DIGITS)  # above the knee it is compressed; all of that passes


def crowd(dice: np.random.Generator, number: int, papers: Sequence[tuple[Vectors, Paper]]) -> Crowd:
    """Draw subscriptions, some of them about the papers."""
    first = dice.integers(len(CATEGORIES), size=number)
    second = (first + dice.integers(1, len(CATEGORIES), size=number)) % len(CATEGORIES)
    interests, said = units(dice, number), sentences(dice, number)
    for n in range(2, number, ABOUT):
        vector, paper = papers[n // ABOUT % len(papers)]
        mixed = vector + dice.uniform(1.2, 2.4) * interests[n]
        interests[n] = mixed / np.linalg.norm(mixed)
        said[n] = " ".join([*dice.choice(paper.abstract.split(), 3, replace=False), *said[n].split()[:3]])
    return Crowd(interests, said, dice.integers(PEOPLE, size=number), np.stack([first, second], axis=1))


def people(dice: np.random.Generator) -> tuple[Author, ...]:
    """Make the authors of a paper."""
    return tuple(Author(name=f"Person {n}") for n in dice.integers(PEOPLE, size=4))


def made(dice: np.random.Generator, n: int) -> Paper:
    """Make a paper."""
    names = people(dice)
    return Paper(id="p", title="x", abstract=abstract(dice), categories=CATEGORIES[n % 19 :][:2], authors=names)


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


async def by_meaning_alone(points: SubscriptionPoints, papers: Paired, size: int) -> float:
    """Ask as if no words counted; give the median of milliseconds a paper."""
    times, asked = [], wanted(Criteria(query="something"), None)
    for _ in range(ROUNDS if size > 1 else 1):
        for start in range(0, len(papers), size):
            began = time.perf_counter()
            requests = requests_for(papers[start : start + size], FIRST_LIMIT)
            del requests[size : 2 * size]
            for near in requests[:size]:
                near["score_threshold"] = THRESHOLD - least_cosine(asked, THRESHOLD, MANY)
            await points._ask(requests)  # noqa: SLF001  # the queries of an earlier version
            times.append((time.perf_counter() - began) * 1_000 / size)
    return statistics.median(times)


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
        fits = all_of_them.fits(vector, paper)
        places = [
            (all_of_them.row(n).subscription, n, one) for one in candidates if (n := int(one.subscription[-12:])) >= 0
        ]
        got = {n for of, n, one in places if match(of, paper, score_of(wanted(of, None), paper.terms, one.cosine))}
        missed, added, matches = missed + len(fits - got), added + len(got - fits), matches + len(fits)
    return {"matches": matches, "missed": missed, "added": added}


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", subscriptions=100_000)
    dice = np.random.default_rng(1)
    vectors, new = units(dice, PAPERS), [Change(kind=ChangeKind.NEW)]
    about = [(vector, made(dice, n)) for n, vector in enumerate(vectors)]
    all_of_them = crowd(dice, options.subscriptions, about)
    papers = [(vector, subject(paper, new)) for vector, paper in about]
    async with small_size() as settings:
        client = open_qdrant(settings)
        written = await fill(client, all_of_them)
        points = SubscriptionPoints(client, None, None)  # type: ignore[arg-type]  # candidates() asks Qdrant alone
        await points.candidates(papers[:2])
        one, _ = await timed(points, papers, 1)
        one_alone = await by_meaning_alone(points, papers, 1)
        numpy_one = statistics.median(bare(all_of_them.interests, vectors[n : n + 1]) for n in range(8))
        batch, found = await timed(points, papers, BATCH)
        batch_alone = await by_meaning_alone(points, papers, BATCH)
        numpy_batch = bare(all_of_them.interests, vectors)
        await client.close()
    figures = {
        "subscriptions": options.subscriptions,
        "written_per_s": written,
        "one_paper_ms": one,
        "one_paper_ratio_to_no_words": one / one_alone,
        "one_paper_ratio_to_numpy": one / numpy_one,
        "in_batches_of_64_ms": batch,
        "in_batches_ratio_to_no_words": batch / batch_alone,
        "in_batches_ratio_to_numpy": batch / numpy_batch,
    } | differences(found, all_of_them, papers)
    report(figures, options.json)
    assert figures["missed"] == figures["added"] == 0, "the matches are not exact"


if __name__ == "__main__":
    asyncio.run(main())
