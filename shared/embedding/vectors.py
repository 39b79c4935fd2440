"""Words of texts and vectors: BM25 as sparse ones, and dense ones as text, as events carry them. Pure.

The weight of a term in a text is computed here, its rarity by Qdrant (`modifier=idf`). Sparse vectors of plain English
are those of fastembed's `Bm25` (model "Qdrant/bm25", a test holds them equal), at a quarter of its time: a paper
repeats words that other papers had, so stemming and hashing a word once is enough.

Its words are those of phrases, subscriptions and highlights as well: one analysis for all. Letters compare as in
`letters`. Indices belong to their symbol, so that `MoS_2`, `MoS₂` and `MoS2` are one word; names of languages such as
`C++`, `C#` and `.NET` and pairs such as `R&D` are words; Chinese, Japanese and Korean texts, which have no spaces
between words, are pairs of neighbouring characters. A change here needs a higher `ANALYSIS`.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import mmh3
import numpy as np
from numpy.typing import NDArray
from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped] # the package carries no types

from shared.embedding.acronyms import acronyms
from shared.embedding.stopwords import STOPWORDS
from shared.text.letters import fold_letters, fold_with_places

K = 1.2  # how fast more of the same term stops counting
B = 0.75  # how much a long text is held against itself
# Mean number of terms (stopwords left out) of title + abstract over 5,000 arXiv papers.
AVERAGE_LENGTH = 140.0
MAX_CHARACTERS: Final = 32_768
"""What follows in a text is not indexed: models read 256 to 8,192 tokens, and tokenizing more is only time."""
LONGEST_TERM = 40  # longer runs of letters are identifiers, URLs or noise
_stemmer = SnowballStemmer("english")
ANALYSIS: Final = 4
"""The version of the analysis of texts and names, which the index states on each point; 3 began vectors of titles."""
Span = tuple[str, int, int]
"""A word and its place in the text: first character, and the one after the last."""
_EASTERN: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PLAIN: Final = re.compile(r"[^\W_]+")
_SIGNS: Final = re.compile(r"[+#&_^]|\.net")
_SIGNED: Final = re.compile(
    r"[a-z]{1,8}\+\+(?!\+)|[a-z]#(?!\w)|\.net(?!\w)|[a-z]{1,2}&[a-z]{1,2}(?!\w)"
    r"|[^\W_]++(?:\$?[_^]\{?[^\W_]++\}?\$?[^\W_]*+)*+"
)
_INDEX: Final = re.compile(r"[_^{}$]")
_RUNS: Final = re.compile(f"[{_EASTERN}]+|[^{_EASTERN}]+")
_MARKUP: Final = re.compile(r"\\[a-z]{1,12}(?![a-z])|</?su[bp]>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids, each once, and their weights, in the same order."""

    indices: list[int]
    values: list[float]


def bm25_paper(text: str) -> SparseVector:
    """Weigh the terms of a text: f·(k+1) / (f + k·(1 - b + b·length/average)), f being a term's count.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, without its idf.
    An acronym that the text explains counts for its words too, and they for it.
    """
    found = words(text)
    counts = Counter(_terms(found))
    length_norm = K * (1 - B + B * counts.total() / AVERAGE_LENGTH)
    counts.update(_other_forms(text, found))
    return SparseVector(list(counts), [count * (K + 1) / (count + length_norm) for count in counts.values()])


def _other_forms(text: str, found: Sequence[str]) -> Iterator[int]:
    """Yield the terms of the other form for each use of an acronym, or of its words, beside their explanation."""
    explained = acronyms(text) if "(" in text else {}
    joined = f" {'  '.join(found)} " if explained else ""  # each word between its own spaces
    for short, long in explained.items():
        forms = [words(form) for form in (short, " ".join(long))]
        for form, other in (forms, reversed(forms)):
            one = "  ".join(form).removesuffix("s")
            uses = joined.count(f" {one} ") + joined.count(f" {one}s ")
            yield from (uses - 1) * _terms(other)


def bm25_query(text: str) -> SparseVector:
    """Weigh every distinct term of a query 1."""
    indices = list(dict.fromkeys(_terms(typed_words(text))))
    return SparseVector(indices, [1.0] * len(indices))


def terms_by_id(found: Iterable[str]) -> dict[int, str]:
    """Return the ids of the terms of words, in their order, each with the first word that has it."""
    terms: dict[int, str] = {}
    for word in found:
        if (term := _term(word)) is not None:
            terms.setdefault(term, word)
    return terms


def stem_id(stem: str) -> int:
    """Return the id of a term by its stem."""
    return abs(mmh3.hash(stem))


def _terms(found: Iterable[str]) -> list[int]:
    return [term for word in found if (term := _term(word)) is not None]


@lru_cache(maxsize=100_000)
def _term(word: str) -> int | None:
    """Return the id of a word's stem; None for a word that is not indexed."""
    if word in STOPWORDS or len(word) > LONGEST_TERM:
        return None
    stem = _stemmer.stem_word(word)
    return stem_id(stem) if stem else None


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


def words(text: str) -> list[str]:
    """Return the words of a text in their order."""
    folded = text.lower() if text.isascii() else fold_letters(text)
    if not _SIGNS.search(folded):
        found = _PLAIN.findall(folded)
    else:
        found = [_INDEX.sub("", word) for word in _SIGNED.findall(folded)]
    return found if folded.isascii() else [part for word in found for part in _parts(word)]


@lru_cache(maxsize=65_536)
def typed_words(text: str) -> tuple[str, ...]:
    r"""Return the words of a query or a phrase, which may have markup: `CO<sub>2</sub>`, `\ce{CO2}`."""
    return tuple(words(_MARKUP.sub("", text) if "\\" in text or "<" in text else text))


def spans(text: str) -> Iterator[Span]:
    """Yield the words of a text with their places."""
    folded, places = fold_with_places(text)
    for match in _SIGNED.finditer(folded):
        word, first = _INDEX.sub("", match[0]), match.start()
        for part, start, end in _placed(word, first, first + len(match[0])):
            yield part, places[start], places[end - 1] + 1


def _placed(word: str, start: int, end: int) -> Iterator[Span]:
    parts = _parts(word)
    if parts == [word]:
        yield word, start, end
        return
    at = 0
    for part in parts:
        at = word.index(part, at)
        yield part, start + at, start + at + len(part)


def _parts(word: str) -> list[str]:
    """Return a word, or the pairs of characters where it has no words of its own."""
    if word.isascii():
        return [word]
    return [part for run in _RUNS.findall(word) for part in _pairs(run)]


def _pairs(run: str) -> list[str]:
    if len(run) < 3 or not re.match(f"[{_EASTERN}]", run):  # noqa: PLR2004  # one pair, or one character
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]
