"""A paper as an item of Zotero: every field under the name by which Zotero's own reader of RDF finds it."""

from typing import Any

import pytest
from lxml import etree

from shared.export.zotero_rdf import zotero_rdf
from shared.papers.paper import Appearance, Author, Links, Paper
from tests.unit.shared.export.hard_cases import HARD_CASES

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "link": "http://purl.org/rss/1.0/modules/link/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
}
PREPRINT = Paper(
    id="arXiv:2401.00001",
    title="Folding & cranes",
    abstract="They fold.",
    authors=(Author(name="Ludwig van Origami"), Author(name="The CRANE Collaboration")),
    published="2024-01-02",
    identifiers={"arxiv": "2401.00001"},
    keywords=("cranes", "robots"),
    language="en",
    links=Links(abs="https://arxiv.org/abs/2401.00001", pdf="https://arxiv.org/pdf/2401.00001"),
)


def read(paper: Paper) -> Any:
    root = etree.fromstring(zotero_rdf(paper))

    def texts(path: str) -> list[str]:
        return [str(text) for text in root.xpath(f"{path}/text()", namespaces=NAMES)]

    return texts


def test_a_preprint_is_a_preprint_with_its_archive_and_its_pdf() -> None:
    texts = read(PREPRINT)
    item = "/rdf:RDF/rdf:Description"
    assert texts(f"{item}/z:itemType") == ["preprint"]
    assert texts(f"{item}/dc:publisher/foaf:Organization/foaf:name") == ["arXiv"]
    assert texts(f"{item}/prism:number") == ["arXiv:2401.00001"]
    assert texts(f"{item}/dc:title") == ["Folding & cranes"]
    assert texts(f"{item}/dcterms:abstract") == ["They fold."]
    assert texts(f"{item}/dc:date") == ["2024-01-02"]
    assert texts(f"{item}/dc:subject") == ["cranes", "robots"]
    assert texts(f"{item}/dc:identifier/dcterms:URI/rdf:value") == ["https://arxiv.org/abs/2401.00001"]
    people = f"{item}/bib:authors/rdf:Seq/rdf:li/foaf:Person"
    assert texts(f"{people}/foaf:surname") == ["van Origami", "The CRANE Collaboration"]
    assert texts(f"{people}/foaf:givenName") == ["Ludwig"]
    file = "/rdf:RDF/z:Attachment"
    assert texts(f"{file}/dc:identifier/dcterms:URI/rdf:value") == ["https://arxiv.org/pdf/2401.00001"]
    assert texts(f"{file}/link:type") == ["application/pdf"]


def test_a_published_paper_is_an_article_of_its_journal_with_its_doi() -> None:
    texts = read(
        PREPRINT.model_copy(
            update={
                "venue": "Journal of Folding",
                "appeared": Appearance(volume="12", number="3", pages="4-9", year=2025),
                "identifiers": {"arxiv": "2401.00001", "published": "10.5555/fold"},
            }
        )
    )
    item = "/rdf:RDF/rdf:Description"
    assert texts(f"{item}/z:itemType") == ["journalArticle"]
    assert texts(f"{item}/prism:publicationName") == ["Journal of Folding"]
    assert [*texts(f"{item}/prism:volume"), *texts(f"{item}/prism:number"), *texts(f"{item}/bib:pages")] == [
        "12", "3", "4-9",
    ]  # fmt: skip
    assert texts(f"{item}/dc:identifier") == ["DOI 10.5555/fold"]
    assert texts(f"{item}/dc:date") == ["2025"]
    assert texts(f"{item}/dc:description") == ["arXiv:2401.00001"]


@pytest.mark.parametrize("paper", HARD_CASES, ids=lambda paper: str(paper.id))
def test_a_hard_case_is_well_formed_and_one_item(paper: Paper) -> None:
    odd = paper.model_copy(update={"title": paper.title + " \x01\ufffe ]]> <a>", "links": Links(pdf="javascript:x")})
    texts = read(odd)
    (title,) = texts("/rdf:RDF/rdf:Description/dc:title")
    assert title == " ".join(f"{paper.title} ]]> <a>".split())
    assert texts("/rdf:RDF/z:Attachment/z:itemType") == []
