"""How commands print: tables and sentences on a terminal, one line of JSON for programs."""

import sys
from typing import Any

import orjson
from rich.console import Console

# Without a terminal a table may be wide, so that nothing in it is cut.
console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else 240)


def write_json(value: Any) -> None:  # noqa: ANN401  # JSON
    """Print a value as one line of JSON."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
