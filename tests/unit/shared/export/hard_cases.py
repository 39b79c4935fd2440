"""Works of our own that reference managers find hard: doubles, braces, macros, signs, scripts of many kinds."""

from typing import Any, Final

from shared.papers.paper import Author, CodeLink, Links, Paper, Signals, SourceRef


def _work(id_: str, title: str, *names: str, **fields: Any) -> Paper:
    kind, _, name = id_.partition(":")
    known = {kind.lower(): name} if kind in ("arXiv", "doi") else {}
    address = {"arXiv": f"https://arxiv.org/abs/{name}", "doi": f"https://doi.org/{name}"}.get(kind)
    base: dict[str, Any] = {
        "id": id_,
        "title": title,
        "abstract": "It folds, and shows that 5% of {all} cranes_of #paper cost $3 & ~7 at 10^3 \\steps.",
        "authors": tuple(Author(name=each) for each in names),
        "published": "2024-01-02",
        "categories": ("cs.RO",) if kind == "arXiv" else (),
        "identifiers": known,
        "links": Links(abs=address),
    }
    return Paper(**{**base, **fields})


HARD_CASES: Final = (
    _work("arXiv:2401.00001", "Folding cranes", "Ada Origami"),
    _work("arXiv:2401.00002", "Folding boats", "Bo Origami", "Ada Origami"),
    _work("doi:10.1234/folding_{three}", "Folding, again: {a} reply", "C. Origami", venue="Folds & Cranes"),
    _work("pw:折り紙", "Folding in 日本", "D. Origami", "折紙 太郎"),
    _work("arXiv:2401.00005", "Who wrote this?", ":", "†", "Ada Origami"),
    _work("arXiv:2401.00006", "$\\alpha$ \\ours{} and \\textbf{bold} % not a comment", "Über, Jr., José", "van Falz"),
    _work("arXiv:2401.00007", "An { open brace and a } closed one, \\", "O'Neil and Sons", "The CRANE Collaboration"),
    _work("arXiv:2401.00008", "العربية, עברית and 😀 e\u0301", "Ludwig van Beethoven", "Plato"),
    _work("arXiv:2401.00009", "A large collaboration", *(f"Person{chr(97 + n % 26)} Name{n}" for n in range(500))),
    _work("https://blog.example/a?b=c&d={e}", 'Quotes " and @misc{x, y}', "and", "others", published=None, abstract=""),
    _work("pw:Noah", "Folding once more", "Ada Origami"),
    _work("pw:noah", "Folding, {and} twice more", "Ada Origami"),
    _work("arXiv:2401.00011", "ER  - and TY  - in a title", "A, B, C, D", status="withdrawn"),
    _work(
        "arXiv:hep-th/9901001",
        "With everything",
        "Ada Origami",
        identifiers={"arxiv": "hep-th/9901001", "doi": "10.1234/x", "openreview": "aB_3-x"},
        signals=Signals(citations=3, stars=7),
        venue="Proceedings of the 3rd Workshop: Folds, 100% {paper}",
        keywords=("cranes", "a; b"),
        updated="2024-02-03T04:05:06Z",
        sources=(SourceRef(source="arxiv", id="arXiv:hep-th/9901001", version=3),),
        links=Links(abs="https://arxiv.org/abs/hep-th/9901001", code=(CodeLink(url="https://github.com/a/b"),)),
    ),
)
"""Works as an index may hold them."""
