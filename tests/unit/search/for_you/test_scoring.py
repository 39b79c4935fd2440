"""The order of recommended papers, and the reasons."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from services.search.for_you.scoring import Closeness, Rankings, arranged, closeness, freshness, reasons
from services.search.for_you.taste import Liked, Taste
from services.search.similar.likeness import TERMS

NOW = datetime(2026, 3, 10, tzinfo=UTC)
PROTEINS = Liked("p", "Folding proteins", "liked", ("protein folding", "diffusion models"))
GRAPHS = Liked("g", "Colouring graphs", "saved", ("graph colouring",))
BOTH = Taste((PROTEINS, GRAPHS))


def _paper(day: str = "2026-03-09", sketch: int = 0, **more: Any) -> dict[str, Any]:
    signs = b64encode(sketch.to_bytes(48, "big")).decode()
    trend = {"strength": more.pop("strength", 0.0)}
    return {"paper": more, "published_at": f"{day}T00:00:00Z", "sketch": signs, "trend": trend, "ids": []}


def test_a_paper_close_to_one_of_two_fields_precedes_one_between_them() -> None:
    found = Rankings(
        mean=[("between", 0.5), ("close", 0.48)], near=[[("close", 0.8), ("between", 0.4)], [("between", 0.4)]]
    )
    close = closeness(BOTH, found)
    assert list(close) == ["close", "between"]
    assert close["close"].liked is PROTEINS


def test_a_paper_near_to_one_that_was_turned_down_falls_behind() -> None:
    near = [[("same", 0.7), ("other", 0.69)], []]
    found = Rankings([("same", 0.5), ("other", 0.5)], near, away=[[("same", 0.9)]])
    assert list(closeness(Taste(BOTH.liked, away=("no",)), found)) == ["other", "same"]


def test_the_chosen_papers_are_never_recommended() -> None:
    found = Rankings([("p", 1.0), ("no", 0.9), ("x", 0.2)], [[("p", 1.0), ("g", 0.5)], []])
    assert list(closeness(Taste(BOTH.liked, away=("no",)), found)) == ["x"]


def test_a_paper_missing_in_a_ranking_counts_below_the_last_one_in_it() -> None:
    found = Rankings([("x", 0.5)], [[("x", 0.6), ("y", 0.5)], []])
    assert closeness(BOTH, found)["y"].score < closeness(BOTH, found)["x"].score


def test_recent_papers_precede_old_ones_of_the_same_closeness() -> None:
    close = {point: Closeness(0.5, PROTEINS, 0.5) for point in ("old", "new")}
    order = arranged(close, {"old": _paper("2026-01-01", 1), "new": _paper(sketch=2**200 - 1)}, NOW)
    assert [point for point, _ in order] == ["new", "old"]


def test_trending_papers_precede_others_of_the_same_closeness() -> None:
    close = {point: Closeness(0.5, PROTEINS, 0.5) for point in ("a", "b")}
    order = arranged(close, {"a": _paper(strength=4.0), "b": _paper(sketch=2**200 - 1)}, NOW)
    assert [point for point, _ in order] == ["a", "b"]


def test_a_repetition_comes_after_a_different_paper() -> None:
    close = {"one": Closeness(0.6, PROTEINS, 0.6), "again": Closeness(0.59, PROTEINS, 0.6)}
    close["different"] = Closeness(0.55, GRAPHS, 0.6)
    payloads = {"one": _paper(), "again": _paper(), "different": _paper(sketch=2**192 - 1)}
    assert [point for point, _ in arranged(close, payloads, NOW)] == ["one", "different", "again"]


def test_reasons_name_the_shared_keyword_the_closest_paper_and_the_trend() -> None:
    paper = _paper(strength=3.5, keywords=["Protein folding", "robots"])
    assert reasons(BOTH, Closeness(0.5, PROTEINS, 0.53), paper) == [
        "about “Protein folding”",
        "similar to “Folding proteins”, which you liked (53%)",
        "trending",
    ]


def test_a_paper_far_from_every_single_liked_one_still_has_a_reason() -> None:
    assert reasons(BOTH, Closeness(0.5, PROTEINS, 0.2), _paper()) == ["similar to what you liked (50%)"]


def test_words_of_the_liked_papers_move_a_paper_up() -> None:
    found = Rankings([("x", 0.5), ("y", 0.5)], [[], []], terms=[("y", 5.0), ("z", 0.1), ("p", 9.0)], own=10.0)
    close = closeness(BOTH, found)
    assert list(close) == ["y", "x", "z"]  # what only the words found is a candidate too
    assert close["y"].whole == close["x"].whole + TERMS * 0.5
    assert close["y"].score == close["x"].score


def test_a_new_paper_is_said_to_be_new() -> None:
    assert freshness(_paper("2026-03-08"), NOW) == ["new"]
    assert freshness(_paper("2026-03-04"), NOW) == []
