"""A work's signals at a moment: added to its history, weighed, and made a change when they are out of the ordinary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final

from services.enricher.works.signal_history import add_reading
from services.enricher.works.trending import Group, Norms, age, compute_trend, counters, octave
from services.enricher.works.work import Work
from shared.moments import parse_moment
from shared.papers.paper import Change, ChangeKind, Trend

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


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What works are compared with: the usual paces of similar works, and the bar of each field."""

    norms: Norms = field(default_factory=dict)
    bars: Mapping[str, float] = field(default_factory=dict)


UNMEASURED: Final = Yardstick()
"""The yardstick before anything was sampled."""


@dataclass(frozen=True, slots=True)
class SignalUpdate:
    """A work with its signals updated; `paces` and `strength` are samples that other works are compared with."""

    work: Work
    changes: tuple[Change, ...] = ()
    paces: Mapping[Group, float] = field(default_factory=dict)
    strength: tuple[str, float] | None = None


def update_signals(work: Work, at: datetime, yardstick: Yardstick) -> SignalUpdate:
    """Update the history and the trend of a work; return the very same work when that adds nothing."""
    trend = compute_trend(work.paper, work.readings, at, yardstick.norms)
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
    changes, memory = _trending_change(work, trend, at, yardstick) if trend else ((), {})
    updated = work.model_copy(update=update | memory)
    if not trend or not trend.components:
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
    work: Work, trend: Trend, at: datetime, yardstick: Yardstick
) -> tuple[tuple[Change, ...], dict[str, object]]:
    """Return the change of a work that crosses the bar, once in each window, and what the work remembers of it."""
    limit = yardstick.bars.get(trend.field, DEFAULT_BAR)
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
