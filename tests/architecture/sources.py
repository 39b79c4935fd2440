"""The files of the project and who imports whom, read once for the tests of its structure."""

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "embedded", "services", "paperwire")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(path for name in sorted(filter(None, names.split("\0"))) if (path := ROOT / name).is_file())


def modules() -> list[Path]:
    """Return the Python files of our packages."""
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES]


def services() -> list[Path]:
    """Return the folders of the services, which are those that can be started as a process."""
    return sorted(path.parent for path in (ROOT / "services").glob("*/__main__.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """Return the path of a file from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def graph() -> grimp.ImportGraph:
    """Return who imports whom at run time; a package that is not ours counts as one module."""
    return grimp.build_graph(*PACKAGES, include_external_packages=True, exclude_type_checking_imports=True)
