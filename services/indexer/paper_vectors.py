"""The vectors of a paper in the index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.embedding.embedder import Embedder, SparseVector, text_of
from shared.papers.paper import Paper

Vector = NDArray[np.float32]
"""A dense vector of unit length, shape (size,)."""


@dataclass(frozen=True, slots=True)
class PaperVectors:
    """The dense vectors of title and abstract together and of the title alone, and the sparse one of both."""

    dense: Vector
    title: Vector
    sparse: SparseVector


async def embed(embedder: Embedder, papers: Sequence[Paper]) -> list[PaperVectors]:
    """Return the vectors of papers, in their order."""
    if not papers:
        return []
    texts = [text_of(paper.title, paper.abstract) for paper in papers]
    dense, titles = np.split(await embedder.papers([*texts, *(paper.title for paper in papers)]), 2)
    sparse = await embedder.sparse_papers(texts)
    return [PaperVectors(*row) for row in zip(dense, titles, sparse, strict=True)]
