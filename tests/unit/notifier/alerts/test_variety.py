"""A digest in which neighbours differ, and papers of one series that are told as one."""

from typing import Any

from services.notifier.alerts.variety import MAX_FOLDED, varied

CRANES = (
    "A robot arm with two soft fingers learns from few videos how paper cranes are folded, crease by crease, without a "
    "map of the folds; a camera above the table corrects its grip"
)
SWANS = (
    "A robot arm with two soft fingers learns from few videos how cloth swans are sewn, stitch by stitch, without a "
    "pattern; sensors below the table correct its needle"
)
PLANES = "The wings of gliders made of thin sheets bend in wind, and a model of the air predicts how far they fly"
BOXES = "Corrugated boxes collapse under load; tests with gauges inside walls tell which corner buckles first"


def alert(number: int, abstract: str, score: float = 0.5, *authors: str) -> dict[str, Any]:
    paper = {
        "id": str(number),
        "title": f"Study {number}",
        "abstract": abstract,
        "authors": [{"name": name} for name in authors],
    }
    return {"type": "paper.new", "paper": paper, "match": {"score": score}}


def shown(alerts: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(one.alert["paper"]["id"], [each["paper"]["id"] for each in one.folded]) for one in varied(alerts)]


def test_papers_that_differ_stay_in_their_order() -> None:
    assert shown([alert(1, CRANES, 0.6), alert(2, PLANES), alert(3, BOXES, 0.4)]) == [("1", []), ("2", []), ("3", [])]


def test_nearly_the_same_text_is_told_under_the_better_one() -> None:
    again = CRANES.replace("few videos", "ten videos")
    assert shown([alert(1, CRANES), alert(2, PLANES), alert(3, again)]) == [("1", ["3"]), ("2", [])]


def test_a_series_of_one_group_is_one_entry_and_that_of_others_is_not() -> None:
    one, others = ("Ada Origami", "Bo Fold"), ("Cy Crease",)
    assert shown([alert(1, CRANES, 0.5, *one), alert(2, PLANES), alert(3, SWANS, 0.5, *one)])[0] == ("1", ["3"])
    told = shown([alert(1, CRANES, 0.5, *one), alert(2, PLANES), alert(3, SWANS, 0.5, *others)])
    assert told == [("1", []), ("2", []), ("3", [])]  # and the one that is alike comes after the one that is not


def test_a_likeness_is_a_small_disadvantage_only() -> None:
    assert [id_ for id_, _ in shown([alert(1, CRANES, 0.6), alert(3, SWANS, 0.6), alert(2, PLANES, 0.3)])] == [
        "1",
        "3",
        "2",
    ]


def test_nothing_is_lost_however_many_are_alike() -> None:
    told = shown([alert(number, CRANES) for number in range(9)])
    assert [len(folded) for _, folded in told] == [MAX_FOLDED, 9 - MAX_FOLDED - 2]
    assert sorted(id_ for first, folded in told for id_ in (first, *folded)) == [str(number) for number in range(9)]


def test_titles_without_a_text_are_not_compared() -> None:
    assert shown([alert(1, ""), alert(2, "")]) == [("1", []), ("2", [])]
