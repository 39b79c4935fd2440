"""What browsers, search engines and scripts of other sites find by themselves."""

import re
import struct

import httpx
import pytest
from lxml import etree, html

PAGES = (
    "/",
    "/?date=2024-01-05",
    "/search?q=fold",
    "/papers/arXiv:2401.00005",
    "/authors/Ada%20Origami",
    "/map",
    "/status",
    "/docs",
    "/docs/plain",
)
OPEN = ("/v1/search?q=fold", "/v1/papers/nothing", "/v1/search?limit=0", "/v1/nothing", "/feeds/search.atom")
LINKED = (
    "/v1/authors/Ada%20Origami",
    "/v1/papers/arXiv:hep-th/9901001/similar",
    "/v1/papers/arXiv:hep-th/9901001",
    "/v1/papers?date=2024-01-05",
    "/v1/trending",
)
ELSEWHERE = {"Origin": "https://other.example"}


@pytest.mark.parametrize("path", OPEN)
def test_scripts_of_other_sites_read_answers_and_errors_without_cookies(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers=ELSEWHERE)
    assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]
    assert "Link" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_preflight_allows_to_read_with_a_key(http: httpx.Client) -> None:
    asks = ELSEWHERE | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    answer = http.options("/v1/search", headers=asks)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert (
        http.options("/v1/recommendations", headers=asks | {"Access-Control-Request-Method": "POST"}).status_code == 405
    )
    for path in ("/", "/my", "/outbox"):
        assert "Access-Control-Allow-Origin" not in http.options(path, headers=asks).headers
        assert "Access-Control-Allow-Origin" not in http.get(path, headers=ELSEWHERE).headers


def test_a_page_of_the_api_links_to_the_next_one_and_to_other_forms(http: httpx.Client) -> None:
    first = http.get("/v1/search", params={"q": "fold & paper", "limit": 2})
    second = http.get(first.links["next"]["url"])
    assert second.status_code == 200
    ids = [[row["paper"]["id"] for row in page.json()["results"]] for page in (first, second)]
    assert not set(ids[0]) & set(ids[1])
    assert http.get(second.links["first"]["url"]).json()["results"] == first.json()["results"]
    for relation, media in (("service-desc", "application/json"), ("describedby", "text/html")):
        assert http.get(first.links[relation]["url"]).headers["Content-Type"].startswith(media)
    found = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', first.headers["Link"])
    assert {media for _, media in found} == {"text/html", "application/atom+xml", "application/feed+json"}
    for url, media in found:
        assert http.get(url).headers["Content-Type"].startswith(media)


@pytest.mark.parametrize("path", LINKED)
def test_every_link_of_an_answer_leads_somewhere(http: httpx.Client, path: str) -> None:
    targets = re.findall(r"<([^>]+)>; rel=", http.get(path).headers["Link"])
    assert len(targets) > 2
    assert [http.get(target).status_code for target in targets] == [200] * len(targets)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_names_its_feeds_its_icons_and_its_card(http: httpx.Client, path: str) -> None:
    page = html.fromstring(http.get(path).content)
    feeds = page.xpath("//link[@rel='alternate'][contains(@type,'atom') or contains(@type,'feed+json')]/@href")
    assert len(feeds) >= 3
    assert [http.get(feed).status_code for feed in feeds] == [200] * len(feeds)
    icons = page.xpath("//link[@rel='icon' or @rel='apple-touch-icon' or @rel='search']/@href")
    assert [http.get(icon).status_code for icon in icons] == [200] * 4
    card = {meta.get("property"): meta.get("content") for meta in page.xpath("//meta[starts-with(@property,'og:')]")}
    assert card["og:title"] == page.xpath("string(//title)")
    assert card["og:url"] == page.xpath("string(//link[@rel='canonical']/@href)")
    assert http.get(card["og:url"]).status_code == 200
    assert http.get(card["og:image"]).headers["Content-Type"] == "image/png"


def test_the_icon_is_one_of_windows_with_three_sizes(http: httpx.Client) -> None:
    icon = http.get("/favicon.ico").content
    assert struct.unpack_from("<HHH", icon) == (0, 1, 3)
    sizes = [struct.unpack_from("<BBBBHHII", icon, 6 + 16 * number) for number in range(3)]
    assert [row[:2] for row in sizes] == [(16, 16), (32, 32), (48, 48)]
    assert all(icon[row[7] : row[7] + 8] == b"\x89PNG\r\n\x1a\n" for row in sizes)


def test_a_browser_completes_queries_in_its_address_bar(http: httpx.Client) -> None:
    described = etree.fromstring(http.get("/opensearch.xml").content)
    (address,) = described.xpath("//*[local-name()='Url'][@type='application/x-suggestions+json']/@template")
    answer = http.get(address.replace("{searchTerms}", "garc"))
    assert answer.headers["Content-Type"].startswith("application/x-suggestions+json")
    assert answer.json() == ["garc", ['author:"José García"']]


def test_search_engines_find_the_papers_of_recent_days(http: httpx.Client) -> None:
    listed = http.get("/robots.txt").text.partition("Sitemap: ")[2].strip()
    days = etree.fromstring(http.get(listed).content).xpath("//*[local-name()='loc']/text()")
    assert days[1].endswith("/sitemaps/2024-01-12.xml")  # the newest day that has papers
    papers = etree.fromstring(http.get(days[1]).content)
    assert http.get(papers.xpath("//*[local-name()='loc']/text()")[-1]).status_code == 200
    assert papers.xpath("//*[local-name()='lastmod']/text()") == ["2024-01-12"] * 2
    assert [http.get(page).status_code for page in days] == [200] * len(days)
    assert [http.get(f"/sitemaps/{day}.xml").status_code for day in ("2023-01-01", "2024-13-01")] == [404, 404]


def test_there_is_no_contact_for_security_unless_the_operator_sets_one(http: httpx.Client) -> None:
    assert http.get("/.well-known/security.txt").status_code == 404


def test_the_try_it_program_is_sent_packed_or_not(http: httpx.Client) -> None:
    address = re.findall(r'src="(/static/vendor/[^"]+)"', http.get("/docs").text)[0]
    packed = http.get(address, headers={"Accept-Encoding": "gzip"})
    plain = http.get(address, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["Content-Encoding"], packed.content) == ("gzip", plain.content)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Cache-Control"].endswith("immutable")
