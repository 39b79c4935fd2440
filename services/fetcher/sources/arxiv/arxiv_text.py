"""The spelling of authors, dates and categories in all interfaces of arXiv. Pure."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

from services.fetcher.sources.fields import clean, moment
from shared.papers.author_lists import split_authors
from shared.papers.bounds import MAX_AUTHOR, MAX_AUTHORS, MAX_ID, MAX_MOMENT
from shared.papers.paper import Signals

_UTC = re.compile(r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_GROUPS: Final = frozenset(("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"))
OTHERS: Final[dict[str, Any]] = {
    "pdf": None, "project": None, "thumbnail": None, "code": (), "signals": Signals(), "announced": None,
    "announced_on": None, "tldr": None, "appeared": None, "orcids": {}, "trust": 0,
}  # fmt: skip
"""The fields of an item that arXiv's bulk formats do not have. Their parsers make items with `model_construct`:
validating strings that they have just made would take a sixth of their time."""


def people_in(text: str) -> tuple[str, ...]:
    """Return the authors that a line names, as in `arXivRaw`: given names first, with affiliations in parentheses."""
    return tuple([name[:MAX_AUTHOR] for name in split_authors(clean(text), given_first=True)[:MAX_AUTHORS]])


@lru_cache(maxsize=8_192)
def day_or_moment(text: str | None) -> str | None:
    """Parse a date in the forms arXiv uses (ISO 8601, or as in mail headers); return None for anything else."""
    if not text or len(text) > MAX_MOMENT:
        return None
    try:
        if _UTC.fullmatch(text):  # the form of the API, parsed in a fifth of the time
            datetime.fromisoformat(text)
            return text
        return moment(text if text[:1].isdigit() else parsedate_to_datetime(text).isoformat())
    except (ValueError, TypeError, IndexError):
        return None


def own_doi(text: str | None, notes: list[str]) -> dict[str, str]:
    """Return the first DOI of an element, as identifiers; one that is too long is left out, with a note."""
    if not text:
        return {}
    first = clean(text[: MAX_ID + 1]).partition(" ")[0]
    if len(first) > MAX_ID:
        notes.append(f"doi: longer than {MAX_ID} characters; left out")
        return {}
    return {"doi": first} if first else {}


def bare_id(item_id: str) -> str:
    """Return the id of an arXiv item without its prefix."""
    return item_id.removeprefix("arXiv:")


def belongs(categories: tuple[str, ...], category: str) -> bool:
    """Return whether a paper is in a category, or in any category of an archive such as `cs`."""
    return any(name == category or name.startswith(f"{category}.") for name in categories)


def oai_set(category: str) -> str:
    """Return the OAI-PMH set of a category or an archive: `cs.AI` → `cs:cs:AI`, `hep-th` → `physics:hep-th`.

    Source: https://info.arxiv.org/help/oa/index.html, group:archive:category.
    """
    archive, dot, name = category.partition(".")
    if archive not in _GROUPS:
        archive = f"physics:{archive}"
    elif dot:
        archive = f"{archive}:{archive}"
    return f"{archive}:{name}" if dot else archive
