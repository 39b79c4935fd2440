"""How rare a term is in papers, by a table that is the same in every process and for every paper. Pure."""

import math
from functools import lru_cache
from importlib import resources
from typing import Final

from shared.embedding.vectors import stem_id

PAPERS: Final = 64_191
"""How many papers the stems of `stem_counts.txt` were counted in."""
FEWER: Final = 2
"""The number of papers that a stem counts as being in that the table leaves out."""


@lru_cache(maxsize=1)
def _counts() -> dict[int, int]:
    """Return the number of papers that have a term, by the id of the term."""
    lines = resources.files(__package__).joinpath("stem_counts.txt").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {stem_id(stem): int(count) for count, stems in rows for stem in stems.split(" ")}


def rarity(term: int) -> float:
    """Return ln(1 + (N - n + 0.5) / (n + 0.5)), n of N papers having the term: the rarity of BM25.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
    """
    count = _counts().get(term, FEWER)
    return math.log(1 + (PAPERS - count + 0.5) / (count + 0.5))
