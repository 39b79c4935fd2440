"""The period that the front page shows, a day, a week or a month, and the calendar beside it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.search.query.dates import month, week
from services.search.web.urls import address

Kind = Literal["day", "week", "month"]
KINDS: tuple[Kind, ...] = ("day", "week", "month")
_DAY = timedelta(days=1)
_DAYS_SHOWN = 42  # six weeks hold any month


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week or a month, from its first to its last day."""

    kind: Kind
    first: date
    last: date

    @classmethod
    def of(cls, kind: Kind, day: date) -> "Period":
        """Return the period that contains a day."""
        first, last = (day, day) if kind == "day" else _SPANS[kind](_name(kind, day))
        return cls(kind, first, last)

    @property
    def name(self) -> str:
        """The id of the period in an address: 2026-08-19, 2026-W34, 2026-08."""
        return _name(self.kind, self.first)

    @property
    def title(self) -> str:
        """The heading of the period."""
        if self.kind == "day":
            return f"{self.first:%A}, {_whole(f'{self.first.day} {self.first:%B %Y}')}"
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        begin = f"{self.first.day} {self.first:%B}" if self.first.month != self.last.month else f"{self.first.day}"
        return f"Week of {begin} – {self.last.day} {self.last:%B %Y}"

    @property
    def before(self) -> "Period":
        """The previous period."""
        return Period.of(self.kind, self.first - _DAY)

    @property
    def after(self) -> "Period":
        """The next period."""
        return Period.of(self.kind, self.last + _DAY)

    def shown_as(self, kind: Kind, day: date) -> "Period":
        """Return the period of another kind around a day, or around the day of this period that is nearest to it."""
        return Period.of(kind, min(self.last, max(day, self.first)))

    def link(self, sort: str = "trending") -> str:
        """Return the address of the front page for this period."""
        return address("/", [("date" if self.kind == "day" else self.kind, self.name), ("sort", _unless_usual(sort))])


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the calendar."""

    period: Period
    inside: bool  # of the month that is shown
    chosen: bool
    today: bool
    future: bool


def grid(shown: Period, today: date) -> list[tuple[Period, list[Cell]]]:
    """Lay out the month around a period: each week, with its days from Monday on."""
    middle = Period.of("month", shown.last if shown.kind == "week" else shown.first)
    monday = middle.first - timedelta(days=middle.first.weekday())
    days = [monday + timedelta(days=n) for n in range(_DAYS_SHOWN)]
    weeks = [days[n : n + 7] for n in range(0, _DAYS_SHOWN, 7)]
    return [
        (Period.of("week", week[0]), [_cell(day, middle, shown, today) for day in week])
        for week in weeks
        if any(middle.first <= day <= middle.last for day in week)
    ]


def _cell(day: date, middle: Period, shown: Period, today: date) -> Cell:
    return Cell(
        Period.of("day", day),
        inside=middle.first <= day <= middle.last,
        chosen=shown.first <= day <= shown.last,
        today=day == today,
        future=day > today,
    )


def _name(kind: Kind, day: date) -> str:
    if kind == "week":
        year, number, _ = day.isocalendar()
        return f"{year:04d}-W{number:02d}"
    return day.isoformat() if kind == "day" else day.isoformat()[:7]


def _whole(text: str) -> str:
    """Keep a date on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _unless_usual(sort: str) -> str:
    return "" if sort == "trending" else sort


_SPANS = {"week": week, "month": month}
