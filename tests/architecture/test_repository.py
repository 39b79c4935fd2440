"""What no file of the repository contains, and which files and settings it names."""

import re
from pathlib import Path

import pytest

from shared.setting_names import known_variables
from tests.architecture.sources import ROOT, name, tracked

# Written so that this file does not match its own patterns.
FORBIDDEN = {
    "a package registry's host (installers are configured outside the repository)": re.compile(
        "|".join(re.escape(".".join(parts)) for parts in (
            ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("crates", "io"), ("proxy", "golang"),
            ("deb", "debian", "org"), ("ghcr", "io"), ("quay", "io"), ("index", "docker", "io"),
        ))
    ),
    "a note to do something later (file an issue)": re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"),
    "a merge conflict": re.compile("^(?:<{7}|>{7}) ", re.MULTILINE),
}  # fmt: skip


def texts() -> list[tuple[Path, str]]:
    """Return the text files with their contents."""
    found = []
    for path in tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    assert [name(path) for path, text in texts() if FORBIDDEN[what].search(text)] == []


def test_there_is_one_lock() -> None:
    others = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"}
    assert [name(path) for path in tracked() if path.name in others] == []


def test_every_environment_variable_that_is_named_exists() -> None:
    """A documented variable that no setting reads would have no effect."""
    named = {
        (variable, name(path))
        for path, text in texts()
        if path in (ROOT / "README.md", ROOT / "compose.yaml", ROOT / "Dockerfile")
        or path.is_relative_to(ROOT / "docs")
        for variable in re.findall(r"\bPAPERWIRE_[A-Z0-9_]*[A-Z0-9]\b", text)
    }
    known = known_variables()
    assert {(variable, file) for variable, file in named if variable not in known} == set()
