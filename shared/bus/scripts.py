"""Lua scripts for Redis. Each is a `.lua` file in the package of the module that runs it.

The header of a file states its keys, its arguments, its answer, and what it does atomically.
"""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript


def source(package: str, *names: str) -> str:
    """Return the text of `<name>.lua` of a package; several files are joined in order, a library first."""
    return "\n".join(files(package).joinpath(f"{name}.lua").read_text(encoding="utf-8") for name in names)


def register(redis: "Redis[bytes]", package: str, *names: str) -> "AsyncScript":
    """Register the script that `<name>.lua` of a package holds, after the libraries named before it."""
    return redis.register_script(source(package, *names))
