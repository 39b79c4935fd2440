"""ORCID iDs: the identifiers of researchers (https://orcid.org), which tell people apart as no name does. Pure."""

import re
from typing import Final

from shared.papers.paper import Author
from shared.papers.person_names import same_person

_ORCID: Final = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid:\s?)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3})([\dx])/?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = 100
MAX_COMPARED: Final = 10_000
"""Pairs of authors that are compared: two lists of a large collaboration have millions."""


def orcid(text: str) -> str | None:
    """Return an iD as `0000-0002-1825-0097`, from any of its spellings; None for what is none.

    The last character is a checksum by ISO 7064 11,2 (https://support.orcid.org, "Structure of the ORCID Identifier").
    """
    found = _ORCID.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    *parts, last = found.groups()
    total = 0
    for digit in "".join(parts):
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    sign = last.upper()
    return f"{'-'.join(parts)}{sign}" if sign == ("X" if check == 10 else str(check)) else None  # noqa: PLR2004


def with_orcids(authors: tuple[Author, ...], known: tuple[Author, ...]) -> tuple[Author, ...]:
    """Return authors with the iDs that others of the same work have; one that fits two authors is left out."""
    found = [author for author in known if author.orcid]
    if not found or all(author.orcid for author in authors) or len(found) * len(authors) > MAX_COMPARED:
        return authors
    named = [[author for author in found if same_person(author.name, one.name)] for one in authors]
    counts: dict[str, int] = {}
    for fitting in named:
        for author in fitting:
            counts[str(author.orcid)] = counts.get(str(author.orcid), 0) + 1
    return tuple(
        one if one.orcid or len(fitting) != 1 or counts[str(fitting[0].orcid)] > 1
        else one.model_copy(update={"orcid": fitting[0].orcid})
        for one, fitting in zip(authors, named, strict=True)
    )  # fmt: skip
