"""What Zotero's connector asks of a page: which papers it names, in which formats they are, and each record."""

import re
from urllib.parse import quote

import httpx
import pytest
from lxml import etree, html

ARXIV = "arXiv:2401.00006"


def server(page: str) -> str:
    (address,) = html.fromstring(page).xpath('//link[@rel="unapi-server"]/@href')
    return str(address)


def named(page: str) -> list[str]:
    return [str(title) for title in html.fromstring(page).xpath('//abbr[@class="unapi-id"]/@title')]


def test_a_paper_page_names_its_paper_alone_and_lists_hold_all_of_theirs(http: httpx.Client) -> None:
    assert named(http.get("/papers/2401.00006").text) == [ARXIV]
    for path in ("/search?q=folding", "/", "/authors/Ada Origami"):
        page = http.get(path).text
        cards = html.fromstring(page).xpath('//article[contains(@class, "paper")]')
        assert len(named(page)) == len(cards) > 0


def test_the_formats_begin_with_that_which_zotero_reads_best(http: httpx.Client) -> None:
    address = server(http.get("/papers/2401.00006").text)
    answer = http.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    formats = etree.fromstring(answer.content)
    assert [row.get("name") for row in formats] == ["rdf_zotero", "ris", "bibtex", "csl"]
    assert all(row.get("type") and row.get("docs") for row in formats)
    one = http.get(address, params={"id": ARXIV})
    assert (one.status_code, etree.fromstring(one.content).get("id")) == (300, ARXIV)


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    (
        ("rdf_zotero", "application/rdf+xml", rb"<\?xml.*<rdf:RDF"),
        ("ris", "application/x-research-info-systems", rb"TY  - "),
        ("bibtex", "text/x-bibtex", rb"@"),
        ("csl", "application/vnd.citationstyles.csl+json", rb"\[\s*\{"),
    ),
)
def test_each_paper_of_a_page_has_its_record(http: httpx.Client, form: str, media: str, begins: bytes) -> None:
    page = http.get("/search?q=folding").text
    for title in named(page)[:3]:
        answer = http.get(f"{server(page)}?id={title}&format={form}")  # put together as the connector does it
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(media)
        assert re.match(begins, answer.content, re.DOTALL)


@pytest.mark.parametrize(
    ("parameters", "status"),
    (
        ({"format": "ris"}, 400),
        ({"id": "arXiv:2401.99999", "format": "ris"}, 404),
        ({"id": "arXiv:2401.99999"}, 404),
        ({"id": ARXIV, "format": "marc"}, 406),
    ),
)
def test_what_cannot_be_had_is_said_by_the_status_of_unapi(
    http: httpx.Client, parameters: dict[str, str], status: int
) -> None:
    assert http.get("/unapi", params=parameters).status_code == status


def test_the_page_has_citation_tags(http: httpx.Client) -> None:
    head = html.fromstring(http.get(f"/papers/{quote(ARXIV)}").text)
    tags = {
        str(tag.get("name")): str(tag.get("content")) for tag in head.xpath('//meta[starts-with(@name, "citation_")]')
    }
    assert tags["citation_arxiv_id"] == "2401.00006"
    assert tags["citation_doi"] == "10.1000/quantum(2024)/x"
    assert {"citation_title", "citation_author", "citation_publication_date"} <= tags.keys()
