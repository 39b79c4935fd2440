"""What a check found. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something is in order."""

    OK = "ok"
    NOTICE = "notice"
    """It may be right as it is, and Paperwire works without it."""
    PROBLEM = "problem"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing, in one clause; `advice` is a sentence about what to do."""

    what: str
    state: State
    detail: str
    advice: str = ""


def ok(what: str, detail: str) -> Finding:
    """Return that a thing is in order."""
    return Finding(what, State.OK, detail)


def notice(what: str, detail: str, advice: str = "") -> Finding:
    """Return what the reader should know of a thing."""
    return Finding(what, State.NOTICE, detail, advice)


def problem(what: str, detail: str, advice: str = "") -> Finding:
    """Return what is wrong with a thing."""
    return Finding(what, State.PROBLEM, detail, advice)


def repaired(what: str, detail: str) -> Finding:
    """Return what was repaired."""
    return Finding(what, State.REPAIRED, detail)
