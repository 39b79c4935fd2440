from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Entry
from hypothesis import given
from hypothesis import strategies as st

from shared.export.citation import Name, bibtex, csl, key_of, name_of, ris
from shared.papers.paper import Author, Links, Paper

BASE: dict[str, Any] = {
    "id": "arXiv:2401.00001",
    "title": "The 5% rule: A_i & {B} in ~10^3 $ steps \\ of C#",
    "abstract": "One line.\nAnother.",
    "authors": (Author(name="Ludwig van Origami"), Author(name="Fold, Bo"), Author(name="The CRANE Collaboration")),
    "published": "2024-01-02",
    "categories": ("cs.RO", "cs.LG"),
    "identifiers": {"arxiv": "2401.00001", "doi": "10.1000/a_b{c}%d"},
    "links": Links(abs="https://arxiv.org/abs/2401.00001"),
    "keywords": ("cranes", "robots"),
}


def paper(**fields: Any) -> Paper:
    return Paper(**{**BASE, **fields})


def only_entry(text: str) -> Entry:
    library = parse_string(text)
    assert not library.failed_blocks
    (entry,) = library.entries
    return entry


@pytest.mark.parametrize(
    ("text", "name"),
    (
        ("Jane Q. Doe", Name("Doe", "Jane Q.")),
        ("Doe, Jane Q.", Name("Doe", "Jane Q.")),
        ("Doe, Jr., Jane", Name("Doe", "Jane", "Jr.")),
        ("John Doe III", Name("Doe", "John", "III")),
        ("Ludwig van der Fold", Name("van der Fold", "Ludwig")),
        ("Plato", Name("Plato")),
        ("The ATLAS Collaboration", Name("The ATLAS Collaboration")),
        ("a, b, c, d", Name("a, b, c, d")),
        ("", Name("")),
    ),
)
def test_a_name_is_split_into_its_parts(text: str, name: Name) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    ("published", "parts"),
    (("2024", [2024]), ("2024-03", [2024, 3]), ("2024-03-05", [2024, 3, 5]), ("2024-03-05T08:00:00Z", [2024, 3, 5])),
)
def test_a_date_is_cited_as_far_as_it_is_known(published: str, parts: list[int]) -> None:
    """INVARIANT: a year is no first of January."""
    cited = paper(published=published)
    fields = {field.key: field.value for field in only_entry(bibtex(cited)).fields}
    assert [fields[name] for name in ("year", "month") if name in fields] == [str(part) for part in parts[:2]]
    assert f"DA  - {'/'.join(f'{part:02d}' for part in parts)}\r\n" in ris(cited)
    assert csl(cited)["issued"] == {"date-parts": [parts]}


def test_bibtex_is_one_entry_with_every_sign_escaped() -> None:
    entry = only_entry(bibtex(paper()))
    assert (entry.entry_type, entry.key) == ("misc", "vanorigami20245")
    fields = {field.key: field.value for field in entry.fields}
    assert fields["title"] == (
        r"{The 5\% rule: A\_i \& \textbraceleft{}B\textbraceright{} in \textasciitilde{}10\textasciicircum{}3 "
        r"\$ steps \textbackslash{} of C\#}"
    )
    assert fields["author"] == "van Origami, Ludwig and Fold, Bo and {The CRANE Collaboration}"
    assert (fields["year"], fields["month"]) == ("2024", "1")
    assert (fields["eprint"], fields["archiveprefix"], fields["primaryclass"]) == ("2401.00001", "arXiv", "cs.RO")
    assert fields["doi"] == "10.1000/a_b%7Bc%7D%d"
    assert fields["abstract"] == "One line. Another."


def test_a_published_paper_is_an_article() -> None:
    entry = only_entry(bibtex(paper(venue="Folds & Cranes")))
    assert entry.entry_type == "article"
    assert entry["journal"] == r"Folds \& Cranes"
    assert ris(paper(venue="Folds & Cranes")).startswith("TY  - JOUR\r\n")
    assert csl(paper(venue="Folds & Cranes"))["container-title"] == "Folds & Cranes"


def test_the_key_is_made_of_letters_and_digits() -> None:
    assert key_of(paper(title="Über die Kräne", authors=(Author(name="José García"),))) == "garcia2024uber"
    assert key_of(paper(title="折り紙", authors=(), published=None)) == "arxiv240100001"
    assert key_of(paper(id="紙", title="", authors=(), published=None)) == "paper"


@given(title=st.text(), name=st.text(), venue=st.text() | st.none(), doi=st.text())
def test_no_text_breaks_out_of_its_entry(title: str, name: str, venue: str | None, doi: str) -> None:
    """INVARIANT: an entry stays one entry, and no field of it is made by what a field holds."""
    hostile = paper(title=title, authors=(Author(name=name),), venue=venue, identifiers={"doi": doi})
    plain = paper(title="x", authors=(Author(name="x"),), venue=venue and "x", identifiers={"doi": "x"})
    allowed = {field.key for field in only_entry(bibtex(plain)).fields}
    assert {field.key for field in only_entry(bibtex(hostile)).fields} <= allowed
    tags = [line[:6] for line in ris(hostile).split("\r\n")]
    assert {tag for tag in tags if tag} <= {line[:6] for line in ris(plain).split("\r\n")}
    assert tags.count("ER  - ") == tags.count("TY  - ") == 1


def test_ris_has_one_field_a_line() -> None:
    assert ris(paper()) == (
        "TY  - UNPB\r\n"
        "TI  - The 5% rule: A_i & {B} in ~10^3 $ steps \\ of C#\r\n"
        "AU  - van Origami, Ludwig\r\n"
        "AU  - Fold, Bo\r\n"
        "AU  - The CRANE Collaboration\r\n"
        "PY  - 2024\r\n"
        "DA  - 2024/01/02\r\n"
        "AB  - One line. Another.\r\n"
        "KW  - cranes\r\n"
        "KW  - robots\r\n"
        "AN  - arXiv:2401.00001\r\n"
        "DO  - 10.1000/a_b{c}%d\r\n"
        "UR  - https://arxiv.org/abs/2401.00001\r\n"
        "ER  - \r\n"
    )


def test_csl_has_names_in_parts() -> None:
    item = csl(paper())
    assert item["author"] == [
        {"family": "van Origami", "given": "Ludwig"},
        {"family": "Fold", "given": "Bo"},
        {"literal": "The CRANE Collaboration"},
    ]
    assert item["issued"] == {"date-parts": [[2024, 1, 2]]}
    assert (item["type"], item["number"], item["DOI"]) == ("article", "arXiv:2401.00001", "10.1000/a_b{c}%d")


def test_a_paper_with_only_a_title_is_cited() -> None:
    bare = Paper(id="pw:1", title="Folding alone")
    assert only_entry(bibtex(bare)).key == "folding"
    assert csl(bare) == {"id": "pw:1", "type": "article", "title": "Folding alone"}
    assert ris(bare) == "TY  - UNPB\r\nTI  - Folding alone\r\nER  - \r\n"


def test_a_sign_in_a_list_of_authors_is_no_author() -> None:
    signs = paper(authors=(Author(name=":"), Author(name="Ada Origami"), Author(name="†")))
    assert only_entry(bibtex(signs))["author"] == "Origami, Ada"
    assert key_of(signs) == "origami20245"
    assert [line for line in ris(signs).split("\r\n") if line.startswith("AU")] == ["AU  - Origami, Ada"]
    assert csl(signs)["author"] == [{"family": "Origami", "given": "Ada"}]


def test_a_link_that_runs_script_is_left_out() -> None:
    hostile = paper(links=Links(abs="javascript:alert(1)"), identifiers={})
    assert "javascript" not in bibtex(hostile) + ris(hostile) + str(csl(hostile))
