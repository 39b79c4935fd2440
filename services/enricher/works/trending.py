"""What is trending: one formula, whose result is stored once and sorted by for good.

For each counter of a work (upvotes, stars, citations …) that anybody has told us:

    growth   = (log(1 + value) − log(1 + value before)) / days between
    pace     = growth × age in days
    score    = (pace − median) / (1.4826 × MAD), no less than 0 and no more than 10
    strength = Σ weight × score
    key      = strength + since / τ

Median and MAD (median absolute deviation; × 1.4826 it estimates a standard deviation, Rousseeuw and Croux 1993) are of
the paces last seen in works of the same field and age, so that a field's habits and the first days' rush cancel out,
and one sensation does not move the yardstick. Ages are compared in octaves of days; within one, growth still slows as
works age, which the pace makes up for. "Before" is the newest reading that is a quarter of the work's age old (a day at
least), and where there is none, zero at publication: then the pace is log(1 + value).

Why the order does not change: let heat decay exponentially, heat(now) = exp(strength) · exp(−(now − since) / τ). Its
logarithm is strength + since / τ − now / τ, and the last term is the same for all works. What is left is the key, as in
Reddit's "hot" (log of points + seconds / 45,000; public source, 2010). So the engine sorts what was written weeks ago.

The constants. τ is 28 days: one robust standard deviation is worth four weeks. The two days of a day's window are 0.07
apart, so there signals decide; a week is 0.25, so that a new paper passes an ordinary one of the week before, but no
good one; a month is 1.1, which the strongest tenth of its beginning holds against what nobody has noticed at its end,
and only the strongest hundredth (2 and more) against the strong of its end. A score below the median counts as 0: to be
counted anywhere is never worse than to be unknown everywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import frexp, log1p
from statistics import median
from typing import Final, NamedTuple

from shared.moments import iso, parse_moment
from shared.papers.paper import Component, Paper, Reading, Signals, Trend

TAU: Final = timedelta(days=28)
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
TRUST: Final = 50
"""Samples that the usual values count for. With fewer of its own, a group's median would swing, and works that came an
hour apart would be measured by two measures; with many, a spread of nothing does not make a trifle much."""


class Group(NamedTuple):
    """Works that are compared with each other in one counter; `octave` is of their age."""

    field: str
    octave: int
    signal: str


class Norm(NamedTuple):
    """Median and MAD of the paces of a group, and how many there were."""

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


def norm(paces: Sequence[float]) -> Norm:
    """Sum up the paces of a group. Raises StatisticsError when there are none."""
    middle = median(paces)
    return Norm(middle, median(abs(pace - middle) for pace in paces), len(paces))


def trend(paper: Paper, readings: Sequence[Reading], at: datetime, norms: Norms) -> Trend | None:
    """Weigh a work at a moment; None for a withdrawn one, which trends no more.

    `paper.signals` are what is known now, `readings` (oldest first) what was known before.
    """
    if paper.status == "withdrawn":
        return None
    since = began(paper, at)
    days = age(since, at)
    components = []
    for signal, value in known(paper.signals).items():
        growth = _growth(signal, value, readings, at, days)
        group = Group(field_of(paper), octave(days), signal)
        score = _score(growth * days, norms.get(group), USUAL[signal])
        weight = USUAL[signal].weight
        components.append(
            Component(signal=signal, value=value, growth=round(growth, 5), score=round(score, 4), weight=weight)
        )
    strength = sum(part.weight * part.score for part in components)
    return Trend(
        key=round(strength + since.timestamp() / TAU.total_seconds(), 6),
        strength=round(strength, 4),
        field=field_of(paper),
        since=iso(since),
        components=tuple(components),
    )


def began(paper: Paper, at: datetime) -> datetime:
    """Tell when a paper came out: as its source says, but never later than somebody saw it."""
    moments = [at, *(parse_moment(text) for text in (paper.published, *(ref.seen_at for ref in paper.sources)) if text)]
    return min(moments)


def age(since: datetime, at: datetime) -> float:
    """Give an age in days; nothing is younger than one."""
    return max((at - since).total_seconds() / DAY_S, 1.0)


def known(signals: Signals) -> dict[str, int]:
    """Give the counters that somebody told, within reason."""
    found = {name: getattr(signals, name) for name in USUAL}
    return {name: min(max(value, 0), MOST_VALUE) for name, value in found.items() if value is not None}


def octave(days: float) -> int:
    """Name the octave of an age in days: 0 for less than two, 1 for less than four, and so on."""
    return min(max(frexp(days)[1] - 1, 0), OLDEST)


def _growth(signal: str, value: int, readings: Sequence[Reading], at: datetime, days: float) -> float:
    ago = at - timedelta(days=max(days / 4, 1.0))
    for reading in reversed(readings):
        before = known(reading.signals).get(signal)
        if before is not None and (then := parse_moment(reading.at)) <= ago:
            return (log1p(value) - log1p(before)) / ((at - then).total_seconds() / DAY_S)
    return log1p(value) / days


def _score(pace: float, sampled: Norm | None, usual: Usual) -> float:
    """Standardize a pace; what is usual gives way to what was sampled as that becomes much, but never all of it."""
    middle, deviation, size = sampled or Norm(0.0, 0.0, 0)
    middle = (size * middle + TRUST * usual.level) / (size + TRUST)
    scale = (size * 1.4826 * deviation + TRUST * usual.spread) / (size + TRUST)
    return min(max((pace - middle) / scale, 0.0), MOST_SCORE)
