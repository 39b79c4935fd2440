"""What the documents refer to exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name, tracked, tree

PAGES = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
CODE = re.compile(r"`((?:services|shared|embedded|tests|docs|examples|deploy|benchmarks)/[\w./-]+\.\w+)`")
RECIPES = ROOT / "CONTRIBUTING.md"  # it names the files that its reader creates
MECHANISMS = ROOT / "docs" / "adr" / "0035-one-mechanism-each.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    linked = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    named = [] if page == RECIPES else [path for path in CODE.findall(text) if not (ROOT / path).exists()]
    assert linked + named == []


def test_the_readme_shows_what_a_start_prints() -> None:
    printed = (ROOT / "services" / "cli" / "up" / "startup.py").read_text("utf-8")
    shown = (ROOT / "README.md").read_text("utf-8")
    for words in ("(shown once: save it)", "importing the bundled sample papers", "Press Ctrl-C to stop."):
        assert words in printed
        assert words in shown


def test_the_record_of_mechanisms_names_modules_that_exist() -> None:
    """A row names a module of `shared`, or one of its functions or classes."""
    rows = re.findall(r"^\| [^|`]+ \| `([\w.]+)` \|", MECHANISMS.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 8
    assert [row for row in rows if not _exists(row)] == []


def _exists(row: str) -> bool:
    module, _, member = row.rpartition(".")
    path = (ROOT / "shared").joinpath(*row.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    file = (ROOT / "shared").joinpath(*module.split(".")).with_suffix(".py")
    return file.is_file() and any(getattr(node, "name", None) == member for node in tree(file).body)
