"""The layout of the map of papers: t-SNE of their vectors, stable from one map to the next.

Source: van der Maaten, Hinton: Visualizing data using t-SNE, 2008; its forces interpolated as by Linderman et al.,
2019 (openTSNE).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import openTSNE
from numpy.typing import NDArray

SIDE: Final = 65_535
"""Coordinates are integers from 0 to this."""
MIN_PAPERS: Final = 12
"""The fewest papers of a map."""
PERPLEXITY: Final = 30.0
_SPREAD: Final = 50.0
"""The distance from the middle at which t-SNE puts points, roughly: an earlier map is scaled back to it."""
_SEED: Final = 1
logging.getLogger("openTSNE").setLevel(logging.ERROR)  # it warns, in a line of its own form, of a start from a map
Points = NDArray[np.float64]
Positions = Mapping[str, tuple[int, int]]
"""Coordinates by the id of the work."""


def layout(ids: Sequence[str], vectors: NDArray[np.float32], before: Positions) -> NDArray[np.int64]:
    """Return a row of x and y, from 0 to `SIDE`, for each paper: papers near in meaning are near on the map.

    `vectors` have length one. Papers of the map `before` start at their positions, and new ones beside their nearest
    known paper, so that the map moves little as it grows.
    """
    count = len(ids)
    perplexity = min(PERPLEXITY, (count - 1) / 3)
    known = np.array([work_id in before for work_id in ids], dtype=bool)
    common = {"perplexity": perplexity, "metric": "cosine", "n_jobs": 1, "random_state": _SEED}
    if known.sum() * 2 < count:
        made = openTSNE.TSNE(n_iter=500, **common).fit(vectors)
    else:
        start = _start(ids, vectors, before, known)
        made = openTSNE.TSNE(initialization=start, early_exaggeration_iter=0, n_iter=150, **common).fit(vectors)
    return _whole(np.asarray(made))


def _start(ids: Sequence[str], vectors: NDArray[np.float32], before: Positions, known: NDArray[np.bool_]) -> Points:
    start: Points = np.zeros((len(ids), 2))
    rows = np.flatnonzero(known)
    placed = np.array([before[ids[int(row)]] for row in rows], dtype=np.float64)
    start[rows] = (placed / SIDE - 0.5) * 2 * _SPREAD
    generator = np.random.default_rng(_SEED)
    for row in np.flatnonzero(~known):
        nearest = rows[int(np.argmax(vectors[rows] @ vectors[row]))]
        start[row] = start[nearest] + generator.normal(scale=0.1, size=2)
    return start


def _whole(points: Points) -> NDArray[np.int64]:
    """Scale points into the square, with one scale for both axes to keep proportions."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, extent = (low + high) / 2, float((high - low).max()) or 1.0
    whole: NDArray[np.int64] = np.clip(np.rint(((points - middle) / extent + 0.5) * SIDE), 0, SIDE).astype(np.int64)
    return whole
