"""The claim of a sentence, without the words that surround it in most abstracts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.text.gist import claim
from tests.support import cpu_time


@pytest.mark.parametrize(
    ("sentence", "said"),
    (
        ("We propose a crane that folds itself.", "A crane that folds itself."),
        ("To address this issue, we propose a novel crane that folds itself.", "A crane that folds itself."),
        ("In this paper, we introduce a new approach to fold cranes.", "An approach to fold cranes."),
        ("To this end, this work presents a novel unsupervised way to fold.", "An unsupervised way to fold."),
        ("Here we introduce FoldNet, a novel network that folds cranes.", "FoldNet, a network that folds cranes."),
        ("We design and evaluate a robot arm that folds.", "A robot arm that folds."),
        ("Inspired by gulls, cranes, and herons, we build a robot that flies.", "A robot that flies."),
        ("Using 91 cranes, we find that wide paper tears first.", "Wide paper tears first."),
        ("Our results are old; we show, for small cranes, that paper tears.",
         "Our results are old; we show, for small cranes, that paper tears."),
        ("This paper shows that cranes of thin paper tear.", "Cranes of thin paper tear."),
        ("We prove, without any assumption, that all cranes can be folded.", "All cranes can be folded."),
        ("We investigate the folds of paper cranes.", "Investigates the folds of paper cranes."),
        ("We study how cranes fold and show why they tear.", "Studies how cranes fold and shows why they tear."),
        ("We aim to identify and characterize folded cranes.", "Aims to identify and characterize folded cranes."),
        ("We apply an old method to paper cranes.", "Applies an old method to paper cranes."),
        ("We focus on cranes, an important class of birds.", "Focuses on cranes, an important class of birds."),
        ("This study examines how arms fold things.", "Examines how arms fold things."),
        ("The aim of this study is to measure how cranes fold.", "Measures how cranes fold."),
        ("(ii) We construct a set of forty folded cranes.", "A set of forty folded cranes."),
        ("In this work, a robot that folds is described.", "A robot that folds is described."),
        ("A robot that folds cranes is described in this paper.", "A robot that folds cranes is described."),
        ("We investigated the folds of paper cranes.", "Investigated the folds of paper cranes."),
        ("We propose to fold cranes by machine.", "Proposes to fold cranes by machine."),
        ("We introduce pCDFSL, which folds cranes from few videos.",
         "Introduces pCDFSL, which folds cranes from few videos."),
        ("We have no paper left to fold cranes.", "We have no paper left to fold cranes."),
        ("Cranes fold their wings by night.", "Cranes fold their wings by night."),
        ("We fold them.", "We fold them."),
        ("", ""),
    ),
)  # fmt: skip
def test_a_claim_stands_without_its_frame(sentence: str, said: str) -> None:
    assert claim(sentence) == said


@given(st.text(max_size=400))
def test_any_text_has_a_claim(text: str) -> None:
    assert claim(text) or not text


def test_a_long_sentence_takes_little_time() -> None:
    for part in ("in this paper, ", "we ", "to this, ", "a novel new and ", "show that, ", "only "):
        assert cpu_time(lambda part=part: claim(part * 100)) < 0.05  # type: ignore[misc]
