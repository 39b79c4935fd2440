"""A work's signals at a moment: read into its time line, weighed, and told when they are out of the ordinary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final

from services.enricher.works.signal_history import read
from services.enricher.works.trending import Group, Norms, age, known, octave, trend
from services.enricher.works.work import Work
from shared.moments import parse_moment
from shared.papers.paper import Change, ChangeKind, Trend

WINDOWS: Final = (("day", timedelta(days=2)), ("week", timedelta(days=8)), ("month", timedelta(days=31)))
"""The age up to which a work belongs to a window; a day has two, as most sources publish once a day."""
LEAST_BAR: Final = 2.0
ALONE_BAR: Final = 3.0
"""What a strength must be at least to be told as trending; more so while too few are known to compare with."""
ENOUGH: Final = 100
COOL: Final = 0.75
"""A work has cooled down when its strength is below this share of the bar."""
STEADY: Final = timedelta(days=1)
NUDGE: Final = 0.02
"""A key that moved by less (half a day) is not worth a write."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What works are compared with: the paces of their like, and by field the bar of what is out of the ordinary."""

    norms: Norms = field(default_factory=dict)
    bars: Mapping[str, float] = field(default_factory=dict)


UNMEASURED: Final = Yardstick()
"""Where nothing was sampled yet."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A work with its signals noted; `paces` and `strength` are what others will be compared with."""

    work: Work
    changes: tuple[Change, ...] = ()
    paces: Mapping[Group, float] = field(default_factory=dict)
    strength: tuple[str, float] | None = None


def note(work: Work, at: datetime, yard: Yardstick) -> Noted:
    """Note a work's signals at a moment; the very same work comes back when that adds nothing."""
    weighed = trend(work.paper, work.readings, at, yard.norms)
    last = work.readings[-1] if work.readings else None
    told = bool(known(work.paper.signals))
    fresh = told and (last is None or last.signals != work.paper.signals or at - parse_moment(last.at) >= STEADY)
    if not fresh and _moved(work.trend, weighed) < NUDGE:
        return Noted(work)
    key = weighed.key if weighed else None
    update = {
        "paper": work.paper if work.paper.trending == key else work.paper.model_copy(update={"trending": key}),
        "trend": weighed,
        "readings": read(work.readings, work.paper.signals, at) if fresh else work.readings,
    }
    changes, memory = _told(work, weighed, at, yard) if weighed else ((), {})
    noted = work.model_copy(update=update | memory)
    if not weighed or not weighed.components:
        return Noted(noted, changes)
    return Noted(noted, changes, _paces(work, weighed, at), (weighed.field, weighed.strength))


def bar(strengths: Sequence[float]) -> float:
    """Give the bar of a field: the strength of its strongest hundredth, of works whose signals are known."""
    return max(quantiles(strengths, n=100)[-1], LEAST_BAR) if len(strengths) >= ENOUGH else ALONE_BAR


def _moved(before: Trend | None, after: Trend | None) -> float:
    if before is None or after is None:
        return 0.0 if before is after else 1.0
    return abs(after.key - before.key)


def _told(work: Work, weighed: Trend, at: datetime, yard: Yardstick) -> tuple[tuple[Change, ...], dict[str, object]]:
    """Tell a work as trending when it crosses the bar, once in each window."""
    limit = yard.bars.get(weighed.field, ALONE_BAR)
    if weighed.strength < limit:
        return (), {"cooled": work.cooled or weighed.strength < COOL * limit}
    days = at - parse_moment(weighed.since)
    window = next((name for name, oldest in WINDOWS if days <= oldest), None)
    if window is None or window in work.trended or not work.cooled:
        return (), {"cooled": False}
    return (Change(kind=ChangeKind.TRENDING, version=window),), {"trended": (*work.trended, window), "cooled": False}


def _paces(before: Work, weighed: Trend, at: datetime) -> dict[Group, float]:
    """Give the paces that count as samples: a work counts once in each octave of its age, however hot it is."""
    since = parse_moment(weighed.since)

    days, last = age(since, at), before.readings[-1] if before.readings else None
    same = last is not None and octave(age(since, parse_moment(last.at))) == octave(days)
    seen = known(last.signals) if last and same else {}
    fresh = (part for part in weighed.components if part.signal not in seen)
    return {Group(weighed.field, octave(days), part.signal): part.growth * days for part in fresh}
