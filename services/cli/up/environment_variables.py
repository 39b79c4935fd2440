"""Environment variables that no setting reads: most are misspelled, and would have no effect. Pure but for imports."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module

from services.cli.instance.builders import SERVICES
from shared.settings import PREFIX, Settings

OTHERS = frozenset({f"{PREFIX}API_KEY", f"{PREFIX}TEST_QDRANT_URL", f"{PREFIX}TRACEBACK"})
"""Variables that only the command line or the tests read."""


def known_variables() -> frozenset[str]:
    """Return the variables that the settings of all services read, and those that only the command line reads."""
    for name in (*SERVICES, "gateway"):
        import_module(f"services.{name}.settings")
    classes: list[type[Settings]] = [Settings, *Settings.__subclasses__()]
    return OTHERS | {PREFIX + field.upper() for settings in classes for field in settings.model_fields}


def unknown_variables(environment: Iterable[str]) -> list[str]:
    """Return a sentence for each variable that begins as ours do and that nothing reads, with the nearest name."""
    known = known_variables()
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"{name} is not a setting and has no effect.{_nearest(name.upper(), known)}" for name in unknown]


def _nearest(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f" Did you mean {near[0]}?" if near else ""
