"""Exported files in the programs that read them: bibutils, and by hand (`-m long`) biber, bibtex and pandoc."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from shared.export.paper_files import FORMATS, FormatId, whole
from tests.unit.shared.export.hard_cases import HARD_CASES

MODS = "{http://www.loc.gov/mods/v3}"
DATED = [paper for paper in HARD_CASES if paper.published]  # biber wants a year, and these have one


def program(name: str, package: str) -> str:
    """Return the path of a program; without it a test is skipped, and fails in CI."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"the tests of exports need {name}: install {package}")
        pytest.skip(f"NO {name}: the tests of exports need the package {package}")
    return found


def written(folder: Path, form: FormatId) -> Path:
    """Write the hard cases that have a date as a file."""
    file = folder / f"papers.{FORMATS[form].suffix}"
    file.write_bytes(whole(form, [paper.model_dump(mode="json") for paper in DATED]))
    return file


def run(folder: Path, *command: str | Path) -> tuple[str, str]:
    """Run a program; return its output and its errors."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=100)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout, ended.stderr


@pytest.mark.parametrize(("form", "name"), (("bibtex", "bib2xml"), ("ris", "ris2xml")))
def test_bibutils_reads_every_entry_without_a_warning(tmp_path: Path, form: FormatId, name: str) -> None:
    output, errors = run(tmp_path, program(name, "bibutils"), written(tmp_path, form))
    assert errors.splitlines() == [f"{name}: Processed {len(DATED)} references."]
    entries = list(etree.fromstring(output.encode()).iter(f"{MODS}mods"))
    assert len(entries) == len(DATED)
    people = [len(list(entry.iterchildren(f"{MODS}name"))) for entry in entries]
    names = [[author.name for author in paper.authors if any(map(str.isalnum, author.name))] for paper in DATED]
    # It splits an author of RIS at "and", which is no separator there: each author has a line.
    assert people == [len(each) + sum(" and " in name for name in each) * (form == "ris") for each in names]


@pytest.mark.long
def test_biber_finds_every_entry_valid(tmp_path: Path) -> None:
    file = written(tmp_path, "bibtex")
    output, _ = run(tmp_path, program("biber", "biber"), "--tool", "--validate-datamodel", "--nolog", file)
    assert "WARN" not in output
    assert "ERROR" not in output


@pytest.mark.long
def test_bibtex_cites_every_entry(tmp_path: Path) -> None:
    bibtex = program("bibtex", "texlive-base")
    written(tmp_path, "bibtex")
    (tmp_path / "all.aux").write_text("\\relax\n\\citation{*}\n\\bibstyle{plain}\n\\bibdata{papers}\n")
    output, _ = run(tmp_path, bibtex, "all.aux")
    assert "Warning" not in output
    assert (tmp_path / "all.bbl").read_text().count("\\bibitem") == len(DATED)


@pytest.mark.long
@pytest.mark.parametrize("form", ("bibtex", "csl"))
def test_pandoc_cites_every_entry(tmp_path: Path, form: FormatId) -> None:
    file, text = written(tmp_path, form), tmp_path / "all.md"
    text.write_text('---\nnocite: "@*"\n---\n')
    output, errors = run(tmp_path, program("pandoc", "pandoc"), "--citeproc", "--bibliography", file, "--to=html", text)
    assert errors == ""
    assert output.count('class="csl-entry"') == len(DATED)
