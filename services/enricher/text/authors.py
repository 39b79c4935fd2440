"""The authors of a paper, one by one, from the ways in which sources write them."""

import re
from collections.abc import Sequence

_ASIDE = re.compile(r"\([^()]{0,500}\)")
_END = re.compile(r"\s*(?:,|\band\b|&)\s*", re.IGNORECASE)
_JUNIOR = re.compile(r"(?:jr|sr|phd|md|dr|ii|iii|iv)\.?", re.IGNORECASE)


def split_authors(names: Sequence[str]) -> tuple[str, ...]:
    """Return authors one by one; a single string with all of them is split at its separators.

    Affiliations in parentheses may hold commas, so they are dropped. "Origami, Ada" is one person.
    """
    if len(names) != 1:
        return tuple(names)
    text = names[0]
    for _ in range(3):  # parentheses may be nested
        text = _ASIDE.sub(" ", text)
    parts = text.split(";") if ";" in text else _by_comma(text)
    return tuple(name for part in parts if (name := " ".join(part.split())))


def _by_comma(text: str) -> list[str]:
    parts = [part for part in _END.split(text) if part]
    if len(parts) == 2 and "," in text and (" " not in parts[0] or _JUNIOR.fullmatch(parts[1])):  # noqa: PLR2004  # a pair
        return [text]  # last name, first name
    return parts
