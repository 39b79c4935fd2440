"""Whether a paper matches a subscription, and why. Exact, and pure.

Qdrant only preselects subscriptions, by vector or by their sets. Every condition is decided here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.notifier.matching.conditions import CONDITIONS, Subject, person_key, subject, wanted_change
from services.notifier.subscription.model import Wish
from shared.papers.paper import Change

__all__ = ["DIGITS", "Match", "Subject", "fits", "match", "person_key", "subject"]

DIGITS = 6
"""Decimals of a score. Scores are float32 sums, exact to about seven, and are compared as they are reported."""
_FINGERPRINT: Final = re.compile("[0-9a-f]{24}")
"""The version of a change whose source numbers none; it means nothing to a reader."""


@dataclass(frozen=True, slots=True)
class Match:
    """A paper matches a subscription because of one of its changes."""

    change: Change
    score: float
    threshold: float
    reasons: tuple[str, ...]


def match(wish: Wish, of: Subject, score: float) -> Match | None:
    """Return the match, or None; `score` is the cosine similarity, or 0 for a subscription without a vector."""
    score = round(score, DIGITS)
    change = wanted_change(wish, of)
    if change is None or score < wish.threshold or not fits(wish, of):
        return None
    return Match(change, score, wish.threshold, tuple(_reasons(wish, of, score, change)))


def fits(wish: Wish, of: Subject) -> bool:
    """Return whether every condition holds, regardless of score and change."""
    return all(condition.holds(wish, of) for condition in CONDITIONS)


def _reasons(wish: Wish, of: Subject, score: float, change: Change) -> Iterable[str]:
    version = "" if _FINGERPRINT.fullmatch(change.version) else change.version
    yield f"change: {change.kind.value.replace('_', ' ')}" + (f" ({version})" if version else "")
    if wish.has_vector:
        yield f"score {score:.2f} reaches the threshold {wish.threshold:.2f}"
    for condition in CONDITIONS:
        yield from condition.reasons(wish, of)
