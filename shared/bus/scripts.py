"""Lua scripts for Redis. Each is a `.lua` file in the package of the module that runs it.

The header of a file states its keys, its arguments, its answer, and what it does atomically. Every script can call
`now_ms` of `clock.lua`.
"""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript


_CLOCK: Final = Path(__file__).with_name("clock.lua").read_text(encoding="utf-8")


def source(package: str, *names: str) -> str:
    """Return the text of `<name>.lua` of a package after the clock; several files are joined, a library first."""
    texts = [files(package).joinpath(f"{name}.lua").read_text(encoding="utf-8") for name in names]
    return "\n".join([_CLOCK, *texts])


def register(redis: "Redis[bytes]", package: str, *names: str) -> "AsyncScript":
    """Register the script that `<name>.lua` of a package holds, after the libraries named before it."""
    return redis.register_script(source(package, *names))
