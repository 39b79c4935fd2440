"""What the documents refer to exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name, tracked

PAGES = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
CODE = re.compile(r"`((?:services|shared|embedded|tests|docs|examples|deploy|benchmarks)/[\w./-]+\.\w+)`")
RECIPES = ROOT / "CONTRIBUTING.md"  # it names the files that its reader creates


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
