"""How a name that was typed may be spelled in the index: initials, order, one slip of the finger."""

from collections.abc import Iterable, Iterator

SHORTEST = 5
"""Letters of a name below which a slip makes another name: Wang, Wong."""
_BEGINNING = 3
_MOST_BEGINNINGS = 6


def spellings(key: str) -> Iterator[str]:
    """Give the keys of a name, `names.author_keys` of what was typed, the surest first.

    Without middle names; with the family name first, as in "Doe Jane"; by the initial alone where it was one.
    """
    yield key
    parts = key.split()
    if len(parts) < 2:  # noqa: PLR2004  # one name only
        return
    if len(parts) > 2:  # noqa: PLR2004  # a middle name
        yield f"{parts[0]} {parts[-1]}"
    yield " ".join([*parts[1:], parts[0]])
    if len(parts) > 2:  # noqa: PLR2004  # as above
        yield " ".join([parts[-1], *parts[:-1]])


def beginnings(key: str) -> list[str]:
    """Give what the right name may begin with, if one letter of this one is wrong: from long to short.

    Last its initial with the family name, in case that the slip is in the first name.
    """
    if len(key.replace(" ", "")) < SHORTEST:
        return []
    shortest = max(_BEGINNING, len(key) // 2)
    step = -(-(len(key) - shortest) // _MOST_BEGINNINGS)
    first, *others = key.split()
    return [key[:length] for length in range(len(key) - 1, shortest - 1, -step)] + [
        f"{first[0]} {last}" for last in others[-1:]
    ]


def near(key: str, known: Iterable[str]) -> list[str]:
    """Give the known keys that are one slip away."""
    return sorted(other for other in known if one_slip(key, other))


def one_slip(one: str, other: str) -> bool:
    """Tell whether two texts differ by one letter more, less or other, or by two that changed places."""
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
