import logging

import numpy as np
import pytest
from numpy.typing import NDArray

from services.indexer.paper_map.layout import SIDE, layout

GROUPS = 3


def papers(count: int, seed: int = 0) -> tuple[list[str], NDArray[np.float32], NDArray[np.int64]]:
    """Return papers about three subjects, with the group of each."""
    generator = np.random.default_rng(seed)
    groups = np.arange(count) % GROUPS
    centres = np.eye(GROUPS, 24)
    vectors = centres[groups] + generator.normal(scale=0.1, size=(count, 24))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [f"arXiv:2401.{number:05d}" for number in range(count)], vectors.astype(np.float32), groups


def nearest_are_of_the_group(places: NDArray[np.int64], groups: NDArray[np.int64]) -> float:
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(groups[distances.argmin(axis=1)] == groups))


def test_papers_near_in_meaning_are_near_on_the_map() -> None:
    ids, vectors, groups = papers(90)
    places = layout(ids, vectors, {})
    assert places.shape == (90, 2)
    assert places.min() >= 0
    assert places.max() <= SIDE
    assert nearest_are_of_the_group(places, groups) > 0.95


def test_a_growing_map_keeps_its_layout(caplog: pytest.LogCaptureFixture) -> None:
    ids, vectors, groups = papers(90)
    first = layout(ids[:80], vectors[:80], {})
    before = {name: (int(x), int(y)) for name, (x, y) in zip(ids, first, strict=False)}
    second = layout(ids, vectors, before)
    for group in range(GROUPS):
        moved = np.linalg.norm(first[groups[:80] == group].mean(axis=0) - second[groups == group].mean(axis=0))
        assert moved < SIDE / 5
    assert nearest_are_of_the_group(second, groups) > 0.95
    assert [row for row in caplog.records if row.levelno >= logging.WARNING] == [], "a map that grows is no warning"


def test_twelve_papers_are_enough_for_a_map() -> None:
    ids, vectors, _ = papers(12)
    assert len(np.unique(layout(ids, vectors, {}), axis=0)) == 12
