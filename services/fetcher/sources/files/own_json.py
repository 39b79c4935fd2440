"""Papers as Paperwire's API shows them, brought to the flat form of the import format. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from shared.papers.bounds import MAX_COUNT
from shared.papers.names import canonical_id
from shared.papers.paper import Links, Signals

_LINKS: Final[Mapping[str, str]] = {"url": "abs"} | {name: name for name in Links.model_fields if name != "abs"}
"""The fields of `links` by those of the import format."""
_NO_COUNTS: Final[Mapping[str, type]] = {"comments": str, "datasets": list}


def flattened(record: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return a record with the fields of its `links`, and with its version, where it does not have them itself."""
    found: dict[str, Any] = {"version": _version(record)}
    links = record.get("links")
    if isinstance(links, dict):
        found |= {ours: links.get(theirs) for ours, theirs in _LINKS.items()}
    elif links is not None:
        notes.append("links: an object was expected; left out")
    return found | {name: value for name, value in record.items() if value is not None}


def signals_in(record: Mapping[str, Any], notes: list[str]) -> Signals:
    """Read counters: those of the object `signals`, or else those of the record.

    Beside them a record may have `comments` of the authors, and `datasets` that the paper is about.
    """
    given = record.get("signals")
    if given is not None and not isinstance(given, dict):
        notes.append("signals: an object was expected; left out")
    beside = {name: value for name, value in record.items() if not isinstance(value, _NO_COUNTS.get(name, ()))}
    known = given if isinstance(given, dict) else beside
    values = {name: known[name] for name in Signals.model_fields if known.get(name) is not None}
    notes += [f"{name}: a count was expected; left out" for name, value in values.items() if not is_count(value)]
    return Signals(**{name: value for name, value in values.items() if is_count(value)})


def is_count(value: object) -> bool:
    """Return whether a value is a counter."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT


def _version(record: dict[str, Any]) -> int | None:
    """Return the version of a paper, which the API shows where the paper was seen under its own id."""
    own, sources = record.get("id"), record.get("sources")
    if not isinstance(own, str) or not isinstance(sources, list):
        return None
    refs = [ref for ref in sources if isinstance(ref, dict) and isinstance(ref.get("id"), str)]
    versions = [ref.get("version") for ref in refs if canonical_id(ref["id"]) == canonical_id(own)]
    return max((version for version in versions if type(version) is int), default=None)
