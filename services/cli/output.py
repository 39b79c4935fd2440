"""How commands print: tables and sentences on a terminal, one line of JSON for programs."""

import json
import sys
from typing import Any

import orjson
from rich.console import Console

from services.cli.standard_output import width


def write_json(value: Any, *, indent: bool = False) -> None:  # noqa: ANN401  # JSON
    """Print a value as one line of JSON, or indented; in ASCII where standard output is not in UTF-8."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else None).decode()
    if (sys.stdout.encoding or "utf-8").lower().replace("-", "") not in ("utf8", "utf_8"):
        text = json.dumps(orjson.loads(text), indent=2 if indent else None)
    sys.stdout.write(text + "\n")


console = Console(highlight=False, emoji=False, width=width())
