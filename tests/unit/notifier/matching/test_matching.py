"""Whether a paper matches a subscription: examples, and a comparison with a plain reference."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.matching.match import match, subject
from services.notifier.subscription.model import Subscription
from shared.papers.paper import Author, Change, ChangeKind, Paper, Signals, SourceRef
from tests.unit.notifier.examples import NEW, paper, subscription

REVISED = Change(kind=ChangeKind.REVISED, version="2")


@pytest.mark.parametrize(
    ("wants", "fits"),
    (
        ({"must": ["paper cranes", "ROBOT ARM"]}, True),
        ({"must": ["paper crane"]}, False),  # whole words
        ({"must": ["cranes a robot"]}, False),  # not from the title into the abstract
        ({"must": ["naively"]}, True),
        ({"any": ["planes", "cranes"]}, True),
        ({"any": ["planes"]}, False),
        ({"not": ["planes"]}, True),
        ({"not": ["robot arm"]}, False),
        ({"authors": ["a. origami"]}, True),
        ({"authors": ["Origami, Ada"]}, True),
        ({"authors": ["Fold"]}, True),
        ({"authors": ["Ada Fold"]}, False),
        ({"categories": ["cs.CL", "cs.AI"]}, True),
        ({"categories": ["cs"]}, False),
        ({"sources": ["arxiv"]}, True),
        ({"sources": ["biorxiv"]}, False),
        ({"min_signals": {"upvotes": 3}}, True),
        ({"min_signals": {"upvotes": 4}}, False),
        ({"min_signals": {"stars": 0}}, False),  # unknown is not zero
        ({"papers": ["2603.00001v2"]}, True),
        ({"papers": ["https://doi.org/10.1234/CRANES"]}, True),
        ({"papers": ["arXiv:2603.00002"]}, False),
        ({"mute_authors": ["Origami, A."]}, False),
        ({"mute_authors": ["Ada Fold"]}, True),
        ({"query": "cranes", "sensitivity": 0, "unlike": ["10.1234/cranes"]}, False),
        ({"query": "cranes", "sensitivity": 0, "unlike": ["10.1234/planes"]}, True),
        ({"changes": ["revised"]}, False),
        ({"changes": ["revised", "new"]}, True),
    ),
)
def test_each_condition_matches_alone(wants: dict[str, Any], fits: bool) -> None:
    assert bool(match(subscription(**wants), subject(paper(), [NEW]), 0.0)) is fits


def test_the_threshold_is_compared_as_the_score_is_reported() -> None:
    at = subscription(query="cranes", sensitivity=0.5)
    assert match(at, subject(paper(), [NEW]), 0.4999996)
    assert not match(at, subject(paper(), [NEW]), 0.4999994)
    found = match(at, subject(paper(), [NEW]), 0.4999996)
    assert found
    assert found.score >= found.threshold


@pytest.mark.parametrize(
    ("moved", "received"),
    ((("citations",), True), (("upvotes", "citations"), True), (("upvotes",), False), ((), False)),
)
def test_a_change_of_signals_matches_the_wanted_counters_only(moved: tuple[str, ...], received: bool) -> None:
    """A change that does not name its counters does not match, as it may not be a wanted one."""
    wants = subscription(changes=["signals"], counters=["citations", "stars"])
    assert bool(match(wants, subject(paper(), [Change(kind=ChangeKind.SIGNALS, fields=moved)]), 0.0)) is received


def test_a_match_names_the_first_change_that_is_wanted() -> None:
    found = match(subscription(changes=["signals", "revised"]), subject(paper(), [NEW, REVISED]), 0.0)
    assert found
    assert found.change == REVISED


@pytest.mark.parametrize(("wanted", "told"), [("withdrawn", True), ("restored", True), ("revised", False)])
def test_who_is_told_of_withdrawals_is_told_that_one_was_taken_back(wanted: str, *, told: bool) -> None:
    restored = Change(kind=ChangeKind.RESTORED, version="v3")
    found = match(subscription(changes=[wanted]), subject(paper(), [restored]), 0.0)
    assert (found is not None) is told


def test_a_match_lists_its_reasons() -> None:
    wants = subscription(query="cranes", must=["robot arm"], authors=["Bo Fold"], min_signals={"upvotes": 2})
    found = match(wants, subject(paper(), [NEW]), 0.62)
    assert found
    assert found.reasons == (
        "change: new",
        "about “cranes” (62%)",
        "mentions “robot arm”",
        "in cs.RO",
        "by Bo Fold",
        "3 upvotes (at least 2)",
    )


def test_a_long_interest_is_cut_in_its_reason_and_one_without_words_names_liked_papers() -> None:
    long = match(subscription(query="robots that fold " * 10), subject(paper(), [NEW]), 0.5)
    liked = match(subscription(like=["arXiv:2603.00002"]), subject(paper(), [NEW]), 0.5)
    assert long
    assert liked
    assert long.reasons[1] == f"about “{('robots that fold ' * 10)[:76].rpartition(' ')[0]}…” (50%)"
    assert liked.reasons[1] == "similar to papers you liked (50%)"


@pytest.mark.parametrize(
    ("version", "reason"), (("v2", "change: new (v2)"), ("b2a33c75e5368710e623a1a0", "change: new"))
)
def test_a_reason_names_a_version_only_if_readers_know_it(version: str, reason: str) -> None:
    found = match(subscription(), subject(paper(), [Change(kind=ChangeKind.NEW, version=version)]), 0.0)
    assert found
    assert found.reasons[0] == reason


WORDS = ("graph", "Graphs", "café", "cafe", "deep", "re-read", "x")
LABELS = st.lists(st.sampled_from(("cs.CL", "cs.RO", "math.CO")), max_size=2)
PHRASES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join), max_size=2)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(", ".join)
COUNTS = st.none() | st.integers(0, 3)
PAPERS = st.builds(
    lambda title, abstract, categories, names, upvotes, stars: Paper(
        id="p",
        title=title,
        abstract=abstract,
        categories=tuple(categories),
        authors=tuple(Author(name=name) for name in names),
        sources=(SourceRef(source="arxiv", id="p"),),
        signals=Signals(upvotes=upvotes, stars=stars),
    ),
    TEXTS,
    TEXTS,
    LABELS,
    st.lists(st.sampled_from(("Ada Lee", "A. Lee", "Bo Lee")), max_size=2),
    COUNTS,
    COUNTS,
)
WANTS = st.fixed_dictionaries(
    {
        "must": PHRASES,
        "any": PHRASES,
        "not": PHRASES,
        "categories": LABELS,
        "authors": st.lists(st.sampled_from(("Ada Lee", "a lee", "LEE")), max_size=1),
        "sources": st.sampled_from(([], ["arxiv"], ["biorxiv"])),
        "mute_authors": st.sampled_from(([], ["Ada Lee"], ["a lee"])),
        "papers": st.sampled_from(([], ["p"], ["q"], ["q", "p"])),
        "min_signals": st.none() | st.fixed_dictionaries({"upvotes": COUNTS, "stars": COUNTS}),
        "query": st.just("anything"),
        "sensitivity": st.integers(0, 10).map(lambda n: n / 10),
        "changes": st.sampled_from((["new"], ["revised"], ["new", "signals"])),
    }
)
AUTHOR_FINDS = {
    "Ada Lee": {"Ada Lee", "A. Lee"},
    "a lee": {"Ada Lee", "A. Lee"},
    "LEE": {"Ada Lee", "A. Lee", "Bo Lee"},
}


def tokens(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"\w+", plain.casefold())


def has(phrase: str, of: Paper) -> bool:
    wanted = tokens(phrase)
    return any(
        words[start : start + len(wanted)] == wanted
        for words in (tokens(of.title), tokens(of.abstract))
        for start in range(len(words))
    )


def fits_plainly(wants: dict[str, Any], of: Paper, score: float) -> bool:
    names = {author.name for author in of.authors}
    least = {name: count for name, count in (wants["min_signals"] or {}).items() if count is not None}
    known = {name: -1 if count is None else count for name, count in of.signals}
    return (
        score >= wants["sensitivity"]
        and "new" in wants["changes"]
        and all(has(phrase, of) for phrase in wants["must"])
        and (not wants["any"] or any(has(phrase, of) for phrase in wants["any"]))
        and not any(has(phrase, of) for phrase in wants["not"])
        and (not wants["categories"] or bool(set(wants["categories"]) & set(of.categories)))
        and (not wants["authors"] or any(AUTHOR_FINDS[name] & names for name in wants["authors"]))
        and not any(AUTHOR_FINDS[name] & names for name in wants["mute_authors"])
        and wants["papers"] != ["q"]
        and wants["sources"] in ([], ["arxiv"])
        and all(known[name] >= count for name, count in least.items())
    )


@given(WANTS, PAPERS, st.integers(0, 10).map(lambda n: n / 10))
def test_matching_agrees_with_a_plain_reference(wants: dict[str, Any], of: Paper, score: float) -> None:
    one: Subscription = subscription(**wants)
    assert bool(match(one, subject(of, [NEW]), score)) is fits_plainly(wants, of, score)
