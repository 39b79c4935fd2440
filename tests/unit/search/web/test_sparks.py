"""The small charts on cards."""

from typing import Any

from services.search.web.sparks import HEIGHT, WIDTH, spark


def readings(**signals: list[int]) -> list[dict[str, Any]]:
    count = len(next(iter(signals.values())))
    rows = [{name: values[n] for name, values in signals.items()} for n in range(count)]
    return [{"at": f"2024-01-{n + 1:02d}T00:00:00Z", "signals": row} for n, row in enumerate(rows)]


def test_the_first_signal_that_grew_is_drawn_and_said() -> None:
    drawn = spark(readings(upvotes=[7, 7, 7], stars=[1, 300, 1200]))
    assert drawn
    assert drawn.text == "From 1 to 1,200 stars, 1 Jan 2024 to 3 Jan 2024"
    assert 0 < drawn.line.end[0] < WIDTH
    assert 0 < drawn.line.end[1] < HEIGHT


def test_a_signal_that_did_not_grow_or_has_one_reading_is_not_drawn() -> None:
    assert spark(readings(upvotes=[7, 7])) is None
    assert spark(readings(upvotes=[7, 3])) is None
    assert spark(readings(upvotes=[7])) is None
    assert spark(()) is None
