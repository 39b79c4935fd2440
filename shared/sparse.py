"""BM25 as sparse vectors: the weight of a term in a text is computed here, its rarity by Qdrant (`modifier=idf`).

The vectors are those of fastembed's `Bm25` (model "Qdrant/bm25", a test holds them equal), at a quarter of its time:
a paper repeats words that other papers had, so stemming and hashing a word once is enough.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import mmh3
from py_rust_stemmers import SnowballStemmer

K = 1.2  # how fast more of the same term stops counting
B = 0.75  # how much a long text is held against itself
# Mean number of terms (stopwords left out) of title + abstract over 5,000 arXiv papers.
AVERAGE_LENGTH = 140.0
LONGEST_TERM = 40  # longer runs of letters are identifiers, URLs or noise

# English words that carry grammar and no topic, with what tokenizing leaves of contractions (don't: "don", "t").
STOPWORDS = frozenset(
    """
    a an the this that these those such same other another any some each every either neither both all few more most
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves one ones who whom whose which what
    am is are was were be been being have has had having do does did doing done can could may might must shall should
    will would ought cannot
    and or but nor so yet if then else than as because while although though unless until since whether
    about above across after against along among around at before behind below beneath beside between beyond by down
    during for from in inside into of off on onto out outside over per through throughout to toward towards under
    up upon via with within without
    not no only own too very just also again further once here there when where why how now thus hence therefore however
    moreover furthermore
    s t d ll m re ve don doesn didn isn aren wasn weren hasn haven hadn won wouldn shouldn couldn
    """.split()
)

_WORD = re.compile(r"\w+")
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
    counts = Counter(_terms(text))
    length_norm = K * (1 - B + B * counts.total() / AVERAGE_LENGTH)
    return SparseVector(list(counts), [count * (K + 1) / (count + length_norm) for count in counts.values()])


def bm25_query(text: str) -> SparseVector:
    """Weigh every distinct term of a query 1."""
    indices = list(dict.fromkeys(_terms(text)))
    return SparseVector(indices, [1.0] * len(indices))


def _terms(text: str) -> list[int]:
    return [term for word in _WORD.findall(text.lower()) if (term := _term(word)) is not None]


@lru_cache(maxsize=100_000)
def _term(word: str) -> int | None:
    """Return the id of a word's stem, or None for a word that is not indexed."""
    if word == "_" or word in STOPWORDS or len(word) > LONGEST_TERM:
        return None
    stem = _stemmer.stem_word(word)
    return abs(mmh3.hash(stem)) if stem else None
