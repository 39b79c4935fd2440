"""Variants of a name that was typed: one typing error."""

from collections.abc import Iterable

SHORTEST = 5
"""Letters of a name below which a typing error makes another name: Wang, Wong."""
_MIN_PREFIX = 3
_MAX_PREFIXES = 6


def prefixes(key: str) -> list[str]:
    """Return prefixes that the right name may have, if one letter of this one is wrong: from long to short.

    The last one is the initial with the family name, in case the error is in the first name.
    """
    if len(key.replace(" ", "")) < SHORTEST:
        return []
    shortest = max(_MIN_PREFIX, len(key) // 2)
    step = -(-(len(key) - shortest) // _MAX_PREFIXES)
    first, *others = key.split()
    return [key[:length] for length in range(len(key) - 1, shortest - 1, -step)] + [
        f"{first[0]} {last}" for last in others[-1:]
    ]


def near(key: str, known: Iterable[str]) -> list[str]:
    """Return the known keys that are one typing error away and can be typed: `person_names` marks the others."""
    return sorted(other for other in known if one_slip(key, other) and not set("./") & set(other))


def one_slip(one: str, other: str) -> bool:
    """Return whether two texts differ by one letter inserted, deleted or replaced, or by two letters swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[at:], other[at:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
