from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Entry
from hypothesis import given
from hypothesis import strategies as st

from shared.export.citation import bibtex, csl, key_of, ris
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


@pytest.mark.parametrize("title", ("多作者样本", "折り紙の研究", "종이접기", "Журавль"))
def test_keys_of_papers_in_other_scripts_have_their_id(title: str) -> None:
    """Apart from each other they are downloaded too, so that no file tells that another paper has the same key."""
    one, other = (paper(id=f"arXiv:2401.0000{n}", title=title, authors=(Author(name="王小明"),)) for n in (1, 2))
    assert (key_of(one), key_of(other)) == ("2024arxiv240100001", "2024arxiv240100002")
    assert key_of(paper(title=title)) == "vanorigami2024arxiv240100001"
    assert key_of(paper(title="Folding", authors=(Author(name="王小明"),))) == "2024foldingarxiv240100001"


FIELDS = set(
    "title author year month journal booktitle series volume number pages note doi url abstract".split()  # noqa: SIM905
)
TAGS = "TY TI AU PY DA T2 T3 VL IS SP EP N1 AB KW DO UR ER".split()  # noqa: SIM905


@given(title=st.text(), name=st.text(), venue=st.text() | st.none(), doi=st.text())
def test_no_text_breaks_out_of_its_entry(title: str, name: str, venue: str | None, doi: str) -> None:
    """INVARIANT: an entry stays one entry, and no field of it is made by what a field holds."""
    hostile = paper(title=title, authors=(Author(name=name),), venue=venue, identifiers={"doi": doi})
    assert {field.key for field in only_entry(bibtex(hostile)).fields} <= FIELDS
    tags = [line[:6] for line in ris(hostile).split("\r\n")]
    assert {tag for tag in tags if tag} <= {f"{tag}  - " for tag in TAGS}
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
        {"family": "Origami", "given": "Ludwig", "non-dropping-particle": "van"},
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


JOURNAL: dict[str, Any] = {
    "venue": "Phys. Fold. D 98(3), 030001-030009 (2025)",
    "identifiers": {"arxiv": "2401.00001", "doi": "10.1234/fold.98"},
}


def test_a_preprint_that_appeared_in_a_journal_cites_the_journal_and_keeps_the_eprint() -> None:
    merged = paper(**JOURNAL)
    entry = only_entry(bibtex(merged))
    fields = {field.key: field.value for field in entry.fields}
    assert entry.entry_type == "article"
    wanted = {
        "journal": "Phys. Fold. D", "volume": "98", "number": "3", "pages": "030001--030009", "year": "2025",
        "doi": "10.1234/fold.98", "eprint": "2401.00001", "archiveprefix": "arXiv", "primaryclass": "cs.RO",
    }  # fmt: skip
    assert wanted.items() <= fields.items()
    assert not {"month", "note"} & fields.keys()
    lines = ris(merged).split("\r\n")
    assert {"TY  - JOUR", "T2  - Phys. Fold. D", "VL  - 98", "IS  - 3", "SP  - 030001", "EP  - 030009"} <= set(lines)
    assert {"PY  - 2025", "DA  - 2025", "DO  - 10.1234/fold.98", "AN  - arXiv:2401.00001"} <= set(lines)
    item = csl(merged)
    assert (item["container-title"], item["volume"], item["issue"]) == ("Phys. Fold. D", "98", "3")
    assert (item["page"], item["issued"]) == ("030001-030009", {"date-parts": [[2025]]})


def test_the_doi_of_the_journal_is_cited_and_not_that_of_the_preprint() -> None:
    merged = paper(
        identifiers={"doi": "10.1101/2024.01.01.123456", "published": "10.1234/fold.98"}, venue="Fold. Lett."
    )
    assert only_entry(bibtex(merged))["doi"] == csl(merged)["DOI"] == "10.1234/fold.98"
    assert "DO  - 10.1234/fold.98" in ris(merged)


def test_a_paper_of_proceedings_is_cited_from_them() -> None:
    talk = paper(venue="Proceedings of the 4th Folding Conference, PMLR 202:1-20, 2025")
    entry = only_entry(bibtex(talk))
    assert (entry.entry_type, entry["booktitle"]) == ("inproceedings", "Proceedings of the 4th Folding Conference")
    assert (entry["series"], entry["volume"], entry["pages"]) == ("PMLR", "202", "1--20")
    assert ris(talk).startswith("TY  - CONF\r\n")
    assert (csl(talk)["type"], csl(talk)["collection-title"]) == ("paper-conference", "PMLR")


@pytest.mark.parametrize("venue", ("To appear in Ann. Fold.", "Fold. 12, 4 (2024); erratum ibid. 13, 5", "See 3 notes"))
def test_a_reference_that_is_not_understood_whole_is_a_note(venue: str) -> None:
    noted = paper(venue=venue)
    entry = only_entry(bibtex(noted))
    assert (entry.entry_type, entry["note"], entry["year"]) == ("misc", venue, "2024")
    assert "journal" not in {field.key for field in entry.fields}
    assert f"N1  - {venue}" in ris(noted)
    assert (csl(noted)["note"], csl(noted)["type"]) == (venue, "article")


@pytest.mark.parametrize(("published", "month"), (("2024", None), ("2024-05", "5"), ("2024-05-06", "5")))
def test_a_date_is_cited_as_far_as_it_is_known(published: str, month: str | None) -> None:
    fields = {field.key: field.value for field in only_entry(bibtex(paper(published=published))).fields}
    assert (fields["year"], fields.get("month")) == ("2024", month)
