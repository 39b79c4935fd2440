"""Environment variables that no setting reads: most are misspelled, and would have no effect.

The names are in a file, since a process of one service knows only the settings of its own. `python -m
tests.contract.regenerate` writes it.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import resources

import structlog

from shared.settings import PREFIX

log = structlog.get_logger("settings")


@cache
def known_variables() -> frozenset[str]:
    """Return the variables that the settings of all services read, and those that only the command line reads."""
    return frozenset(resources.files(__package__).joinpath("setting_names.txt").read_text("ascii").split())


def unknown_variables(environment: Iterable[str]) -> list[str]:
    """Return a sentence for each variable that begins as ours do and that nothing reads, with the nearest name."""
    known = known_variables()
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"{name} is not a setting and has no effect.{_nearest(name.upper(), known)}" for name in unknown]


def warn_of_unknown_variables() -> None:
    """Log a warning for each variable of this process that nothing reads; every process does so when it starts."""
    for sentence in unknown_variables(os.environ):
        log.warning("setting unknown", detail=sentence)


def _nearest(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f" Did you mean {near[0]}?" if near else ""
