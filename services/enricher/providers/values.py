"""Reading what a provider sends: leniently, value by value; what is not as expected is as if it were not there."""

from collections.abc import Mapping
from typing import Any

from shared.errors import TransientError
from shared.papers.paper import Signals

MAX_TEXT = 1_000


def rows(answer: Any, *path: str, provider: str) -> list[Any]:  # noqa: ANN401  # a stranger's JSON
    """Give the list at a path of an answer. Raises TransientError when there is none: the answer has a wrong shape."""
    for name in path:
        answer = record(answer).get(name)
    if not isinstance(answer, list):
        raise TransientError(f"{provider} answers in a shape that is not its own")
    return answer


def record(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  # as above
    """Give an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:  # noqa: ANN401  # as above
    """Give a list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, most: int = MAX_TEXT) -> str | None:  # noqa: ANN401  # as above
    """Give a text without spaces around it, or None; of a list, its first."""
    if isinstance(value, list):
        value = next(iter(value), None)
    return (value.strip()[:most] or None) if isinstance(value, str) else None


def count(value: Any) -> int | None:  # noqa: ANN401  # as above
    """Give a counter, or None: a negative one, a fraction or `true` counts nothing."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53 else None


def counts(values: Mapping[str, Any], **names: str) -> Signals:
    """Read counters: our name of each, and theirs."""
    return Signals(**{ours: count(values.get(theirs)) for ours, theirs in names.items()})
