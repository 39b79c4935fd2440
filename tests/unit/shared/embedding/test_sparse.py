"""BM25 sparse vectors: pure, offline, and the same as fastembed's."""

from pathlib import Path

import pytest
from fastembed import SparseTextEmbedding

from shared.embedding.stopwords import STOPWORDS
from shared.embedding.vectors import AVERAGE_LENGTH, SparseVector, bm25_paper, bm25_query

TEXTS = [
    "Attention Is All You Need\nThe dominant sequence transduction models are based on recurrent networks.",
    "Learning to learn: learners' learned learning",
    "Hyphens and quotes don't break e.g. x-rays (or 3.14)",
    "Квантовые вычисления",
    "a" * 41 + " " + "b" * 40,
    "",
    "the of and",
]


def as_dict(vector: SparseVector) -> dict[int, float]:
    assert len(set(vector.indices)) == len(vector.indices) == len(vector.values)
    return dict(zip(vector.indices, vector.values, strict=True))


@pytest.fixture(scope="module")
def fastembed_bm25(tmp_path_factory: pytest.TempPathFactory) -> SparseTextEmbedding:
    nowhere = str(tmp_path_factory.mktemp("bm25"))
    return SparseTextEmbedding(
        "Qdrant/bm25", nowhere, specific_model_path=nowhere, stopwords=set(STOPWORDS), avg_len=AVERAGE_LENGTH
    )


@pytest.mark.parametrize("text", TEXTS)
def test_vectors_are_those_of_fastembed(fastembed_bm25: SparseTextEmbedding, text: str) -> None:
    """INVARIANT: in plain English a collection written by fastembed's Bm25 and one written by us may be mixed."""
    paper = next(iter(fastembed_bm25.embed(text)))
    query = next(iter(fastembed_bm25.query_embed(text)))
    assert as_dict(bm25_paper(text)) == pytest.approx(paper.as_dict())
    assert as_dict(bm25_query(text)) == query.as_dict()


def test_a_query_finds_other_forms_of_a_word() -> None:
    paper = bm25_paper("Learned representations for retrieving documents")
    assert set(bm25_query("learning representation retrieval").indices) & set(paper.indices)
    assert set(bm25_query("LEARNING").indices) <= set(paper.indices)


def test_a_query_of_function_words_has_no_terms() -> None:
    assert bm25_query("what is the") == SparseVector([], [])


def test_repeating_a_term_counts_less_each_time() -> None:
    once, twice, thrice = (bm25_paper("graph " * n).values[0] for n in (1, 2, 3))
    assert once < twice < thrice
    assert twice - once > thrice - twice


def test_a_term_of_an_average_text_weighs_one() -> None:
    """By hand: f = 1 and length = average give (k+1) / (1+k) = 1."""
    words = " ".join(f"w{n}" for n in range(int(AVERAGE_LENGTH)))
    assert bm25_paper(words).values == pytest.approx([1.0] * int(AVERAGE_LENGTH))


def test_sparse_needs_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert bm25_paper("quantum error correction").indices
    assert not list(tmp_path.iterdir())
