"""The files of the project, read once for the tests of its structure."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "embedded", "services")


@cache
def tracked() -> tuple[Path, ...]:
    """Give every file that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(path for name in sorted(filter(None, names.split("\0"))) if (path := ROOT / name).is_file())


def modules() -> list[Path]:
    """Give the Python files of the three packages."""
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES]


def services() -> list[Path]:
    """Give the folders of the services: those that can be started as a process."""
    return sorted(path.parent for path in (ROOT / "services").glob("*/__main__.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """Name a file as one does in the repository."""
    return path.relative_to(ROOT).as_posix()
