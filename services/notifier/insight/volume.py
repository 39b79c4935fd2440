"""The arithmetic of volumes: how many a week a threshold lets through, and the threshold for a wanted number."""

from collections.abc import Sequence
from typing import Final

from services.notifier.matching.relatedness import DIGITS
from services.notifier.subscription.sensitivity import MIN_TUNED_THRESHOLD

WEEK: Final = 7.0
"""Days."""
STEP: Final = 0.02
"""The largest change of a threshold in a day, so that a burst of papers or a holiday has little effect."""
THRESHOLD_STEPS: Final = tuple(round(0.30 + 0.025 * step, 3) for step in range(25))
"""The thresholds of a preview: a slider from 0.3 to 0.9."""


def per_week(count: int, days: float) -> float:
    """Return the number a week of `count` in `days`."""
    return round(count * WEEK / days, 2)


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
