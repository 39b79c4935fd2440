from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.embedding.acronyms import MOST, acronyms
from shared.embedding.vectors import bm25_paper, bm25_query


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("A graph neural network (GNN) learns.", {"GNN": ("graph", "neural", "network")}),
        ("Graph Neural Networks (GNNs) learn.", {"GNN": ("Graph", "Neural", "Networks")}),
        (
            "large language models (LLMs), and retrieval-augmented generation (RAG)",
            {"LLM": ("large", "language", "models"), "RAG": ("retrieval", "augmented", "generation")},
        ),
        ("A network (GNN) learns.", {}),
        ("in the second part (II)", {}),
        ("a result (Theorem) of ours (see A)", {}),
        ("(GNN) first", {}),
        ("", {}),
    ],
)
def test_the_words_before_brackets_are_the_long_form(text: str, explained: Mapping[str, tuple[str, ...]]) -> None:
    assert acronyms(text) == explained


def test_each_form_counts_for_the_other_but_where_they_are_explained() -> None:
    """An acronym that is used three times, once where it is explained, makes its words occur three times."""
    given_text = "A graph neural network (GNN). The GNN is deep. A GNN learns."
    weights = dict(zip(*_parts(given_text), strict=True))
    network, short = (bm25_query(word).indices[0] for word in ("network", "gnn"))
    assert weights[network] == pytest.approx(weights[short])
    plain = dict(zip(*_parts("A graph neural network. The net is deep. Nets learn."), strict=True))
    assert weights[network] > 1.1 * plain[network]


def test_singular_and_plural_are_uses_but_longer_words_are_not() -> None:
    """The words "are" and "art" do not use AR."""
    others = "Augmented reality (AR): there are arts of arguing."
    assert _weight(others, "reality") == pytest.approx(_weight(others, "argue"))
    plural = "Two agile robots (ARs). One agile robot learns. An AR learns."
    singular = "One agile robot (AR). Two agile robots learn. The ARs learn."
    for text in (plural, singular):
        assert _weight(text, "ar") == pytest.approx(_weight(text, "robot"))


def test_other_texts_have_the_weights_that_they_had() -> None:
    """Brackets and capitals alone change nothing."""
    assert bm25_paper("Deep nets (Section II) learn (DNA)") == bm25_paper("Deep nets Section II learn DNA")


def test_a_text_has_no_more_than_the_most_acronyms() -> None:
    many = " ".join(f"{a}aa {b}bb ({a.upper()}{b.upper()})" for a in "abcdefgh" for b in "klmnop")
    assert len(acronyms(many)) == MOST


@given(st.text(alphabet="abAB() s-", max_size=200))
def test_any_text_has_a_vector_of_its_own_words(text: str) -> None:
    assert set(bm25_paper(text).indices) == set(bm25_query(text).indices)


def _parts(text: str) -> tuple[list[int], list[float]]:
    vector = bm25_paper(text)
    return vector.indices, vector.values


def _weight(text: str, word: str) -> float:
    return dict(zip(*_parts(text), strict=True))[bm25_query(word).indices[0]]
