"""Which sentences of an abstract speak of the problem, of the method and of the result. Pure.

Each sentence gets points for each of the three by its words, and by its place: what stands before the first sentence in
which the authors speak of themselves is the problem, and the further on, the more likely is a result (the zones of
Teufel and Moens, Computational Linguistics 28(4), 2002, by the rules of Edmundson, 1969). A printed label such as
"Methods:" rules all sentences up to the next one. A sentence about code, and one that is only a label, is of no facet.
docs/quality.md has the counts.
"""

import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from importlib import resources
from typing import Final

from shared.text.sentence_ends import sentences


class Facet(StrEnum):
    """What a sentence of an abstract says of its paper."""

    PROBLEM = "problem"
    METHOD = "method"
    RESULT = "result"


STRONG: Final = 2.0
"""What a word of the strong lists counts; one of the weak lists counts 1."""
BEFORE: Final = 2.5
"""What a sentence before the authors speak counts as the problem."""
AFTER: Final = 1.0
"""What one that follows counts as the method and against the problem; at the end it counts twice that as a result."""
_MOST_WEAK: Final = 2
MAX_CHARACTERS: Final = 8_000
"""Characters of an abstract that are read."""
_SPACES: Final = re.compile(r"\s+")
_LISTS: Final[dict[str, dict[str, list[str]]]] = tomllib.loads(
    resources.files(__package__).joinpath("abstract_facets.toml").read_text("utf-8")
)


def _pattern(words: Sequence[str], end: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)}){end}")


_STRONG: Final = {facet: _pattern(_LISTS[facet]["strong"], "") for facet in Facet}
_WEAK: Final = {facet: _pattern(_LISTS[facet]["weak"], r"(?![\w-])") for facet in Facet}
_LABELS: Final = {facet: re.compile(rf"(?:{'|'.join(_LISTS[facet]['labels'])}) ?[.:](?: |$)") for facet in Facet}
_AUTHORS: Final = re.compile(
    r"\b(?:we|our|this (?:\w+ ){0,2}(?:paper|work|article|chapter|study|thesis|survey|report|letter|review|tutorial))\b"
)
_ASIDE: Final = re.compile(
    r"https?://|\bgithub\b|\b(?:code|data|models|datasets?|implementation)\b.{0,60}\bavailable\b"
)


def facets(abstract: str) -> list[tuple[str, Facet | None]]:
    """Return the sentences of an abstract, each with what it speaks of, or None."""
    found = sentences(_SPACES.sub(" ", abstract[:MAX_CHARACTERS]).strip())
    lowered = [text.lower() for text in found]
    own = next((place for place, text in enumerate(lowered) if _AUTHORS.search(text)), len(found))
    labelled: Facet | None = None
    rows: list[tuple[str, Facet | None]] = []
    for place, (said, text) in enumerate(zip(found, lowered, strict=True)):
        label = next((facet for facet, pattern in _LABELS.items() if pattern.match(text)), None)
        labelled = label or labelled
        if _ASIDE.search(text) or (label and " " not in text):
            rows.append((said, None))
        else:
            rows.append((said, labelled or _likeliest(text, place / len(found), before=place < own)))
    return rows


def passage(abstract: str, facet: Facet) -> str:
    """Return the sentences of an abstract that speak of a facet, in their order; empty where there are none."""
    return " ".join(text for text, of in facets(abstract) if of is facet)


def spoken_of(abstract: str) -> list[Facet]:
    """Return the facets that an abstract has a sentence of."""
    found = {facet for _, facet in facets(abstract)}
    return [facet for facet in Facet if facet in found]


def _likeliest(text: str, place: float, *, before: bool) -> Facet:
    points = {facet: _points(text, facet) for facet in Facet}
    if before:
        points[Facet.PROBLEM] += BEFORE
    else:
        points[Facet.PROBLEM] -= AFTER
        points[Facet.METHOD] += AFTER
        points[Facet.RESULT] += 2 * AFTER * place
    return max(points, key=lambda facet: points[facet])


def _points(text: str, facet: Facet) -> float:
    strong, weak = (len({match[0] for match in words[facet].finditer(text)}) for words in (_STRONG, _WEAK))
    return STRONG * strong + min(weak, _MOST_WEAK)
