"""The version of this program, read once: to look for it takes milliseconds. Pure."""

from functools import cache
from importlib.metadata import version


@cache
def own_version() -> str:
    """Return the version of the installed package, such as `1.4.0`."""
    return version("paperwire")


def user_agent(contact: str) -> str:
    """Return how requests to others name this program, and where its operator is reached."""
    return f"Paperwire/{own_version()} (+{contact})"
