"""What publishers write around a title or an abstract: where a paper was published, and by whom. Pure."""

import html
import re
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

_TAGS: Final = re.compile(r"<[^<>]{0,500}>|&nbsp;|\s")
_GAP: Final = r"(?:\s|&nbsp;|<[^<>]{0,500}>){0,40}"
# Nature writes the journal, "Published online:" with the day, and the DOI.
_PUBLISHED: Final = re.compile(
    rf"{_GAP}[^<>;]{{1,200}}, Published online: (?P<day>[^<>;]{{1,40}});{_GAP}doi:10\.\d{{4,9}}/[^\s<>]{{1,200}}{_GAP}",
    re.IGNORECASE,
)
# ScienceDirect writes no abstract, but "Publication date:", "Source:" and "Author(s):".
_SCIENCEDIRECT: Final = re.compile(
    rf"{_GAP}Publication date: (?P<day>[^<>]{{1,60}}){_GAP}Source:{_GAP}[^<>]{{1,300}}"
    rf"(?:{_GAP}Author\(s\):{_GAP}(?P<authors>[^<>]{{0,100000}}))?{_GAP}",
    re.IGNORECASE,
)
# Springer, and others that keep the heading of the section.
_HEADING: Final = re.compile(
    rf"{_GAP}(?:Abstract|ABSTRACT|Summary(?=\s*<))(?:{_GAP}</[^<>]{{1,20}}>|\s*[:.\n]\s*|(?=[A-Z][a-z]))(?:{_GAP}[:.])?{_GAP}"
)


_BREAK: Final = re.compile(r"</?(?:p|div|br|h[1-6]|li|ul|ol)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_CITED: Final = re.compile(r"\s*<cite>[^<>]{1,300}</cite>\s*", re.IGNORECASE)
_MAX_LEAD: Final = 8
_MAX_TAIL: Final = 2_000
_MAX_LINE: Final = 20_500


class Rule(NamedTuple):
    """A line of boilerplate, and what the next line holds."""

    pattern: re.Pattern[str]
    then: str = ""


def _load() -> dict[str, tuple[Rule, ...]]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        kind: tuple(Rule(re.compile(each["pattern"]), each.get("then", "")) for each in each_kind)
        for kind, each_kind in rows.items()
    }


RULES: Final = _load()
"""The lines that publishers write: before abstracts, after them, and as titles."""


class Told(NamedTuple):
    """An abstract without boilerplate, and what the boilerplate names: the authors, in one text, and the date."""

    abstract: str
    authors: str = ""
    day: str = ""


def without_boilerplate(text: str) -> Told:
    """Return an abstract without what its publisher wrote around it."""
    if found := _SCIENCEDIRECT.match(text):
        authors = " ".join((found["authors"] or "").split())
        return Told(text[found.end() :], authors, found["day"].strip())
    day = ""
    if found := _PUBLISHED.match(text):
        text, day = text[found.end() :], found["day"].strip()
    told = _without_lead(text)
    text = _without_tail(told.abstract)
    if found := _HEADING.match(text):
        text = text[found.end() :]
    kept = text if any(map(str.isalnum, _TAGS.sub("", text))) else ""
    return Told(kept, told.authors, day or told.day)


def plain_title(title: str) -> tuple[str, str]:
    """Return a title without what its publisher adds to it, and the authors if these were there."""
    for rule in RULES["title"]:
        if found := rule.pattern.fullmatch(title):
            return found["title"].strip(), (found.groupdict().get("authors") or "").strip()
    return title, ""


def _without_lead(text: str) -> Told:
    """Drop the first lines as long as they are boilerplate; blank ones are passed."""
    start = position = 0
    authors = day = then = ""
    for _ in range(_MAX_LEAD):
        end = _BREAK.search(text, position)
        raw = text[position : end.start() if end else len(text)]
        position = end.end() if end else len(text)
        line = _line(raw)
        if then and line:
            authors, then, start = line, "", position
        elif found := _match("lead", line):
            rule, groups = found
            authors, day, then = groups.get("authors") or authors, groups.get("day") or day, rule.then
            start = position
        elif _CITED.fullmatch(raw):
            start = position
        elif line:
            break
        if end is None:
            break
    return Told(text[start:], authors, day)


def _without_tail(text: str) -> str:
    """Drop the last lines as long as they are boilerplate."""
    if not any(map(str.isalnum, text[:_MAX_TAIL])):
        return text
    stop = len(text)
    for end in reversed(list(_BREAK.finditer(text, max(0, stop - _MAX_TAIL)))):
        line = _line(text[end.end() : stop])
        if line and _match("tail", line) is None:
            break
        stop = end.start() if line else stop
    return text[:stop]


def _line(raw: str) -> str:
    if len(raw) > _MAX_LINE:
        return raw
    return " ".join(html.unescape(_TAG.sub("", raw)).split())


def _match(kind: str, line: str) -> tuple[Rule, dict[str, str | None]] | None:
    if not line or len(line) > _MAX_LINE:
        return None
    found = ((rule, match.groupdict()) for rule in RULES[kind] if (match := rule.pattern.fullmatch(line)))
    return next(found, None)
