"""What publishers write before or instead of an abstract: where a paper was published, and by whom. Pure."""

import re
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


class Told(NamedTuple):
    """An abstract without boilerplate, and what the boilerplate names: the authors, in one text, and the date."""

    abstract: str
    authors: str = ""
    day: str = ""


def without_boilerplate(text: str) -> Told:
    """Return an abstract without what its publisher wrote before it."""
    if found := _SCIENCEDIRECT.match(text):
        authors = " ".join((found["authors"] or "").split())
        return Told(text[found.end() :], authors, found["day"].strip())
    day = ""
    if found := _PUBLISHED.match(text):
        text, day = text[found.end() :], found["day"].strip()
    if found := _HEADING.match(text):
        text = text[found.end() :]
    return Told(text if _TAGS.sub("", text) else "", day=day)
