"""The rooms of each service in their order: `python -m tests.contract.rooms` lists them in docs/architecture.md.

The order is that of the layers contracts of import-linter; what a room knows is the first sentence of its docstring.
"""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "architecture.md"
MARKS: Final = ("<!-- rooms: written by `python -m tests.contract.rooms` -->", "<!-- end of rooms -->")
SERVICES: Final = ("fetcher", "enricher", "indexer", "notifier", "search", "gateway")


def layers() -> dict[str, list[str]]:
    """Return the layers of each service that has a contract, the highest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    ordered = [contract for contract in contracts if contract["type"] == "layers"]
    return {container: contract["layers"] for contract in ordered for container in contract.get("containers", ())}


def known(path: Path) -> str:
    """Return the first sentence of the docstring of a room or module."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return re.split(r"(?<=[.])\s", " ".join(text.split()))[0]


def listed(service: str, order: list[str]) -> list[str]:
    """Return one line for each room of a service."""
    folder, lines = ROOT / "services" / service, []
    for layer in order:
        for name in re.split(r" [|:] ", layer):
            room = folder / name.strip("()")
            if (room / "__init__.py").is_file():
                lines.append(f"- `{room.name}/`: {known(room / '__init__.py')}")
    return lines


def drawn() -> str:
    """Return the rooms of all services as Markdown."""
    parts, orders = [], layers()
    for service in SERVICES:
        if rooms := listed(service, orders.get(f"services.{service}", [])):
            parts += [f"**{service}**", "", *rooms, ""]
    return "\n".join(parts).strip()


def page() -> str:
    """Return the page with its rooms as they are."""
    before, rest = PAGE.read_text("utf-8").split(MARKS[0])
    return f"{before}{MARKS[0]}\n\n{drawn()}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
