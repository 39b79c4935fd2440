"""Vectors: BM25 as sparse ones, and dense ones as text, as events carry them. Pure.

The weight of a term in a text is computed here, its rarity by Qdrant (`modifier=idf`). Sparse vectors of plain English
are those of fastembed's `Bm25` (model "Qdrant/bm25", a test holds them equal), at a quarter of its time: a paper
repeats words that other papers had, so stemming and hashing a word once is enough.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import mmh3
import numpy as np
from numpy.typing import NDArray
from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped] # the package carries no types

from shared.embedding.stopwords import STOPWORDS
from shared.text.words import typed_words, words

K = 1.2  # how fast more of the same term stops counting
B = 0.75  # how much a long text is held against itself
# Mean number of terms (stopwords left out) of title + abstract over 5,000 arXiv papers.
AVERAGE_LENGTH = 140.0
LONGEST_TERM = 40  # longer runs of letters are identifiers, URLs or noise
_stemmer = SnowballStemmer("english")


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids, each once, and their weights, in the same order."""

    indices: list[int]
    values: list[float]


def bm25_paper(text: str) -> SparseVector:
    """Weigh the terms of a text: f·(k+1) / (f + k·(1 - b + b·length/average)), f being a term's count.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, without its idf.
    """
    counts = Counter(_terms(words(text)))
    length_norm = K * (1 - B + B * counts.total() / AVERAGE_LENGTH)
    return SparseVector(list(counts), [count * (K + 1) / (count + length_norm) for count in counts.values()])


def bm25_query(text: str) -> SparseVector:
    """Weigh every distinct term of a query 1."""
    indices = list(dict.fromkeys(_terms(typed_words(text))))
    return SparseVector(indices, [1.0] * len(indices))


def _terms(words: Iterable[str]) -> list[int]:
    return [term for word in words if (term := _term(word)) is not None]


@lru_cache(maxsize=100_000)
def _term(word: str) -> int | None:
    """Return the id of a word's stem; None for a word that is not indexed."""
    if word in STOPWORDS or len(word) > LONGEST_TERM:
        return None
    stem = _stemmer.stem_word(word)
    return abs(mmh3.hash(stem)) if stem else None


def pack_vector(vector: NDArray[np.float32] | Sequence[float]) -> str:
    """Write a vector, shape (size,), as base64 of little-endian float32."""
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode("ascii")


def unpack_vector(text: str) -> NDArray[np.float32]:
    """Read what `pack_vector` wrote, shape (size,)."""
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def sketch(vector: NDArray[np.float32] | Sequence[float]) -> str:
    """Write the signs of a vector, one bit each, as base64.

    The share of bits in which two differ estimates their angle over π (Charikar, 2002): enough to tell near-duplicates.
    """
    return base64.b64encode(np.packbits(np.asarray(vector) > 0).tobytes()).decode("ascii")
