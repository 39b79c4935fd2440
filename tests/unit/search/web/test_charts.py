from datetime import UTC, datetime, timedelta

from services.search.web.charts import EDGE, HEIGHT, WIDTH, bars, sparkline

START = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_sparkline_spans_all_moments_and_values() -> None:
    line = sparkline([(START, 0.0), (START + timedelta(days=1), 5.0), (START + timedelta(days=4), 10.0)])
    assert line
    points = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert points == [(EDGE, HEIGHT - EDGE), (41.5, HEIGHT / 2), (WIDTH - EDGE, EDGE)]
    assert line.end == points[-1]


def test_a_constant_value_is_a_line_at_the_bottom() -> None:
    line = sparkline([(START, 7.0), (START + timedelta(days=1), 7.0)])
    assert line
    assert line.points == f"{EDGE},{HEIGHT - EDGE} {WIDTH - EDGE},{HEIGHT - EDGE}"


def test_one_reading_makes_no_line() -> None:
    assert sparkline([]) is None
    assert sparkline([(START, 1.0)]) is None
    assert sparkline([(START, 1.0), (START, 2.0)]) is None


def test_bars_start_at_the_bottom_and_the_smallest_is_visible() -> None:
    drawn = bars([("a", 0), ("b", 1), ("c", 1000)], width=300, height=80)
    assert [(bar.x, bar.y, bar.height) for bar in drawn] == [(0.0, 80.0, 0.0), (100.0, 78.0, 2.0), (200.0, 0.0, 80.0)]
    assert all(bar.width == 80.0 for bar in drawn)
    assert [bar.height for bar in bars([("a", 0)])] == [0.0]
    assert bars([]) == []
