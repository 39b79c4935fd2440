"""Small charts, as the numbers that templates write into SVG; they need no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, EDGE = 160.0, 36.0, 3.0
"""Usual size of a sparkline, and the margin around its line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, in the units of its drawing; `end` is its last point."""

    points: str
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a bar chart, with its label and value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


def sparkline(readings: Sequence[tuple[datetime, float]], width: float = WIDTH, height: float = HEIGHT) -> Line | None:
    """Draw a value over time, oldest first; None with fewer than two moments."""
    if len(readings) < 2 or readings[0][0] == readings[-1][0]:  # noqa: PLR2004  # the ends of a line
        return None
    start = readings[0][0]
    span = (readings[-1][0] - start).total_seconds()
    low, high = min(value for _, value in readings), max(value for _, value in readings)
    points = [
        (
            round(EDGE + (width - 2 * EDGE) * (moment - start).total_seconds() / span, 1),
            round(height - EDGE - (height - 2 * EDGE) * ((value - low) / (high - low) if high > low else 0.0), 1),
        )
        for moment, value in readings
    ]
    return Line(" ".join(f"{x},{y}" for x, y in points), points[-1])


def bars(counts: Sequence[tuple[str, int]], width: float = 600.0, height: float = 80.0) -> list[Bar]:
    """Draw counts side by side; the highest fills the height, and every count above zero is visible."""
    highest = max((value for _, value in counts), default=0)
    step = width / max(len(counts), 1)
    tall = [max(height * value / highest, 2.0) if value else 0.0 for _, value in counts]
    return [
        Bar(round(n * step, 1), round(height - rise, 1), round(step * 0.8, 1), round(rise, 1), label, value)
        for n, ((label, value), rise) in enumerate(zip(counts, tall, strict=True))
    ]
