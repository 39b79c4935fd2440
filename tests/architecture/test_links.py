"""What the documents refer to exists, and every address of ours is made by `path_to`."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name, tracked, tree

PAGES = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
CODE = re.compile(r"`((?:services|shared|embedded|tests|docs|examples|deploy|benchmarks)/[\w./-]+\.\w+)`")
RECIPES = ROOT / "CONTRIBUTING.md"  # it names the files that its reader creates
MECHANISMS = ROOT / "docs" / "adr" / "0035-one-mechanism-each.md"
LITERAL = re.compile(
    r"""\b(?:href|src|action|formaction|poster|srcset)=["']/(?!/)"""
    r"""|\bfetch\(["'`]/|\burl\(["']?/(?!/)|\b(?:location|href)\s*=\s*["'`]/"""
    r"""|\bHTTP(?:Found|SeeOther|MovedPermanently|TemporaryRedirect|PermanentRedirect)\(\s*f?["']/"""
)
KINDS = {".css", ".html", ".j2", ".js", ".py", ".svg", ".txt"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    linked = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    named = [] if page == RECIPES else [path for path in CODE.findall(text) if not (ROOT / path).exists()]
    assert linked + named == []


def test_the_readme_shows_what_a_start_prints() -> None:
    printed = (ROOT / "services" / "cli" / "up" / "startup.py").read_text("utf-8")
    shown = (ROOT / "README.md").read_text("utf-8")
    for words in (
        "(shown once: save it)",
        "the password is an API key",
        "importing the bundled sample papers",
        "Press Ctrl-C to stop.",
    ):
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


def literals(text: str) -> list[str]:
    """Return the addresses of ours that a text has in full: below a path they lead to another site."""
    return [found[0] for found in LITERAL.finditer(text)]


def test_no_template_script_or_module_has_a_literal_address_of_ours() -> None:
    folders = [ROOT / "services", ROOT / "shared"]
    files = [path for path in tracked() if path.suffix in KINDS and any(map(path.is_relative_to, folders))]
    assert len(files) > 300
    assert {name(path): found for path in files if (found := literals(path.read_text(encoding="utf-8")))} == {}


def test_literal_addresses_are_found() -> None:
    for text in ('<a href="/x">', "<form action='/'>", 'fetch("/map.json")', "fetch(`/v1`)", "url(/static/a.png)"):
        assert literals(text)
    for text in ('raise web.HTTPFound("/my")', 'HTTPSeeOther(f"/my/{token}")', 'location = "/"'):
        assert literals(text)
    for text in ("href=\"{{ path_to('/x') }}\"", 'href="#main"', 'src="//cdn.example/x"', "HTTPFound(path_to('/my'))"):
        assert not literals(text)
