"""The lines that alerts and feeds show for a paper: what it says in one sentence, its people and its counters. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.papers.tldr import tldr_line
from shared.text.sentence_ends import beginning

Document = Mapping[str, Any]
"""A paper as JSON, as alerts have it: fields may be left out."""
COUNTERS: Final = ("upvotes", "citations", "stars", "comments")
_AROUND: Final = " ,;:·•*†‡§¶‖|/\\&"
"""What sources leave around a name: separators of lists, and marks of footnotes."""
_FULL_STOP: Final = re.compile(r"(?<=[^\W\d_]{3})\.$")
"""A full stop behind a word that is neither an initial nor a suffix of two letters, as in "Jane Doe."."""
_SUFFIXES: Final = ("Esq.", "Ph.D.", "M.Sc.")


def gist_line(paper: Document) -> str:
    """Return the summary of a provider, marked as such, or the authors' own sentence that says most; or nothing."""
    return tldr_line(paper) or " ".join((paper.get("gist") or "").split())


def lead(paper: Document, most: int) -> str:
    """Return what a paper says: its summary or gist, else the first sentences of its abstract, cut at `most`."""
    return gist_line(paper) or beginning(paper.get("abstract") or "", most)


def people(names: Sequence[str], most: int) -> str:
    """Return names as a list in words: "A and B", "A, B, C and 4 more"; at most `most` of them."""
    known = [name for name in map(shown_name, names) if name]
    named, more = known[:most], len(known) - most
    if more > 0:
        return f"{', '.join(named)} and {more:,} more"
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def shown_name(name: str) -> str:
    """Return a name on one line, without the punctuation that a source left around it."""
    bare = " ".join(name.split()).strip(_AROUND)
    return bare if bare.endswith(_SUFFIXES) else _FULL_STOP.sub("", bare)


def counters(paper: Document) -> str:
    """Return the counters of a paper that are above zero, such as "12 upvotes, 1 citation"; or nothing."""
    signals = paper.get("signals") or {}
    known = ((name, signals.get(name) or 0) for name in COUNTERS)
    return ", ".join(f"{value:,} {name if value != 1 else name[:-1]}" for name, value in known if value > 0)
