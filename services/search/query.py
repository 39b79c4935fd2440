"""What was asked: the words that rank, the phrases that must hold, the id that names one paper, the filters."""

import re
from dataclasses import dataclass
from datetime import date

from shared.names import canonical_id, looks_like_id

_QUOTES = str.maketrans("“”„", '"""')
# One term: a phrase in double quotes, or a word; a quote that is never closed is dropped.
_TERM = re.compile(r'"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)')
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Filters:
    """What every result must be. Of several values in one field any is enough; all fields must hold."""

    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # keys, as `names.author_keys` gives them
    sources: tuple[str, ...] = ()
    since: date | None = None  # days are inclusive, in UTC
    until: date | None = None
    has_code: bool | None = None
    phrases: tuple[str, ...] = ()  # all must be in the title or the abstract


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. `text` ranks (empty: nothing does); `work` is the canonical id when it is an id."""

    text: str
    phrases: tuple[str, ...] = ()
    work: str | None = None


def parse(text: str) -> Query:
    """Read the text of a query. Anything is a query: what cannot be read as more is words."""
    text = text.strip()
    if looks_like_id(text):
        return Query("", work=canonical_id(text))
    words: list[str] = []
    phrases: list[str] = []
    for term in _TERM.finditer(text.translate(_QUOTES)):
        phrase = " ".join((term["phrase"] or "").split())
        if _WORD.search(phrase):
            phrases.append(phrase)
        words.append(phrase or term["word"] or "")
    return Query(" ".join(filter(None, words)), tuple(dict.fromkeys(phrases)))
