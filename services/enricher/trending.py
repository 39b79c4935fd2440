"""What is trending: one formula, whose result is stored once and sorted by for good.

For each counter of a work (upvotes, stars, citations …) that anybody has told us:

    growth   = (log(1 + value) − log(1 + value before)) / days between
    score    = (growth − median) / (1.4826 × MAD), no less than 0 and no more than 10
    strength = Σ weight × score
    key      = strength + since / τ

Median and MAD (median absolute deviation; × 1.4826 it estimates a standard deviation, Rousseeuw and Croux 1993) are of
the growths last seen in works of the same field and age, so that a field's habits and the first days' rush cancel out,
and one sensation does not move the yardstick. Ages are compared in octaves of days, in which growth over a lifetime
differs by a factor of two at most. "Before" is the newest reading that is a quarter of the work's age old (a day at
least), and where there is none, zero at publication.

Why the order does not change: let heat decay exponentially, heat(now) = exp(strength) · exp(−(now − since) / τ). Its
logarithm is strength + since / τ − now / τ, and the last term is the same for all works. What is left is the key, as in
Reddit's "hot" (log of points + seconds / 45,000; public source, 2010). So the engine sorts what was written weeks ago.

The constants. τ is 14 days: one robust standard deviation is worth two weeks. A day's papers are 0.07 apart, so there
signals decide; a week's 0.5, so that an ordinary new paper passes an ordinary one of the week before; a month's 2.1,
which only the strongest hundredth of its beginning (2 and more) holds against the new ones of its end. A score below
the median counts as 0: to be counted anywhere is never worse than to be unknown everywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import frexp, log1p
from statistics import median
from typing import Final, NamedTuple

from shared.paper import Component, Paper, Reading, Signals, Trend

TAU: Final = timedelta(days=14)
MOST_SCORE: Final = 10.0
MOST_VALUE: Final = 2**53
"""Counters above this are nonsense, and stop counting here."""
OLDEST: Final = 10
"""The octave of works of 1,024 days and more."""
DAY_S: Final = 86_400.0


class Usual(NamedTuple):
    """What log(1 + value) usually comes to, and its spread: stands in for works that were not sampled yet."""

    level: float
    spread: float
    weight: float


# Upvotes as measured over 9,868 papers (median 6); the others by judgement. Weights: what costs a reader more effort
# and is harder to fake counts more, citations less because they follow months later.
USUAL: Final[Mapping[str, Usual]] = {
    "upvotes": Usual(1.9, 1.3, weight=1.0),
    "stars": Usual(2.4, 1.6, weight=1.0),
    "citations": Usual(0.7, 1.0, weight=0.5),
    "influential_citations": Usual(0.2, 0.7, weight=0.5),
    "comments": Usual(0.7, 0.8, weight=0.5),
    "models": Usual(0.7, 0.8, weight=0.25),
    "datasets": Usual(0.7, 0.8, weight=0.25),
    "spaces": Usual(0.7, 0.8, weight=0.25),
}
MOST_STRENGTH: Final = MOST_SCORE * sum(usual.weight for usual in USUAL.values())
TRUST: Final = 20
"""Works that the usual values count for: from so many samples on, these weigh more."""


class Group(NamedTuple):
    """Works that are compared with each other in one counter; `octave` is of their age."""

    field: str
    octave: int
    signal: str


class Norm(NamedTuple):
    """Median and MAD of the growths of a group, and how many there were."""

    middle: float
    deviation: float
    size: int


Norms = Mapping[Group, Norm]
_NAMES: Final = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics "
    "q-bio q-fin quant-ph stat biorxiv medrxiv openreview other"
)
FIELDS: Final = frozenset(_NAMES.split())


def field_of(paper: Paper) -> str:
    """Name what a paper is compared within: the archive of its first category, else of its first source, or "other".

    A closed list: what a stranger's feed calls a category makes no new field.
    """
    names = (*paper.categories[:1], *(ref.source for ref in paper.sources[:1]))
    return next((archive for name in names if (archive := name.partition(".")[0]) in FIELDS), "other")


def norm(growths: Sequence[float]) -> Norm:
    """Sum up the growths of a group. Raises StatisticsError when there are none."""
    middle = median(growths)
    return Norm(middle, median(abs(growth - middle) for growth in growths), len(growths))


def trend(paper: Paper, readings: Sequence[Reading], at: datetime, norms: Norms) -> Trend | None:
    """Weigh a work at a moment; None for a withdrawn one, which trends no more.

    `paper.signals` are what is known now, `readings` (oldest first) what was known before.
    """
    if paper.status == "withdrawn":
        return None
    since = began(paper, at)
    days = max((at - since).total_seconds() / DAY_S, 1.0)
    components = []
    for signal, value in known(paper.signals).items():
        growth = _growth(signal, value, readings, at, days)
        group = Group(field_of(paper), octave(days), signal)
        score = _score(growth, norms.get(group), USUAL[signal], days)
        weight = USUAL[signal].weight
        components.append(
            Component(signal=signal, value=value, growth=round(growth, 5), score=round(score, 4), weight=weight)
        )
    strength = sum(part.weight * part.score for part in components)
    return Trend(
        key=round(strength + since.timestamp() / TAU.total_seconds(), 6),
        strength=round(strength, 4),
        field=field_of(paper),
        since=since.isoformat(timespec="seconds").replace("+00:00", "Z"),
        components=tuple(components),
    )


def began(paper: Paper, at: datetime) -> datetime:
    """Tell when a paper came out: as its source says, but never later than somebody saw it."""
    moments = [at, *(moment(text) for text in (paper.published, *(ref.seen_at for ref in paper.sources)) if text)]
    return min(moments)


def known(signals: Signals) -> dict[str, int]:
    """Give the counters that somebody told, within reason."""
    found = {name: getattr(signals, name) for name in USUAL}
    return {name: min(max(value, 0), MOST_VALUE) for name, value in found.items() if value is not None}


def octave(days: float) -> int:
    """Name the octave of an age in days: 0 for less than two, 1 for less than four, and so on."""
    return min(max(frexp(days)[1] - 1, 0), OLDEST)


def moment(text: str) -> datetime:
    """Read a moment of ours; a date stands for its midnight in UTC."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _growth(signal: str, value: int, readings: Sequence[Reading], at: datetime, days: float) -> float:
    ago = at - timedelta(days=max(days / 4, 1.0))
    for reading in reversed(readings):
        before = known(reading.signals).get(signal)
        if before is not None and (then := moment(reading.at)) <= ago:
            return (log1p(value) - log1p(before)) / ((at - then).total_seconds() / DAY_S)
    return log1p(value) / days


def _score(growth: float, sampled: Norm | None, usual: Usual, days: float) -> float:
    """Standardize a growth; the usual values give way to the sampled ones as these become many."""
    middle, deviation, size = sampled or Norm(0.0, 0.0, 0)
    middle = (size * middle + TRUST * usual.level / days) / (size + TRUST)
    scale = (size * 1.4826 * deviation + TRUST * usual.spread / days) / (size + TRUST)
    return min(max((growth - middle) / scale, 0.0), MOST_SCORE)
