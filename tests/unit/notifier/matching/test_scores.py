"""The score of a paper: its meaning, and the words of the sentence that it has."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.matching.match import (
    FLOOR,
    KNEE,
    USUAL_OF_ABSTRACT,
    USUAL_OF_LIKED,
    USUAL_OF_SENTENCE,
    WORDS_WEIGHT,
    Wanted,
    least_cosine,
    score_of,
    share,
    subject,
    wanted,
)
from services.notifier.matching.rarity import rarity
from services.notifier.matching.wanted_words import MOST_OF_LIKED, MOST_OF_SENTENCE, wanted_words
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import ABSTRACT_THRESHOLD, DEFAULT_THRESHOLD
from shared.embedding.embedder import text_of
from shared.embedding.vectors import MAX_CHARACTERS, bm25_paper, stem_id
from tests.unit.notifier.examples import NEW, paper

TEXTS = st.lists(st.sampled_from(("graph", "molecule", "crane", "robots", "naïve", "the", "C++")), max_size=5).map(
    " ".join
)
PRESENT = st.frozensets(st.sampled_from([stem_id(stem) for stem in ("graph", "molecul", "crane", "robot")]))
SHARES = st.floats(0, 1)


def asked(sentence: str | None = None, liked: tuple[str, ...] = ()) -> Wanted:
    like = tuple(f"arXiv:2401.0000{n}" for n, _ in enumerate(liked))
    fields: dict[str, Any] = {"query": sentence, "like": like} if sentence or liked else {"categories": ["cs.RO"]}
    return wanted(Criteria(**fields), wanted_words(sentence, liked))


def test_rare_words_weigh_more_than_those_of_every_paper() -> None:
    assert rarity(stem_id("model")) < rarity(stem_id("graph")) < rarity(stem_id("origami"))
    assert rarity(stem_id("nowhereatall")) >= rarity(stem_id("zkp")), "what the table lacks is rarer than what it has"
    words = wanted_words("a model of origami")
    assert list(words) == ["origami", "model"]
    assert sum(words.values()) == pytest.approx(1)


def test_a_paper_that_uses_the_words_scores_higher_and_one_that_lacks_them_lower() -> None:
    wants = asked("robots that fold cranes")
    has = subject(paper(), [NEW]).terms
    assert share(wants, has) == pytest.approx(1)
    assert score_of(wants, has, 0.3) == pytest.approx(0.3 + WORDS_WEIGHT * (1 - USUAL_OF_SENTENCE))
    assert score_of(wants, frozenset(), 0.3) == pytest.approx(0.3 - WORDS_WEIGHT * USUAL_OF_SENTENCE)
    assert score_of(wants, has, FLOOR - 0.01) < FLOOR, "the words of a paper of another field count nothing"


@pytest.mark.parametrize(
    ("wants", "usual", "threshold"),
    (
        (asked("robots that fold"), USUAL_OF_SENTENCE, DEFAULT_THRESHOLD),
        (asked("robots that fold cranes of paper " * 20), USUAL_OF_ABSTRACT, ABSTRACT_THRESHOLD),
        (asked(liked=("robots that fold",)), USUAL_OF_LIKED, DEFAULT_THRESHOLD),
        (asked("robots", ("cranes",)), (USUAL_OF_SENTENCE + USUAL_OF_LIKED) / 2, DEFAULT_THRESHOLD),
    ),
)
def test_a_paper_with_the_usual_share_of_words_scores_its_cosine(wants: Wanted, usual: float, threshold: float) -> None:
    assert wants.usual == pytest.approx(usual)
    part = Wanted({1: usual, 2: 1 - usual}, usual)
    assert score_of(part, {1}, threshold) == threshold


@pytest.mark.parametrize("sentence", (None, "of the and", "?"))
def test_without_words_the_score_is_the_cosine(sentence: str | None) -> None:
    assert [score_of(asked(sentence), {stem_id("graph")}, cosine) for cosine in (-0.2, 0.1, 0.5, 0.9, 1.0)] == [
        -0.2, 0.1, 0.5, 0.9, 1.0,
    ]  # fmt: skip


def test_words_are_compared_as_in_a_search() -> None:
    """Forms of a word are one, letters compare without accents, and each word counts once."""
    assert len(asked("Cranes crane CRANE's").terms) == 1
    assert asked("naive").terms == asked("Naïve").terms


@given(st.text(), st.text(), st.integers(0, 2))
def test_the_words_of_a_paper_are_those_that_are_indexed(title: str, abstract: str, long: int) -> None:
    """INVARIANT: a preview, which reads the words of the index, and an alert score alike; also at the end of a text."""
    abstract += " filled" * (long * MAX_CHARACTERS // 14) + " C++ crane"
    text = text_of(title, abstract)[:MAX_CHARACTERS]
    assert subject(paper(title=title, abstract=abstract), [NEW]).terms == frozenset(bm25_paper(text).indices)


def test_liked_papers_give_their_heaviest_words_and_a_sentence_half() -> None:
    liked = ("folding folding origami by robots in this paper", "origami of cranes")
    words = wanted_words(None, liked)
    assert next(iter(words)) == "origami"
    both = wanted_words("galaxies", liked)
    assert both["galaxies"] == pytest.approx(0.5)
    assert {word: weight / 2 for word, weight in words.items()} == pytest.approx(
        {word: weight for word, weight in both.items() if word != "galaxies"}
    )


def test_the_words_that_are_compared_are_bounded() -> None:
    many = " ".join(f"word{number}" for number in range(500))
    assert len(wanted_words(many)) == MOST_OF_SENTENCE
    assert len(wanted_words(None, [many] * 3)) == MOST_OF_LIKED


def test_a_subscription_of_an_earlier_version_has_the_words_of_its_sentence() -> None:
    one = Criteria(query="folding cranes")
    assert wanted(one, None) == wanted(one, wanted_words("folding cranes"))
    assert wanted(Criteria(like=("arXiv:2401.00001",)), None).terms == {}


@given(TEXTS, PRESENT, st.floats(-1, 1), st.floats(-1, 1))
def test_scores_rise_with_the_cosine_and_end_at_one(
    sentence: str, present: frozenset[int], one: float, two: float
) -> None:
    wants = asked(sentence or None)
    low, high = sorted((score_of(wants, present, one), score_of(wants, present, two)))
    assert (low, high) == (score_of(wants, present, min(one, two)), score_of(wants, present, max(one, two)))
    assert high <= 1


@given(TEXTS, PRESENT, st.floats(-1, 1), st.floats(0, 1), SHARES)
def test_nothing_that_reaches_a_score_is_below_the_least_cosine(
    sentence: str, present: frozenset[int], cosine: float, threshold: float, most: float
) -> None:
    """INVARIANT: the bounds by which matches and previews preselect lose nothing."""
    wants = asked(sentence or None)
    if score_of(wants, present, cosine) >= threshold and share(wants, present) <= most:
        assert cosine >= least_cosine(wants, threshold, most) - 2e-6


def test_the_score_of_the_best_paper_is_one() -> None:
    wants = asked("folding cranes")
    assert score_of(wants, frozenset(wants.terms), 1.0) == 1.0
    assert score_of(wants, frozenset(wants.terms), 0.9) < 1.0
    assert score_of(wants, frozenset(), 0.9) > KNEE
