"""Formats text, numbers and moments for readers."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from markupsafe import Markup

from shared.moments import parse_moment
from shared.papers.partial_dates import first_day, precision
from shared.text.formula import markup, reading
from shared.text.typesetting import formulas_in, typeset

MAX_GIST = 280
"""Characters of the sentence that is shown instead of an abstract."""
_CUT: Final = " …"
_WIDE: Final = 40
"""Characters of the widest formula that is shown as MathML: about a line of a telephone."""
_SENTENCE = re.compile(r"(?<=[^.\s]{3}[.!?])\s+(?=[A-Z0-9“\"$])")
_THOUSAND, _TEN_THOUSAND, _MILLION = 1_000, 10_000, 1_000_000


def title_html(paper: Mapping[str, Any], marks: Sequence[Sequence[int]] = ()) -> Markup:
    """Return the title of a paper with its formulas as MathML, and with `<mark>` around some of it."""
    title = paper["title"]
    return Markup(typeset(title, formulas_in(title, paper.get("title_tex")), _mathml, marks))  # noqa: S704  # escaped


def abstract_html(paper: Mapping[str, Any], part: str | None = None, marks: Sequence[Sequence[int]] = ()) -> Markup:
    """Return the abstract of a paper, or a part of it that may end in " …", with its formulas and marks."""
    abstract = paper.get("abstract") or ""
    body = abstract if part is None else part.removesuffix(_CUT)
    start = abstract.find(body)
    formulas = formulas_in(abstract, paper.get("abstract_tex")) if start >= 0 else ()
    written = typeset(body, formulas, _mathml, marks, start=max(start, 0))
    return Markup(written + ("" if part is None else part[len(body) :]))  # noqa: S704  # escaped


def _mathml(tex: str) -> str | None:
    """Return a formula as MathML. Browsers do not break it into lines, so a wide one is read."""
    return markup(tex) if len(reading(tex)) <= _WIDE else None


def gist(paper: Mapping[str, Any]) -> str:
    """Return the sentence that says most about a paper, or the first one of its abstract, cut between words."""
    text = paper.get("gist") or _SENTENCE.split(paper.get("abstract") or "", maxsplit=1)[0]
    return text if len(text) <= MAX_GIST else text[:MAX_GIST].rsplit(None, 1)[0].rstrip(",;:") + _CUT


def first_seen(paper: Mapping[str, Any]) -> str:
    """Return the moment at which a source first brought a paper, or "" where none is known."""
    return min((source["seen_at"] for source in paper.get("sources") or () if source.get("seen_at")), default="")


def number(value: float) -> str:
    """Format a count: 987, 1,234, 12.3k, 4.5M."""
    if value < _TEN_THOUSAND:
        return f"{value:,.0f}"
    scaled, unit = (value / _THOUSAND, "k") if value < _MILLION else (value / _MILLION, "M")
    return f"{scaled:.1f}".removesuffix(".0") + unit


def count(value: int, one: str, many: str | None = None) -> str:
    """Format a count with its noun: `1 paper`, `1,234 papers`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def day(text: str | date | None) -> str:
    """Format the day of a moment or date: 19 Aug 2026; of a part of a date what is known: Aug 2026, 2026."""
    if not text:
        return ""
    value = text if isinstance(text, date) else first_day(text)
    known = "day" if isinstance(text, date) else precision(text)
    return {"day": f"{value.day} {value:%b} {value.year}", "month": f"{value:%b} {value.year}"}.get(
        known, f"{value:%Y}"
    )


def ago(text: str | None, now: datetime) -> str:
    """Return the time since or until a moment in words."""
    if not text:
        return ""
    seconds = (now - parse_moment(text)).total_seconds()
    amount = _amount(abs(seconds))
    return "now" if not amount else f"{amount} ago" if seconds > 0 else f"in {amount}"


def _amount(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (5, "s")):
        if seconds >= size:
            return f"{seconds // (1 if unit == 's' else size):.0f} {unit}"
    return ""
