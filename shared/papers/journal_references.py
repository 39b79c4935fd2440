"""References to journals and proceedings, as authors write them: "Phys. Rev. D 98, 030001 (2019)". Pure.

    reference = [ "In:" ] name { volume | number | pages | year }
    volume = [ "vol." ] digits      number = ( "no." | "(" ) digits [ ")" ]      pages = [ "pp." ] digits [ "-" digits ]

What has a label ("no. 3", "т. 12", "S. 4-9") is what the label says. Numbers without one are, in their order, a volume,
a number if there are three, and pages; a year is in parentheses, or the last or the first number. A text with anything
else after its first number is not read at all, since half of a reference is wrong.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from itertools import accumulate
from typing import Final

from shared.papers.bounds import MAX_VENUE

_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_LEAD: Final = re.compile(r"(?:published\s|appeared\s)?in(?::\s?|\s(?=[A-Z]))", re.IGNORECASE)
_DOI: Final = re.compile(r"[\[(]?(?:doi:?)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+|[\[(]?doi:?", re.IGNORECASE)
_WORDS: Final[dict[str, str]] = tomllib.loads(
    resources.files(__package__).joinpath("reference_words.toml").read_text("utf-8")
)
_LABELS: Final = {name: _WORDS[name] for name in ("volume", "number", "pages")}
_NOT_YET: Final = re.compile(rf"\b(?:{_WORDS['not_yet']})\b", re.IGNORECASE)
_TIGHT: Final = re.compile(
    r"(?<=[A-Za-z]\.)(?=[A-Z]?\d)|(?<=[A-Z]{3})(?=\d)|(?<=\d)(?=\((?:1[5-9]|20)\d\d\))|(?<=\))(?=\w)"
)
_PROCEEDINGS: Final = re.compile(rf"\b(?!{_WORDS['journals']})(?:{_WORDS['proceedings']})(?!\w)", re.IGNORECASE)
_SERIES: Final = re.compile(
    r",\s([A-Z]{2,8}|[A-Z][\w. ]{3,60}\bNotes in [\w. ]{3,60}|vol(?:ume)? \d+ of [\w. ]{3,60})$"
)
_YEAR: Final = r"(?:1[5-9]|20)\d\d"
_NUMBER: Final = r"[A-Za-z]{0,3}\d[\dA-Za-z._]{0,14}"
_MONTHS: Final = rf"(?:{_WORDS['months']})[a-z]{{0,6}}\.?"
_DAY: Final = re.compile(rf"(?<=, )(?:\d{{1,2}}\s{_MONTHS}|{_MONTHS}\s\d{{1,2}},?)\s(?={_YEAR}\b)", re.IGNORECASE)
_LENGTH: Final = re.compile(r",\s\d{1,4}\s(?:pages|pp)\.?$", re.IGNORECASE)
_SCIENCE: Final = re.compile(rf"(PoS)\s?\(?([A-Z][\w-]{{1,30}}\d)(?:\)|\s\((?P<year>{_YEAR})\))\s?(\d{{1,5}})")
"""Proceedings of Science, whose volumes are conferences: PoS(FOLD2019)012, PoS FOLD2019 (2020) 012."""
_TOKEN: Final = re.compile(
    rf"\(\s?(?:{_MONTHS}\s?)?(?P<in_year>{_YEAR})\s?\)|\(\s?(?P<in_number>\d{{1,4}}(?:[-/]\d{{1,4}})?)\s?\)"
    + "".join(
        rf"|(?:{words})(?:[.:]\s?|\s|(?<=\w\w)(?=\d))(?P<{name}>{_NUMBER}(?:\s?[-/]\s?{_NUMBER})?)"
        for name, words in _LABELS.items()
    )
    + rf"|{_MONTHS}(?=[\s,;])|(?P<bare>{_NUMBER}(?:\s?-\s?{_NUMBER})?)|(?P<sign>[\s,;:.]+)",
    re.IGNORECASE,
)
_START: Final = re.compile(
    rf"\(?{_YEAR}\)?[,;:.]?|[A-Z]?\d+[A-Za-z]?(?:[,;:.(/-].*)?|(?:{'|'.join(_LABELS.values())})\.?(?:[A-Z]?\d.*)?",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th|e|er|ème|º|ª)[,.:]?", re.IGNORECASE)
_PAIR: Final = 2
_NUMBERED: Final = re.compile(r"[A-Za-z]\d{4,}|0\d{3,}|\d{6,}")
"""The number of one paper, which is no volume."""


@dataclass(frozen=True, slots=True)
class JournalReference:
    """Where a work appeared: the name of a journal or of proceedings, and the place in it; pages as `4-9`."""

    name: str
    volume: str | None = None
    number: str | None = None
    pages: str | None = None
    year: int | None = None
    series: str | None = None
    proceedings: bool = False


def read_reference(text: str) -> JournalReference | None:
    """Read a reference whole; None for one that is not understood whole, or not published yet."""
    given = text[:MAX_VENUE].translate(_DASHES).split()
    while given and _DOI.fullmatch(given[-1]):
        given.pop()
    line = " ".join(given).rstrip(" ,;.")
    if _NOT_YET.search(line):
        return None
    if science := _SCIENCE.fullmatch(line):
        name, volume, year, pages = science.groups()
        return JournalReference(name, volume, None, pages, int(year) if year else None)
    line = _DAY.sub("", _LENGTH.sub("", line))
    lead = _LEAD.match(line)
    line = _TIGHT.sub(" ", line[lead.end() :] if lead else line)
    words = line.split(" ")
    starts = accumulate((len(word) + 1 for word in words), initial=0)
    places = zip(words, [*words[1:], ""], starts, strict=False)
    start = next((at for word, following, at in places if at and _begins(word, following)), len(line))
    name = line[:start].rstrip(" ,;:(")
    found = _place(line[start:])
    if found is None or not any(map(str.isalpha, name)):
        return None
    proceedings = bool(lead) or _PROCEEDINGS.search(name) is not None
    series = _SERIES.search(name) if proceedings else None
    name = name[: series.start()] if series else name
    return replace(found, name=name, series=series[1] if series else None, proceedings=proceedings)


def _begins(word: str, following: str) -> bool:
    """Return whether the numbers of a reference begin with a word: with a number, or a label before one."""
    if _ORDINAL.fullmatch(word) or not _START.fullmatch(word):
        return False
    return any(map(str.isdigit, word)) or following[:2].lstrip("([A").strip()[:1].isdigit()


def _place(text: str) -> JournalReference | None:
    """Read what stands after the name; None if anything of it is not understood."""
    told: dict[str, str] = {}
    bare: list[str] = []
    at, after_year = 0, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.end() == at:
            return None
        at = token.end()
        kind = token.lastgroup
        if kind == "bare":
            after_year = "year" in told and not bare
            bare.append(token["bare"])
        elif kind not in {None, "sign"}:
            field = str(kind).removeprefix("in_")
            if field in told:
                return None
            told[field] = token[str(kind)]
    return _assigned(told, bare, after_year=after_year)


def _assigned(told: dict[str, str], bare: list[str], *, after_year: bool) -> JournalReference | None:
    """Assign the numbers without a label to what they are by their order; `after_year`: they stand behind a year."""
    if "year" not in told:
        last, first = bare[-1:], bare[:1] if len(bare) != _PAIR else []
        if year := next((text for text in (*last, *first) if re.fullmatch(_YEAR, text)), None):
            told["year"] = year
            bare.remove(year)
    open_fields = [field for field in ("volume", "number", "pages") if field not in told]
    if len(bare) < len(open_fields) and "number" in open_fields:
        open_fields.remove("number")
    if (
        len(bare) == 1
        and open_fields == ["volume", "pages"]
        and (after_year or "-" in bare[0] or _NUMBERED.fullmatch(bare[0]))
    ):
        open_fields.remove("volume")  # Nature (2001) 4-9
    if len(bare) > len(open_fields):
        return None
    told |= dict(zip(open_fields, bare, strict=False))
    volume, number, pages = (told.get(field, "").replace(" ", "") or None for field in ("volume", "number", "pages"))
    return JournalReference("", volume, number, pages, int(told["year"]) if "year" in told else None)
