"""Fields of items: strings from outside, made safe to store (no NUL, no lone surrogates) and bounded. Pure."""

import re
from collections.abc import Sequence

from shared.moments import parse_moment
from shared.papers.bounds import MAX_AUTHOR, MAX_AUTHORS, MAX_ID, MAX_MOMENT, MAX_URL, MAX_VENUE
from shared.papers.names import canonical_id, check_id
from shared.papers.paper import normalize_moment

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)
_HTTP = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/?#]*@")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBERS = re.compile(r"(?P<year>\d{4})(?:(?P<sign>[-/.])(?P<month>\d{1,2})(?:(?P=sign)(?P<day>\d{1,2}))?)?", re.ASCII)
_NAMES = "january february march april may june july august september october november december"
# 3 March 2026, March 3, 2026, Mar. 2026, and as PubMed writes it, 2026 Mar 3.
_NAMED = re.compile(
    r"(?:(?P<first>\d{4}) |(?P<before>\d{1,2}) )?(?P<month>[a-z]{3,9})\.?(?: (?P<day>\d{1,2}))?,?"
    r"(?(first)| (?P<year>\d{4}))",
    re.IGNORECASE | re.ASCII,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
# Seasons, quarters and pairs of months, of which the year is known: Spring 2026, March/April 2026, 2026-Q3.
_PART = rf"(?:spring|summer|autumn|fall|winter|q[1-4]|{_MONTH}\s?[-–/]\s?{_MONTH})"
_YEAR_ONLY = re.compile(rf"(?:{_PART},? (?P<year>\d{{4}})|(?P<first>\d{{4}})[ -]{_PART})", re.IGNORECASE | re.ASCII)
_CJK = re.compile(r"(?P<year>\d{4})年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?)?", re.ASCII)
MIN_YEAR = 1500
MAX_YEAR = 2200


def fit(text: str) -> str:
    """Return the text without control characters and lone surrogates, which cannot be stored or shown."""
    return _UNFIT.sub("", text)


def one_line(text: str, most: int = 200) -> str:
    """Return foreign text in one line and bounded, for use in our own sentences."""
    return " ".join(fit(text[: 10 * most]).split())[:most]


def clean(text: str | None) -> str:
    """Return a text as it can be stored; JSON lets lone surrogates through, XML only DEL."""
    return fit(text).strip() if text else ""


def several(
    field: str, texts: Sequence[str], notes: list[str], most: int = MAX_AUTHORS, longest: int = MAX_AUTHOR
) -> tuple[str, ...]:
    """Return up to `most` texts of `longest` characters, each in one line; add a note on what was cut."""
    if len(texts) > most:
        notes.append(f"{field}: the first {most:,} of {len(texts):,} are kept")
        texts = texts[:most]
    if long := sum(len(text) > longest for text in texts):
        notes.append(f"{field}: {long:,} of {len(texts):,} cut to {longest:,} characters")
    return tuple([line for text in texts if (line := " ".join(clean(text[:longest]).split()))])


def own_id(identity: str, source: str) -> str:
    """Return the id of an item outside the archives; an id without a scheme gets its source as prefix.

    Raises:
        ValueError: it is too long.

    """
    identity = " ".join(canonical_id(check_id(identity)).split())
    return check_id(identity if _SCHEME.match(identity) else f"{source}:{identity}")


def title_id(title: str, source: str) -> str:
    """Return the id of an item that has none: its title, cut if needed."""
    return own_id(title[: MAX_ID - len(source) - 1], source)


def venue_of(text: str | None) -> str | None:
    """Return where a paper was published, in one line, as its authors or its journal wrote it."""
    return " ".join(clean(text[:MAX_VENUE]).split()) or None if text else None


def http_url(text: str) -> str | None:
    """Return an http or https address as it can be stored, or None for anything else, such as `javascript:`."""
    url = fit(text).strip() if len(text) <= MAX_URL else ""
    return url if _HTTP.fullmatch(url) else None


def bare_url(url: str) -> str:
    """Return an address without its secrets: name, password, and the query, which holds the tokens of feeds."""
    return re.split(r"[?#]", _USER.sub("", url, count=1), maxsplit=1)[0]


def moment(text: str) -> str:
    """Parse a date or moment in the forms sources use; return it as ISO 8601. A year or a month stays one.

    Unpadded numbers (`2026-6-30`), slashes, zeros for what is unknown (`2026-06-00`) and English months are read too.

    Raises:
        ValueError: it is not a date, or lies outside the years 1500 to 2200.

    """
    if len(text) > MAX_MOMENT:
        message = f"a date has at most {MAX_MOMENT} characters"
        raise ValueError(message)
    text = text.strip()
    if parts := _NUMBERS.fullmatch(text) or _CJK.fullmatch(text):
        text = _joined(parts["year"], int(parts["month"] or 0), int(parts["day"] or 0))
    elif parts := _YEAR_ONLY.fullmatch(text):
        text = parts["year"] or parts["first"]
    elif parts := _NAMED.fullmatch(text):
        text = _joined(
            parts["year"] or parts["first"], _month(parts["month"]), int(parts["day"] or parts["before"] or 0)
        )
    try:
        value = normalize_moment(text)
    except OverflowError as error:  # its offset takes it out of the calendar
        raise ValueError(str(error)) from error
    if not MIN_YEAR <= parse_moment(value).year <= MAX_YEAR:
        message = f"{text} is not a plausible date"
        raise ValueError(message)
    return value


def _month(name: str) -> int:
    """Return the number of a month by its name or the beginning of it."""
    for number, month in enumerate(_NAMES.split(), 1):
        if month.startswith(name.lower()):
            return number
    message = f"{name} is not a month"
    raise ValueError(message)


def _joined(year: str, month: int, day: int) -> str:
    """Return a date of numbers as far as it is known: 0 is unknown, and a day without a month too."""
    return f"{year}-{month:02d}-{day:02d}" if month and day else f"{year}-{month:02d}" if month else year
