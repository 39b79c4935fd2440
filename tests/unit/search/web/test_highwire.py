"""The tags by which reference managers and Google Scholar read the page of a paper."""

from services.search.web.highwire import MAX_AUTHORS, citation_tags
from shared.papers.paper import Appearance, Author, Links, Paper

PAGE = "https://papers.example.org/papers/pw:1"
PAPER = Paper(
    id="arXiv:2401.00001",
    title="Folding\ncranes",
    abstract="They fold.",
    authors=(Author(name="Ludwig van Origami"), Author(name="The CRANE Collaboration")),
    published="2024-01-02",
    identifiers={"arxiv": "2401.00001"},
    keywords=("cranes", "robots"),
    language="en",
    links=Links(abs="https://arxiv.org/abs/2401.00001", pdf="https://arxiv.org/pdf/2401.00001"),
)


def test_a_preprint_has_a_tag_for_each_fact() -> None:
    assert citation_tags(PAPER, PAGE) == [
        ("citation_title", "Folding cranes"),
        ("citation_author", "van Origami, Ludwig"),
        ("citation_author", "The CRANE Collaboration"),
        ("citation_publication_date", "2024/01/02"),
        ("citation_arxiv_id", "2401.00001"),
        ("citation_language", "en"),
        ("citation_keywords", "cranes; robots"),
        ("citation_abstract", "They fold."),
        ("citation_pdf_url", "https://arxiv.org/pdf/2401.00001"),
        ("citation_abstract_html_url", "https://arxiv.org/abs/2401.00001"),
    ]


def test_a_published_paper_names_its_journal_or_its_conference() -> None:
    appeared = Appearance(volume="12", number="3", pages="4-9", year=2025)
    known = {"identifiers": {"published": "10.5555/fold"}, "appeared": appeared}
    tags = dict(citation_tags(PAPER.model_copy(update={"venue": "Journal of Folding", **known}), PAGE))
    assert tags["citation_journal_title"] == "Journal of Folding"
    named = ("volume", "issue", "firstpage", "lastpage", "doi", "publication_date")
    assert [tags[f"citation_{name}"] for name in named] == ["12", "3", "4", "9", "10.5555/fold", "2025"]
    venue = "Proceedings of the 3rd Workshop on Folding"
    assert dict(citation_tags(PAPER.model_copy(update={"venue": venue}), PAGE))["citation_conference_title"] == venue


def test_a_paper_without_an_address_has_that_of_our_page_and_no_script_gets_in() -> None:
    bare = Paper(id="pw:1", title="Cranes", links=Links(pdf="javascript:alert(1)"))
    assert citation_tags(bare, PAGE) == [("citation_title", "Cranes"), ("citation_abstract_html_url", PAGE)]


def test_the_authors_of_a_collaboration_are_bounded() -> None:
    many = PAPER.model_copy(update={"authors": tuple(Author(name=f"Ada N{n} Fold") for n in range(MAX_AUTHORS + 5))})
    assert sum(name == "citation_author" for name, _ in citation_tags(many, PAGE)) == MAX_AUTHORS
