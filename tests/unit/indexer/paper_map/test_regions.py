"""The names of the regions of the map."""

import numpy as np
from numpy.typing import NDArray

from services.indexer.paper_map.regions import LEVELS, MAX_LENGTH, regions

WORDS = ("protein folding", "robot arms", "galaxies")
CENTERS = ((10_000, 10_000), (50_000, 12_000), (30_000, 55_000))


def islands(size: int) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """Return three groups of papers far from each other; every second one is about the words of its group."""
    generator = np.random.default_rng(0)
    places = np.concatenate([generator.normal(center, 1_500, (size, 2)) for center in CENTERS]).astype(np.int64)
    words = [WORDS[group] for group in range(3) for _ in range(size)]
    keywords: list[tuple[str, ...]] = [("learning", word) if n % 2 else ("learning",) for n, word in enumerate(words)]
    return places, keywords


def test_a_region_is_named_by_what_is_frequent_in_it_and_rare_elsewhere() -> None:
    named = regions(*islands(40))
    assert {one.name for one in named[:3]} == set(WORDS)
    for one in named[:3]:
        center = CENTERS[WORDS.index(one.name)]
        assert np.hypot(one.x - center[0], one.y - center[1]) < 2_000
        assert one.papers <= 20


def test_no_name_occurs_twice_and_smaller_regions_follow() -> None:
    generator = np.random.default_rng(1)
    places = generator.integers(0, 65_535, (LEVELS[1] * 20, 2))
    keywords = [(f"column {x // 4_000}", f"row {y // 4_000}") for x, y in places.tolist()]
    named = regions(places, keywords)
    assert len({one.name for one in named}) == len(named) > LEVELS[0]
    assert named == regions(places, keywords), "the same map has the same names"


def test_papers_without_keywords_or_with_long_ones_have_no_name() -> None:
    places, _ = islands(20)
    assert regions(places, [()] * len(places)) == []
    assert regions(places, [("x" * (MAX_LENGTH + 1),)] * len(places)) == []


def test_papers_at_one_place_are_one_region() -> None:
    assert [one.name for one in regions(np.zeros((24, 2), dtype=np.int64), [("same",)] * 24)] in ([], ["same"])
