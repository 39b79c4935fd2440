"""Every address of ours is made by `path_to`: below a sub-path a literal one leads to another site."""

import re

from tests.architecture.sources import ROOT, name, tracked

LITERAL = re.compile(
    r"""\b(?:href|src|action|formaction|poster|srcset)=["']/(?!/)"""
    r"""|\bfetch\(["'`]/|\burl\(["']?/(?!/)|\b(?:location|href)\s*=\s*["'`]/"""
    r"""|\bHTTP(?:Found|SeeOther|MovedPermanently|TemporaryRedirect|PermanentRedirect)\(\s*f?["']/"""
)
KINDS = {".css", ".html", ".j2", ".js", ".py", ".svg", ".txt"}


def literals(text: str) -> list[str]:
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
