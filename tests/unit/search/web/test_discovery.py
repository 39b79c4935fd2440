"""What search engines and browsers read about a site."""

from datetime import UTC, date, datetime

from lxml import etree

from services.search.web import discovery
from services.search.web.discovery import Entry

SITE = "https://papers.example/wire"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "o": "http://a9.com/-/spec/opensearch/1.1/"}


def test_robots_may_read_pages_and_nothing_of_a_reader() -> None:
    lines = discovery.robots(SITE).splitlines()
    assert {
        "Disallow: /wire/my/",
        "Disallow: /wire/f/",
        "Disallow: /wire/feeds/private/",
        "Disallow: /wire/outbox",
    } <= {*lines}
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert "Disallow: /wire/" not in lines


def test_the_index_lists_the_pages_and_each_day() -> None:
    tree = etree.fromstring(discovery.sitemap_index(SITE, [date(2024, 1, 2)]).encode())
    assert tree.xpath("//s:loc/text()", namespaces=NAMES) == [
        f"{SITE}/sitemaps/pages.xml",
        f"{SITE}/sitemaps/2024-01-02.xml",
    ]


def test_a_day_changed_with_the_last_of_its_papers() -> None:
    papers = [
        {"id": "arXiv:2401.00001", "published": "2024-01-02", "updated": "2024-02-03T10:00:00Z"},
        {"id": "doi:10.1/a&b", "published": "2024-01-02"},
        {"id": "pw:1"},
    ]
    entries = discovery.entries_of_day(SITE, date(2024, 1, 2), papers)
    assert entries[0] == Entry(f"{SITE}/?date=2024-01-02", "2024-02-03")
    assert [entry.changed for entry in entries[1:]] == ["2024-02-03T10:00:00Z", "2024-01-02", None]
    tree = etree.fromstring(discovery.sitemap(entries).encode())
    assert tree.xpath("//s:loc/text()", namespaces=NAMES)[2] == f"{SITE}/papers/doi:10.1/a%26b"
    assert len(tree.xpath("//s:lastmod", namespaces=NAMES)) == 3


def test_the_description_of_the_search_names_where_it_is() -> None:
    tree = etree.fromstring(discovery.opensearch(SITE, "1").encode())
    assert tree.xpath("//o:Url/@template", namespaces=NAMES)[0] == f"{SITE}/search?q={{searchTerms}}"


def test_security_txt_has_the_two_fields_that_it_must_have() -> None:
    text = discovery.security(SITE, "mailto:security@papers.example", datetime(2026, 3, 4, tzinfo=UTC))
    assert text.splitlines()[:2] == ["Contact: mailto:security@papers.example", "Expires: 2026-03-04T00:00:00Z"]
