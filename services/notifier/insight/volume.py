"""The arithmetic of volumes: how many a week a threshold lets through, and the threshold for a wanted number. Pure."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notifier.matching.match import DIGITS
from services.notifier.subscription.sensitivity import MIN_TUNED_THRESHOLD

WEEK: Final = 7.0
"""Days."""
STEP: Final = 0.02
"""The largest change of a threshold in a day, so that a burst of papers or a holiday has little effect."""
ENOUGH_DAYS: Final = 7.0
ENOUGH_PAPERS: Final = 100
"""An index that holds less of the last weeks tells little of how much is to come."""
SPREAD: Final = 0.06
"""The rise of a threshold that divides what passes by e. Measured around 0.45 with all-MiniLM-L6-v2."""
MAX_GROWTH: Final = 4.0
"""The most that the last week counts for against the weeks before, and its inverse the least."""
HALVINGS: Final = 30
"""Of the interval in which a threshold is looked for."""
THRESHOLD_STEPS: Final = tuple(round(0.30 + 0.025 * step, 3) for step in range(25))
"""The thresholds of a preview: a slider from 0.3 to 0.9."""


def per_week(count: int, days: float) -> float:
    """Return the number a week of `count` in `days`."""
    return round(count * WEEK / days, 2)


@dataclass(frozen=True, slots=True)
class Window:
    """The last days of the index: from when to when, how many `days` of them it covers, and with how many papers.

    `lately` is the number of papers in the last seven of these days.
    """

    since: datetime
    until: datetime
    days: float
    papers: int
    lately: int = 0

    @property
    def enough(self) -> bool:
        """Return whether the window is long enough for an estimate."""
        return self.days >= ENOUGH_DAYS and self.papers >= ENOUGH_PAPERS

    @property
    def trust(self) -> float:
        """Return how much the window tells of how much is to come: 1 if it is enough, 0 if it is empty."""
        return min(self.days / ENOUGH_DAYS, self.papers / ENOUGH_PAPERS, 1.0)

    @property
    def growth(self) -> float:
        """Return how many papers the last week had for each in a week of the whole window."""
        if not self.enough or not self.lately:
            return 1.0
        growth = self.lately / (self.papers * WEEK / self.days)
        return min(max(growth, 1 / MAX_GROWTH), MAX_GROWTH)


def tuned(scores: Sequence[float], wanted: float, window: Window, default: float) -> float:
    """Return the threshold for `wanted` papers a week, from the scores of a window as `threshold_for` takes them.

    The share of papers that pass is that of the window, their number that of its last week. As long as the window is
    not enough, the estimate is shrunk towards the assumption that the default threshold lets the wanted number through.
    """
    if window.enough:
        return threshold_for(scores, wanted / window.growth, window.days)
    low, high = 0.0, 1.0
    rising = sorted(scores)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        seen = per_week(len(rising) - bisect_left(rising, middle), window.days)
        assumed = wanted * math.exp((default - middle) / SPREAD)
        more = window.trust * seen + (1 - window.trust) * assumed > wanted
        low, high = (middle, high) if more else (low, middle)
    return round(max(MIN_TUNED_THRESHOLD, high), DIGITS)


def threshold_for(scores: Sequence[float], wanted: float, days: float) -> float:
    """Return the threshold that lets `wanted` papers a week through.

    `scores`, the highest first, are of what met all other conditions within `days`. The threshold lies in the middle
    between the last that passes and the first that does not, so that neither is decided by rounding. Where all of
    them are too few it is the lowest that makes sense.
    """
    passing = round(wanted * days / WEEK)
    if passing >= len(scores):
        return MIN_TUNED_THRESHOLD
    if passing == 0:
        return round(min(1.0, (scores[0] + 1.0) / 2), DIGITS)
    return round(max(MIN_TUNED_THRESHOLD, (scores[passing - 1] + scores[passing]) / 2), DIGITS)


def count_at(scores: Sequence[float], threshold: float) -> int:
    """Count the scores that reach a threshold."""
    return sum(score >= threshold for score in scores)


def stepped(present: float, found: float) -> float:
    """Return a threshold moved by at most one step towards the found one."""
    return round(min(max(found, present - STEP), present + STEP), DIGITS)
