"""The parts of a name, spelled as its source spells them, for files that keep them apart. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from shared.papers.name_parts import COMPOUNDS, GROUPS, PARTICLES, is_suffix
from shared.text.letters import fold_letters

_GROUP: Final = re.compile(r"&|\b(?:and|for|of|und|für)\b|^the\b", re.IGNORECASE)
_INITIALS: Final = re.compile(r"[A-Z]{1,3}|(?:[A-Z]\.-?){1,4}")
_EASTERN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\\s]+")
_ASIDE: Final = re.compile(r"\s?\([^()]{1,200}\)$")
"""What a source puts behind a name: Jane Doe (CERN)."""
_MAX_COMMAS: Final = 2
"""Commas of a name: Doe, Jr., Jane."""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts: `van der` is the particle of Jan van der Berg. A group has a family name only."""

    family: str
    given: str = ""
    suffix: str = ""
    particle: str = ""

    @property
    def full_family(self) -> str:
        """The family name with its particle."""
        return f"{self.particle} {self.family}".strip()


def name_of(text: str) -> Name:
    """Split a name into its parts, whichever comes first; the name of a group stays whole."""
    text = " ".join(text.split())
    if not GROUPS.isdisjoint(fold_letters(text).replace(",", " ").split()) or _GROUP.search(text):
        return Name(text)
    text = _ASIDE.sub("", text) or text
    first, *others = (part.strip() for part in text.split(","))
    if len(others) > _MAX_COMMAS or (others and not first):
        return Name(text)
    suffix = next((part for part in others if is_suffix(part)), "")
    given = " ".join(part for part in others if part and part != suffix).split()
    if given:
        return _named(_with_particle_behind(given, first.split()), given, suffix)
    return _in_one(first.split(), suffix)


def _with_particle_behind(given: list[str], family: list[str]) -> list[str]:
    """Return the words of a family name, with the particle that stands behind the given name: Berg, Jan van der."""
    while len(given) > 1 and given[-1] in PARTICLES:
        family.insert(0, given.pop())
    return family


def _in_one(words: list[str], suffix: str) -> Name:
    """Read a name without a comma before its given name."""
    if len(words) > _PAIR and not suffix and is_suffix(words[-1]):
        suffix = words.pop()
    if len(words) < _PAIR or words[0] in PARTICLES:
        return Name(" ".join(words), suffix=suffix)
    at = len(words) - 1
    if _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]) and any(map(str.islower, "".join(words))):
        at = next(place for place, word in enumerate(words) if _INITIALS.fullmatch(word))  # Doe JQ
        return _named(words[:at], words[at:], suffix)
    if len(words) == _PAIR and _EASTERN.fullmatch(" ".join(words)):
        return _named(words[:1], words[1:], suffix)
    lower = (place for place, word in enumerate(words[1:-1], 1) if word[0].islower())
    if len(words) > _PAIR and fold_letters(words[-_PAIR]) in COMPOUNDS:
        at -= 1  # Gabriel García Ejemplo
    at = min(next(lower, at), at)
    return _named(words[at:], words[:at], suffix)


def _named(family: list[str], given: list[str], suffix: str) -> Name:
    """Return a name with the particle apart; a capital particle is a part of the family name."""
    start = next((at for at, word in enumerate(family[:-1]) if not word[0].islower()), len(family) - 1)
    return Name(" ".join(family[start:]), " ".join(given), suffix, " ".join(family[:start]))
