"""The trend of works: one formula, whose result is stored once and can always be sorted by.

For each counter of a work (upvotes, stars, citations …) that is known:

    growth   = (log(1 + value) − log(1 + value before)) / days between
    pace     = growth × age in days
    score    = (pace − median) / (1.4826 × MAD), from 0 to 10
    strength = Σ weight × score
    key      = strength + since / τ

Median and MAD (median absolute deviation; × 1.4826 it estimates a standard deviation, Rousseeuw and Croux 1993) are of
the paces last seen in works of the same field and age, so that differences between fields and the rush of the first
days cancel out, and one outlier does not move the baseline. Ages are compared in octaves of days; within one, growth
still slows as works age, which the pace makes up for. "Before" is the newest reading that is at least a quarter of the
work's age old, and at least a day; without one it is zero at publication, and then the pace is log(1 + value).

Why the order does not change: let heat decay exponentially, heat(now) = exp(strength) · exp(−(now − since) / τ). Its
logarithm is strength + since / τ − now / τ, and the last term is the same for all works. What is left is the key, as in
Reddit's "hot" (log of points + seconds / 45,000; public source, 2010). So the engine sorts what was written weeks ago.

The constants. τ is 28 days: one robust standard deviation is worth four weeks. The two days of a day's window are 0.07
apart, so signals decide there. A week is 0.25: a new paper ranks above an average one of the week before, but not
above a good one. A month is 1.1: the strongest tenth of its first days stays above unnoticed papers of its last days,
and only the strongest hundredth (2 and more) stays above strong ones. A score below the median counts as 0, so that a
known low counter is never worse than an unknown one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import frexp, log1p
from statistics import median, quantiles
from typing import Final, NamedTuple

from services.enricher.works.signal_history import add_reading
from services.enricher.works.work import Work
from shared.moments import iso, parse_moment
from shared.papers.paper import Change, ChangeKind, Component, Paper, Reading, Signals, Trend

TAU: Final = timedelta(days=28)
MAX_SCORE: Final = 10.0
MAX_COUNTER: Final = 2**53
"""Counters above this are errors, and count as this."""
MAX_OCTAVE: Final = 10
"""The octave of works of 1,024 days and more."""
DAY_S: Final = 86_400.0
PRIOR_SAMPLES: Final = 50
"""Samples that the usual values count for. Without them the median of a small group would swing, so that works an hour
apart would be measured differently; in a large group, a spread of zero would make any difference huge."""
_FIELD_IDS: Final = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics "
    "q-bio q-fin quant-ph stat biorxiv medrxiv openreview other"
)
FIELDS: Final = frozenset(_FIELD_IDS.split())
WINDOWS: Final = (("day", timedelta(days=2)), ("week", timedelta(days=8)), ("month", timedelta(days=31)))
"""The age up to which a work belongs to a window; a day has two, as most sources publish once a day."""
MIN_BAR: Final = 2.0
DEFAULT_BAR: Final = 3.0
"""The strength from which a work trends: at least the former, and the latter while too few works are known."""
MIN_STRENGTHS: Final = 100
COOL: Final = 0.75
"""A work has cooled down when its strength is below this share of the bar."""
STEADY: Final = timedelta(days=1)
MIN_SHIFT: Final = 0.02
"""A key that moved by less (half a day) is not worth a write."""


class Usual(NamedTuple):
    """The usual log(1 + value) and its spread, used while a group has few samples."""

    level: float
    spread: float
    weight: float


class Group(NamedTuple):
    """Works that are compared with each other in one counter; `octave` is that of their age."""

    field: str
    octave: int
    signal: str


class Norm(NamedTuple):
    """Median and MAD of the paces of a group, and their number."""

    middle: float
    deviation: float
    size: int


# Upvotes as measured over 9,868 papers (median 6); the others are estimates. Weights: a signal that takes a reader more
# effort and is harder to fake counts more; citations count less because they follow months later.
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
MAX_STRENGTH: Final = MAX_SCORE * sum(usual.weight for usual in USUAL.values())
Norms = Mapping[Group, Norm]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What works are compared with: the usual paces of similar works, and the bar of each field."""

    norms: Norms = field(default_factory=dict)
    bars: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalUpdate:
    """A work with its signals updated; `paces` and `strength` are samples that other works are compared with."""

    work: Work
    changes: tuple[Change, ...] = ()
    paces: Mapping[Group, float] = field(default_factory=dict)
    strength: tuple[str, float] | None = None


def field_of(paper: Paper) -> str:
    """Return the field that a paper is compared within: the archive of its first category or source, or "other".

    The list is closed: an unknown category of some feed makes no new field.
    """
    names = (*paper.categories[:1], *(ref.source for ref in paper.sources[:1]))
    return next((archive for name in names if (archive := name.partition(".")[0]) in FIELDS), "other")


def compute_norm(paces: Sequence[float]) -> Norm:
    """Return the norm of a group's paces.

    Raises:
        StatisticsError: there are none.

    """
    middle = median(paces)
    return Norm(middle, median(abs(pace - middle) for pace in paces), len(paces))


def compute_trend(paper: Paper, readings: Sequence[Reading], at: datetime, norms: Norms) -> Trend | None:
    """Return the trend of a work at a moment; None for a withdrawn one, which does not trend.

    `paper.signals` are what is known now, `readings` (oldest first) what was known before.
    """
    if paper.status == "withdrawn":
        return None
    since = publication_moment(paper, at)
    days = age(since, at)
    components = []
    for signal, value in counters(paper.signals).items():
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


def publication_moment(paper: Paper, at: datetime) -> datetime:
    """Return when a paper was published: as its source says, but never later than it was first seen."""
    moments = [at, *(parse_moment(text) for text in (paper.published, *(ref.seen_at for ref in paper.sources)) if text)]
    return min(moments)


def age(since: datetime, at: datetime) -> float:
    """Return an age in days, at least one."""
    return max((at - since).total_seconds() / DAY_S, 1.0)


def counters(signals: Signals) -> dict[str, int]:
    """Return the counters that are known, within bounds."""
    found = {name: getattr(signals, name) for name in USUAL}
    return {name: min(max(value, 0), MAX_COUNTER) for name, value in found.items() if value is not None}


def octave(days: float) -> int:
    """Return the octave of an age in days: 0 for less than two, 1 for less than four, and so on."""
    return min(max(frexp(days)[1] - 1, 0), MAX_OCTAVE)


def _growth(signal: str, value: int, readings: Sequence[Reading], at: datetime, days: float) -> float:
    ago = at - timedelta(days=max(days / 4, 1.0))
    for reading in reversed(readings):
        before = counters(reading.signals).get(signal)
        if before is not None and (then := parse_moment(reading.at)) <= ago:
            return (log1p(value) - log1p(before)) / ((at - then).total_seconds() / DAY_S)
    return log1p(value) / days


def _score(pace: float, sampled: Norm | None, usual: Usual) -> float:
    """Standardize a pace against the samples of its group and the usual values; more samples outweigh the latter."""
    middle, deviation, size = sampled or Norm(0.0, 0.0, 0)
    middle = (size * middle + PRIOR_SAMPLES * usual.level) / (size + PRIOR_SAMPLES)
    scale = (size * 1.4826 * deviation + PRIOR_SAMPLES * usual.spread) / (size + PRIOR_SAMPLES)
    return min(max((pace - middle) / scale, 0.0), MAX_SCORE)


UNMEASURED: Final = Baseline()
"""The baseline before anything was sampled."""


def update_signals(work: Work, at: datetime, baseline: Baseline) -> SignalUpdate:
    """Update the history and the trend of a work; return the very same work when that adds nothing.

    A work without a date has a trend by the day it was seen, so that providers are asked about it, but is never
    announced as trending, nor a sample for others.
    """
    trend = compute_trend(work.paper, work.readings, at, baseline.norms)
    last = work.readings[-1] if work.readings else None
    measured = bool(counters(work.paper.signals))
    fresh = measured and (last is None or last.signals != work.paper.signals or at - parse_moment(last.at) >= STEADY)
    if not fresh and _shift(work.trend, trend) < MIN_SHIFT:
        return SignalUpdate(work)
    key = trend.key if trend else None
    update = {
        "paper": work.paper if work.paper.trending == key else work.paper.model_copy(update={"trending": key}),
        "trend": trend,
        "readings": add_reading(work.readings, work.paper.signals, at) if fresh else work.readings,
    }
    dated = work.paper.published is not None
    changes, memory = _trending_change(work, trend, at, baseline) if trend and dated else ((), {})
    updated = work.model_copy(update=update | memory)
    if not trend or not trend.components or not dated:
        return SignalUpdate(updated, changes)
    return SignalUpdate(updated, changes, _paces(work, trend, at), (trend.field, trend.strength))


def bar(strengths: Sequence[float]) -> float:
    """Return the bar of a field: the strength of its strongest hundredth, among works whose signals are known."""
    return max(quantiles(strengths, n=100)[-1], MIN_BAR) if len(strengths) >= MIN_STRENGTHS else DEFAULT_BAR


def _shift(before: Trend | None, after: Trend | None) -> float:
    if before is None or after is None:
        return 0.0 if before is after else 1.0
    return abs(after.key - before.key)


def _trending_change(
    work: Work, trend: Trend, at: datetime, baseline: Baseline
) -> tuple[tuple[Change, ...], dict[str, object]]:
    """Return the change of a work that crosses the bar, once in each window, and what the work remembers of it."""
    limit = baseline.bars.get(trend.field, DEFAULT_BAR)
    if trend.strength < limit:
        return (), {"cooled": work.cooled or trend.strength < COOL * limit}
    days = at - parse_moment(trend.since)
    window = next((name for name, oldest in WINDOWS if days <= oldest), None)
    if window is None or window in work.trended or not work.cooled:
        return (), {"cooled": False}
    return (Change(kind=ChangeKind.TRENDING, version=window),), {"trended": (*work.trended, window), "cooled": False}


def _paces(before: Work, trend: Trend, at: datetime) -> dict[Group, float]:
    """Return the paces that count as samples: a work counts once in each octave of its age, however strong it is."""
    since = parse_moment(trend.since)
    days, last = age(since, at), before.readings[-1] if before.readings else None
    same = last is not None and octave(age(since, parse_moment(last.at))) == octave(days)
    sampled = counters(last.signals) if last and same else {}
    fresh = (part for part in trend.components if part.signal not in sampled)
    return {Group(trend.field, octave(days), part.signal): part.growth * days for part in fresh}
