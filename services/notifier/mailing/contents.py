"""What a delivery looks like as mail: an alert or a digest to subject, HTML and text. Pure but for its templates.

Everything in a paper comes from strangers: the HTML escapes it, and only links to the web are links.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier.mailing.mime import one_line
from services.notifier.matching.alert_body import tldr_line

TEMPLATES: Final = Path(__file__).parent / "templates"
_ABSTRACT: Final = {1: 1_200, 5: 600}
"""Characters of an abstract shown, by how many papers there are at most; of more papers `_BRIEF`."""
_BRIEF: Final = 320
_AUTHORS: Final = 4
_WIDTH: Final = 76
CHANGES: Final[Mapping[str, str]] = {
    "paper.new": "New",
    "paper.revised": "Revised",
    "paper.withdrawn": "Withdrawn",
    "paper.published": "Published",
    "paper.code_added": "Code added",
    "paper.signals": "Signals",
    "paper.trending": "Trending",
}
_STYLE: Final[Mapping[str, str]] = {
    "sans": "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif",
    "serif": "font-family:Charter,'Iowan Old Style',Georgia,'Times New Roman',serif",
    "ink": "#1c2226",
    "soft": "#55616a",
    "faint": "#5c676e",
    "line": "#dcdfdd",
    "accent": "#0b5c73",
}
"""What mail has to repeat at every element, as many clients read no style sheet. It is put into templates before they
are compiled: a variable would be looked up and escaped some hundred times for every message."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a mail has beside its papers: where the instance is, the reader's zone, links to leave and to manage.

    `feedback` gives the links of a paper, by action.
    """

    public_url: str
    timezone: str = "UTC"
    unsubscribe: str | None = None
    manage: str | None = None
    feed: str | None = None
    feedback: Callable[[str], Mapping[str, str]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a paper."""

    title: str
    url: str
    change: str
    people: str
    day: str
    categories: list[str]
    tldr: str
    abstract: str
    withdrawn: bool
    links: list[tuple[str, str]]
    reasons: list[str]
    feedback: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The three parts of a mail."""

    subject: str
    text: str
    html: str


def render(body: Document, around: Surroundings) -> Rendered:
    """Write the mail of an alert or of a digest, as it was stored."""
    data = body["data"]
    digest = body["type"] == "digest"
    alerts = data["alerts"] if digest else [{"type": body["type"], "timestamp": body["timestamp"], **data}]
    most = next((length for number, length in _ABSTRACT.items() if len(alerts) <= number), _BRIEF)
    papers = [_paper(alert, most, around) for alert in alerts]
    name = one_line(data["subscription"]["name"])
    context = {
        "name": name,
        "papers": papers,
        "digest": digest,
        "note": data.get("note"),
        "more": data.get("more", 0),
        "dates": _dates(data["period"], ZoneInfo(around.timezone)) if digest else None,
        "around": around,
    }
    return filled("alert", _subject(name, papers, data.get("more", 0) if digest else None), **context)


def filled(template: str, subject: str, **context: Any) -> Rendered:  # noqa: ANN401  # whatever the template names
    """Fill in the HTML and the text of one kind of mail."""
    values = {"subject": subject, **context}
    html = _HTML.get_template(f"{template}.html").render(values)
    text = _TEXT.get_template(f"{template}.txt").render(values)
    return Rendered(subject, re.sub(r"\n{3,}", "\n\n", text), html)


def _subject(name: str, papers: Sequence[Shown], more: int | None) -> str:
    first = papers[0]
    if more is None:
        return f"{'' if first.change == CHANGES['paper.new'] else first.change + ': '}{first.title}"
    total = len(papers) + more
    return f"{total:,} {'paper' if total == 1 else 'papers'} · {name}"


def _paper(alert: Document, most: int, around: Surroundings) -> Shown:
    """Choose what is shown of a paper."""
    paper, match = alert["paper"], alert["match"]
    links, summary = paper.get("links") or {}, tldr_line(paper)
    code = next((one["url"] for one in links.get("code") or () if external(one.get("url"))), None)
    named = (
        ("Abstract", links.get("abs")),
        ("PDF", links.get("pdf")),
        ("Code", code),
        ("Project", links.get("project")),
    )
    return Shown(
        title=" ".join(paper["title"].split()),
        url=f"{around.public_url}/papers/{quote(paper['id'], safe=':')}",
        change=CHANGES.get(alert["type"], str(alert["type"])),
        people=_people(paper.get("authors") or ()),
        day=_day(paper.get("published")),
        categories=list(paper.get("categories") or ())[:3],
        tldr=summary,
        abstract="" if summary and most == _BRIEF else _begin(paper.get("abstract") or "", most),
        withdrawn=paper.get("status") == "withdrawn",
        links=[(name, str(url)) for name, url in named if external(url)],
        reasons=list(match["reasons"][:3]),
        feedback=around.feedback(paper["id"]),
    )


def external(url: str | None) -> bool:
    """Tell whether a link leads to the web; `javascript:` and its like do not."""
    try:
        return bool(url) and urlsplit(str(url)).scheme in ("http", "https") and not re.search(r"\s", str(url))
    except ValueError:
        return False


def _people(authors: Sequence[Document]) -> str:
    names = [" ".join(author["name"].split()) for author in authors[:_AUTHORS]]
    more = len(authors) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _begin(text: str, most: int) -> str:
    """Give whole sentences of the begin of an abstract where there are some, else whole words."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[:most]
    end = max(cut.rfind(mark) for mark in (". ", "? ", "! "))
    if end > most // 2:
        return cut[: end + 1]
    return cut.rpartition(" ")[0].rstrip(",;:") + "…" if " " in cut else cut + "…"


def _dates(period: Document, zone: ZoneInfo) -> str:
    """Name the day of a digest in the reader's zone, or the days if it tells of more than one."""
    until = datetime.fromisoformat(period["to"]).astimezone(zone).date()
    since = datetime.fromisoformat(period["from"]).astimezone(zone).date() if period["from"] else until
    if (until - since).days <= 1:
        return f"{until:%A}, {_short(until)} {until.year}"
    years = f" {since.year}" if since.year != until.year else ""
    return f"{_short(since)}{years} – {_short(until)} {until.year}"


def _day(moment: str | None) -> str:
    if not moment:
        return ""
    day = date.fromisoformat(moment[:10])
    return f"{_short(day)} {day.year}"


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Break a text into lines of mail; words, and so links, are left whole.

    What `textwrap` does with long words and hyphens is not wanted, and takes it twenty times as long.
    """
    lines, line = [], indent if first is None else first
    fresh = True
    for word in text.split():
        if not fresh and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line, fresh = indent, True
        line += word if fresh else f" {word}"
        fresh = False
    return "\n".join([*lines, line])


class _Styled(FileSystemLoader):
    """Reads templates with the style put in."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        return re.sub(r"\{\{ (\w+) \}\}", lambda found: _STYLE.get(found[1], found[0]), source), path, fresh


def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=_Styled(TEMPLATES),
        autoescape=escape,  # noqa: S701  # off for text only, which nothing reads as HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["wrapped"] = _wrapped
    return environment


_HTML: Final = _environment(escape=True)
_TEXT: Final = _environment(escape=False)
