"""The vectors of a paper in the index."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.embedding.embedder import Embedder, SparseVector, text_of
from shared.text.sentence_ends import sentences

Vector = NDArray[np.float32]
"""A dense vector of unit length, shape (size,)."""
ENDINGS: Final = 2
"""Sentences at the end of an abstract, which mostly say what was found."""
_ELSEWHERE: Final = ("://", "github", "www.")
"""What a sentence contains that says where something is, and nothing about it."""
LONGEST: Final = 500
"""Characters of a sentence; what is longer is a text whose sentences cannot be told apart."""
Text = tuple[str, str]
"""A title and an abstract."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The vectors of a title, and of the last sentences of an abstract, shape (at most `ENDINGS`, size)."""

    title: Vector
    endings: Vector


@dataclass(frozen=True, slots=True)
class PaperVectors:
    """The dense vector of title and abstract together, the sparse one of both, and those of parts."""

    dense: Vector
    sparse: SparseVector
    parts: Parts


def endings(abstract: str) -> list[str]:
    """Return the last sentences of an abstract that say something of its subject; none of one that has no more."""
    short = [one for one in sentences(abstract) if len(one) <= LONGEST]
    telling = [one for one in short if not any(sign in one.lower() for sign in _ELSEWHERE)]
    return telling[-ENDINGS:] if len(telling) > ENDINGS else []


async def embed(embedder: Embedder, papers: Sequence[Text], *, with_endings: bool = True) -> list[PaperVectors]:
    """Return the vectors of papers, in their order."""
    if not papers:
        return []
    texts = [text_of(*paper) for paper in papers]
    dense = await embedder.papers(texts)
    parts = await embed_parts(embedder, papers, with_endings=with_endings)
    return [PaperVectors(*row) for row in zip(dense, await embedder.sparse_papers(texts), parts, strict=True)]


async def embed_parts(embedder: Embedder, papers: Sequence[Text], *, with_endings: bool) -> list[Parts]:
    """Return the vectors of the parts of papers, of which there is at least one, in their order."""
    groups = [[title, *(endings(abstract) if with_endings else ())] for title, abstract in papers]
    vectors = await embedder.papers(list(chain.from_iterable(groups)))
    ends = np.cumsum([len(group) for group in groups])
    return [Parts(row[0], row[1:]) for row in np.split(vectors, ends[:-1])]
