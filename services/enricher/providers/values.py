"""Lenient reading of the JSON that a provider sends: a value of an unexpected kind counts as missing."""

from collections.abc import Mapping
from typing import Any

from shared.errors import TransientError
from shared.papers.bounds import MAX_COUNT, MAX_ID
from shared.papers.orcids import orcid
from shared.papers.paper import Author, Signals

MAX_TEXT = 1_000
MAX_NAME = 300


def unexpected(provider: str) -> TransientError:
    """Return the error of an answer that is not what a provider is known to send."""
    return TransientError(f"{provider} sent an answer of an unexpected shape")


def rows(answer: Any, *path: str, provider: str) -> list[Any]:  # noqa: ANN401  # a stranger's JSON
    """Return the list at a path of an answer.

    Raises:
        TransientError: there is none.

    """
    for name in path:
        answer = record(answer).get(name)
    if not isinstance(answer, list):
        raise unexpected(provider)
    return answer


def record(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  # as above
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def elements(value: Any) -> list[Any]:  # noqa: ANN401  # as above
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, max_length: int = MAX_TEXT) -> str | None:  # noqa: ANN401  # as above
    """Return a text without spaces around it, or None; of a list, its first element."""
    if isinstance(value, list):
        value = next(iter(value), None)
    return (value[:max_length].strip() or None) if isinstance(value, str) else None


def name(value: Any) -> str | None:  # noqa: ANN401  # as above
    """Return a short text, such as a venue."""
    return text(value, MAX_NAME)


def identifier(value: Any) -> str:  # noqa: ANN401  # as above
    """Return an id, or an empty text; one that is too long is left out, as a part of it would be another id."""
    return value.strip() if isinstance(value, str) and len(value) <= MAX_ID else ""


def is_year(value: Any) -> bool:  # noqa: ANN401  # as above
    """Return whether a value is the year of a publication."""
    return isinstance(value, int) and not isinstance(value, bool) and 1500 <= value <= 2200  # noqa: PLR2004


def author(name: str, address: Any) -> Author | None:  # noqa: ANN401  # as above
    """Return an author with a valid ORCID iD, or None."""
    own = orcid(identifier(address))
    return Author(name=name[:MAX_NAME], orcid=own) if own and name.strip() else None


def count(value: Any) -> int | None:  # noqa: ANN401  # as above
    """Return a counter, or None for anything else, such as a negative number, a fraction or `true`."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT else None


def counts(values: Mapping[str, Any], **names: str) -> Signals:
    """Return counters; `names` maps our name of each to that of the provider."""
    return Signals(**{ours: count(values.get(theirs)) for ours, theirs in names.items()})
