"""The subject, HTML and text of a message about an alert or a digest. Reads its templates, else pure.

Papers come from untrusted sources: the HTML escapes their text, and only http and https links become links.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.notifier.mailing.mime import one_line
from services.notifier.matching.reasons import why
from shared.papers.lead import counters, lead, people
from shared.papers.partial_dates import first_day, precision
from shared.papers.paths import paper_path
from shared.text.formula import mail_html
from shared.text.sentence_ends import ELLIPSIS, shortened
from shared.text.typesetting import formulas_in, typeset

TEMPLATES: Final = Path(__file__).parent / "templates"
_MAX_BEGINNING: Final = {1: 1_200, 5: 600}
"""Characters of an abstract without a gist, by the largest number of papers; with more papers `_MAX_BRIEF`."""
_MAX_BRIEF: Final = 320
_MAX_SUBJECT: Final = 70
"""Characters of a title in the subject of a digest."""
_MAX_NAME: Final = 80
_LINKISH: Final = re.compile(r"://|@|[\w-][.。．｡][^\W\d_]{2,}")
_CATEGORY: Final = re.compile(r"[a-z-]{2,8}\.[A-Z]{2},?")
_MAX_AUTHORS: Final = 4
_MAX_REASONS: Final = 3
_WIDTH: Final = 76
CHANGES: Final[Mapping[str, str]] = {
    "paper.new": "New",
    "paper.revised": "Revised",
    "paper.withdrawn": "Withdrawn",
    "paper.restored": "No longer withdrawn",
    "paper.published": "Published",
    "paper.code_added": "Code added",
    "paper.signals": "Signals",
    "paper.trending": "Trending",
}
_ADJECTIVES: Final = tuple({CHANGES[f"paper.{kind}"]} for kind in ("revised", "withdrawn", "published", "trending"))
"""The changes whose names can stand before "papers"."""
_STYLE: Final[Mapping[str, str]] = {
    "sans": "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif",
    "serif": "font-family:Charter,'Iowan Old Style',Georgia,'Times New Roman',serif",
    "ink": "#1c2226",
    "soft": "#55616a",
    "faint": "#5c676e",
    "line": "#dcdfdd",
    "accent": "#0b5c73",
}
"""Styles that each element repeats, because many mail programs ignore style sheets. They are inserted before templates
are compiled: variables would be looked up and escaped a hundred times for each message."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailContext:
    """The data of a message beside its papers: the address of the instance, the reader's time zone, links.

    `feedback` returns the links of a paper, by action.
    """

    public_url: str
    timezone: str = "UTC"
    unsubscribe: str | None = None
    manage: str | None = None
    feed: str | None = None
    feedback: Callable[[str], Mapping[str, str]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A paper as a message shows it."""

    title: str
    title_html: Markup
    url: str
    change: str
    people: str
    day: str
    categories: list[str]
    lead: str
    lead_html: Markup
    counters: str
    withdrawn: bool
    sample: bool
    links: list[tuple[str, str]]
    reasons: list[str]
    feedback: Mapping[str, str]
    also: list[tuple[str, str]]
    """The titles and addresses of the papers that are told under it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The parts of a message."""

    subject: str
    text: str
    html: str


def render(body: Document, mail: MailContext) -> Rendered:
    """Return the message of an alert or a digest, given its stored body."""
    data = body["data"]
    digest = body["type"] == "digest"
    alerts = data["alerts"] if digest else [{"type": body["type"], "timestamp": body["timestamp"], **data}]
    most = next((length for number, length in _MAX_BEGINNING.items() if len(alerts) <= number), _MAX_BRIEF)
    papers = [_paper(alert, most, mail) for alert in alerts]
    name = plain_name(data["subscription"]["name"])
    context = {
        "name": name,
        "papers": papers,
        "digest": digest,
        "note": data.get("note"),
        "more": data.get("more", 0),
        "told": sum(1 + len(paper.also) for paper in papers),
        "dates": _dates(data["period"], ZoneInfo(mail.timezone)) if digest else None,
        "mail": mail,
    }
    return fill("alert", _digest_subject(papers, data["more"]) if digest else _subject(papers[0]), **context)


def fill(template: str, subject: str, **context: Any) -> Rendered:  # noqa: ANN401  # the variables of the template
    """Fill the HTML and the text template of one kind of message."""
    values = {"subject": subject, **context}
    html = _HTML.get_template(f"{template}.html").render(values)
    text = _TEXT.get_template(f"{template}.txt").render(values)
    return Rendered(subject, re.sub(r"\n{3,}", "\n\n", text), html)


def plain_name(name: str) -> str:
    """Return the beginning of a name, which a stranger may have typed, without what mail programs make links of."""
    words = [word for word in one_line(name).split() if _CATEGORY.fullmatch(word) or not _LINKISH.search(word)]
    return " ".join(words)[:_MAX_NAME] or "your subscription"


def _subject(paper: ShownPaper) -> str:
    return f"{'' if paper.change == CHANGES['paper.new'] else paper.change + ': '}{paper.title}"


def _digest_subject(papers: Sequence[ShownPaper], more: int) -> str:
    """Return how many papers there are, and the title of the first: "3 trending papers: <title> and 2 more"."""
    total, kinds = sum(1 + len(paper.also) for paper in papers) + more, {paper.change for paper in papers}
    if total == 1:
        return _subject(papers[0])
    kind = f"{papers[0].change.lower()} " if kinds in _ADJECTIVES else ""
    return f"{total:,} {kind}papers: {shortened(papers[0].title, _MAX_SUBJECT)} and {total - 1:,} more"


def _paper(alert: Document, most: int, mail: MailContext) -> ShownPaper:
    """Return a paper as the message shows it."""
    paper, match = alert["paper"], alert["match"]
    links, said = paper.get("links") or {}, lead(paper, most)
    code = next((one["url"] for one in links.get("code") or () if external(one.get("url"))), None)
    named = (
        ("Abstract", links.get("abs")),
        ("PDF", links.get("pdf")),
        ("Code", code),
        ("Project", links.get("project")),
    )
    title = " ".join(paper["title"].split())
    return ShownPaper(
        title=title,
        title_html=_typeset(title, paper["title"], paper.get("title_tex")),
        url=mail.public_url + paper_path(paper["id"]),
        change=CHANGES.get(alert["type"], str(alert["type"])),
        people=people([author["name"] for author in paper.get("authors") or ()], _MAX_AUTHORS),
        day=_day(paper.get("published")),
        categories=list(paper.get("categories") or ())[:3],
        lead=said,
        lead_html=_typeset(said, paper.get("abstract") or "", paper.get("abstract_tex")),
        counters=counters(paper),
        withdrawn=paper.get("status") == "withdrawn",
        sample=bool(paper.get("sample")),
        links=[(name, str(url)) for name, url in named if external(url)],
        reasons=why(match["reasons"])[:_MAX_REASONS],
        feedback=mail.feedback(paper["id"]),
        also=[
            (one_line(one["title"]) or one["id"], mail.public_url + paper_path(one["id"]))
            for one in alert.get("also") or ()
        ],
    )


def _typeset(shown: str, whole: str, tex: str | None) -> Markup:
    """Return a part of a text as HTML, with the indices of its formulas raised and lowered."""
    body = shown if shown in whole else shown.removesuffix(ELLIPSIS)
    start = whole.find(body)
    formulas = formulas_in(whole, tex) if start >= 0 else ()
    return Markup(typeset(body, formulas, mail_html, start=max(start, 0)) + shown[len(body) :])  # noqa: S704  # escaped


def external(url: str | None) -> bool:
    """Return whether a link is http or https."""
    try:
        return bool(url) and urlsplit(str(url)).scheme in ("http", "https") and not re.search(r"\s", str(url))
    except ValueError:
        return False


def _dates(period: Document, zone: ZoneInfo) -> str:
    """Return the day of a digest in the reader's zone, or its first and last day."""
    until = datetime.fromisoformat(period["to"]).astimezone(zone).date()
    since = datetime.fromisoformat(period["from"]).astimezone(zone).date() if period["from"] else until
    if (until - since).days <= 1:
        return f"{until:%A}, {_short(until)} {until.year}"
    years = f" {since.year}" if since.year != until.year else ""
    return f"{_short(since)}{years} – {_short(until)} {until.year}"


def _day(moment: str | None) -> str:
    if not moment:
        return ""
    day = first_day(moment)
    words = {"day": _short(day), "month": f"{day:%B}", "year": ""}[precision(moment)]
    return f"{words} {day.year}".strip()


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Wrap a text into lines without breaking words, and so links.

    `textwrap` breaks long words and hyphens, and takes twenty times as long.
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
    """Loads templates and inserts the styles."""

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
