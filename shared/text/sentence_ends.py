"""Splits a text into sentences, and cuts it after one. Pure."""

import re
from typing import Final

ELLIPSIS: Final = "…"
_SPACES: Final = re.compile(r"\s+")
# The pattern begins with the space, as it is found fastest.
_END: Final = re.compile(r" (?:(?<=[.!?] )|(?<=[.!?][\"”’')\]] ))(?=[\"“‘'(\[]?[A-Z0-9])")
_ABBREVIATIONS: Final = (
    "al. e.g. i.e. cf. vs. viz. resp. approx. fig. figs. eq. eqs. sec. no. nos. dr. prof. st. ca. incl. w.r.t. mr. "
    "mrs. ms. mt. pp. vol. refs. tab. thm. lem. ph.d."
)
_AHEAD: Final = 40
"""Characters behind a limit that show whether a sentence ends at it."""
_OPEN: Final = (
    "A An As At By For From Here However If In It Its On Our Such That The Their There These They This Those To Using "
    "We When Where While With"
)
_OPENINGS: Final = frozenset(_OPEN.split())
"""Words that begin a sentence after "vitamin C." and no name after "J."."""
_ABBREVIATED: Final = frozenset(_ABBREVIATIONS.split())


def sentences(text: str) -> list[str]:
    """Split a text into its sentences; an abbreviation or an initial does not end one."""
    found: list[str] = []
    for part in _END.split(text):
        if found and _goes_on(found[-1], part):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return [part for part in found if part]


def beginning(text: str, most: int) -> str:
    """Return the first sentences of a text as one line of at most `most` characters.

    A first sentence that is longer is cut between words.
    """
    text = _SPACES.sub(" ", text).strip()
    if len(text) <= most:
        return text
    kept = ""
    for sentence in sentences(text[: most + _AHEAD]):
        longer = f"{kept} {sentence}" if kept else sentence
        if len(longer) > most:
            break
        kept = longer
    return kept or shortened(text, most)


def shortened(text: str, most: int) -> str:
    """Return a text as one line, cut between words where it has more than `most` characters."""
    text = _SPACES.sub(" ", text).strip()
    if len(text) <= most:
        return text
    cut = text[: most - len(ELLIPSIS)]
    return (cut.rpartition(" ")[0].rstrip(" ,;:") or cut) + ELLIPSIS


def _goes_on(part: str, following: str) -> bool:
    """Return whether a full stop belongs to an abbreviation, or to an initial that a name follows."""
    last = part.rpartition(" ")[2].lstrip("(")
    is_initial = len(last) == len("A.") and last[0].isupper() and part != last
    return last.lower() in _ABBREVIATED or (is_initial and following.split(" ", 1)[0] not in _OPENINGS)
