"""What is a publication: a DOI of a journal rather than of a preprint, and a venue rather than an archive or a state.

Pure; the lists are data.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final

from shared.papers.titles import normalized

_LISTS: Final = tomllib.loads(resources.files(__package__).joinpath("publication.toml").read_text("utf-8"))
_PREPRINTS: Final = tuple(f"10.{beginning}" for beginning in _LISTS["preprints"])


def _any(name: str) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(_LISTS[name], key=len, reverse=True)))})"


_MODIFIERS: Final = f"(?:(?:{'|'.join(_LISTS['modifiers'].split())}) ){{0,3}}"
_NO_VENUE: Final = re.compile(
    rf"(?:{_any('archives')}\b|{_MODIFIERS}{_any('states')}(?!\w)|.{{0,300}}\W{_any('endings')}\W*$)", re.DOTALL
)


def is_preprint(doi: str) -> bool:
    """Return whether a DOI, in lower case, is that of a preprint: alone it does not mean that a work is published."""
    return doi.startswith(_PREPRINTS)


def is_venue(name: str) -> bool:
    """Return whether a text names where a work was published.

    Archives of preprints do not publish, and "Under review", "Rejected by" and "Submitted to" say that nobody has yet.
    """
    text = normalized("NFKD", name).casefold()
    return _NO_VENUE.match(re.sub("[\u0300-\u036f]", "", text).strip(" .([")) is None and any(map(str.isalnum, text))


def journal_doi(identifiers: Mapping[str, str]) -> str | None:
    """Return the DOI under which a journal or a conference has published a work."""
    name = identifiers.get("published") or identifiers.get("doi")
    return None if name is None or is_preprint(name) else name
