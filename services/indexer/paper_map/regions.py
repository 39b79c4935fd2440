"""Names of the regions of the map: the keywords that are frequent in a region and rare elsewhere. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVELS: Final = (8, 24, 72)
"""Regions into which the map is divided, from large to small ones; zooming in shows names of smaller ones."""
FEWEST: Final = 3
"""Papers of a region that have a keyword before it can be the name."""
SMALLEST: Final = 12
"""Papers of a region with a name, on average."""
MAX_LENGTH: Final = 32
"""Characters of a name."""
_ROUNDS: Final = 10
_SEED: Final = 1
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Region:
    """A name, the middle of its papers in the units of the map, and how many papers it has."""

    name: str
    x: int
    y: int
    papers: int


def regions(places: Places, keywords: Sequence[Sequence[str]]) -> list[Region]:
    """Name the regions of a map, the large ones first; no name occurs twice.

    `places` has a row of x and y for each paper, `keywords` what each paper is about.
    """
    known = [frozenset(word.lower() for word in row if len(word) <= MAX_LENGTH) for row in keywords]
    everywhere = Counter(word for row in known for word in row)
    named: dict[str, Region] = {}
    for count in LEVELS:
        if len(places) < count * SMALLEST and named:
            break
        found = _level(places, known, everywhere, min(count, max(1, len(places) // SMALLEST)), set(named))
        named |= {one.name: one for one in sorted(found, key=lambda one: -one.papers)}
    return list(named.values())


def _level(
    places: Places, keywords: Sequence[frozenset[str]], everywhere: Counter[str], count: int, taken: set[str]
) -> list[Region]:
    groups = _clusters(places.astype(np.float64), count)
    found = []
    for group in range(count):
        rows = np.flatnonzero(groups == group).tolist()
        here = Counter(word for row in rows for word in keywords[row])
        name = _name(here, everywhere, len(rows) / len(places), taken)
        if name:
            taken.add(name)
            own = [row for row in rows if name in keywords[row]]
            x, y = np.median(places[own], axis=0)
            found.append(Region(name, int(x), int(y), here[name]))
    return found


def _name(here: Counter[str], everywhere: Counter[str], share: float, taken: set[str]) -> str | None:
    """Return the keyword that says most about a region with this share of all papers, or None.

    Its score is how many papers of the region have it, times the logarithm of how much more frequent it is than
    elsewhere.
    """
    scores = {
        word: papers * log(papers / (everywhere[word] * share))
        for word, papers in here.items()
        if papers >= FEWEST and word not in taken
    }
    best = max(scores, key=lambda word: (scores[word], word), default=None)
    return best if best is not None and (scores[best] > 0 or share == 1) else None


def _clusters(points: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Divide points into groups of near ones, and return the group of each: k-means from spread-out centers."""
    generator = np.random.default_rng(_SEED)
    centers = points[[int(generator.integers(len(points)))]]
    nearest = _distances(points, centers)[:, 0]
    for _ in range(count - 1):
        chances = nearest / (nearest.sum() or 1.0)
        chosen = generator.choice(len(points), p=chances) if nearest.any() else 0
        centers = np.vstack([centers, points[chosen]])
        nearest = np.minimum(nearest, _distances(points, points[[chosen]])[:, 0])
    groups = np.zeros(len(points), dtype=np.int64)
    for _ in range(_ROUNDS):
        groups = _distances(points, centers).argmin(axis=1)
        sums = np.stack([np.bincount(groups, points[:, axis], count) for axis in (0, 1)], axis=1)
        sizes = np.bincount(groups, minlength=count)[:, None]
        centers = np.where(sizes > 0, sums / np.maximum(sizes, 1), centers)
    return groups


def _distances(points: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared distance of each point to each center."""
    squares = (points**2).sum(axis=1)[:, None] + (centers**2).sum(axis=1)
    distances: NDArray[np.float64] = np.maximum(squares - 2 * points @ centers.T, 0.0)
    return distances
