"""What pages cost and what they may do: bytes, caches, and nothing from anywhere else."""

import re

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser, Request

from tests.web.conftest import watched

PATHS = ("/", "/?month=2024-01", "/search?q=neural+networks", "/papers/arXiv:2401.00020", "/authors/Ada%20Origami")
PAGES = (*PATHS, "/status", "/docs", "/docs/plain", "/papers/none", "/search?limit=0")


@pytest.mark.parametrize("path", PATHS)
def test_the_first_load_is_small(browser: Browser, site: str, path: str) -> None:
    sizes: list[int] = []
    with watched(browser, site) as page:

        def weigh(request: Request) -> None:
            response = request.response()
            assert response
            sizes.append(len(response.body()))

        page.on("requestfinished", weigh)
        page.goto(path, wait_until="networkidle")
    assert len(sizes) >= 4  # the page, its style, its script, its icon
    assert sum(sizes) < 100_000


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_strict_content_policy(site: str, path: str) -> None:
    response = httpx.get(f"{site}{path}")
    assert response.headers["Content-Type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.search(r"<[^>]*\sstyle=|<style|<script>|\son\w+=", response.text.partition("<main")[0])


@pytest.mark.parametrize("path", PAGES)
def test_pages_and_files_are_sent_compressed(site: str, path: str) -> None:
    plain = httpx.get(f"{site}{path}", headers={"Accept-Encoding": "identity"})
    small = httpx.get(f"{site}{path}", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_its_metadata(site: str, path: str) -> None:
    page = html.fromstring(httpx.get(f"{site}{path}").content)
    assert page.get("lang") == "en"
    assert [title.text_content().endswith("Paperwire") for title in page.xpath("/html/head/title")] == [True]
    (described,) = page.xpath("//meta[@name='description']/@content")
    assert 15 <= len(described) <= 300
    assert len(page.xpath("//h1")) == 1


def test_versioned_files_are_cached_for_a_year(site: str) -> None:
    page = httpx.get(f"{site}/").text
    addresses = set(re.findall(r'"(/static/[^"]+)"', page))
    assert {address.partition("?")[0] for address in addresses} == {
        "/static/cards.css",
        "/static/icon.svg",
        "/static/list-store.js",
        "/static/list.js",
        "/static/page.js",
        "/static/paging.js",
        "/static/style.css",
        "/static/suggest.js",
    }
    for address in addresses:
        answer = httpx.get(f"{site}{address}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unversioned_file_is_revalidated(site: str) -> None:
    for address in ("/static/style.css", "/static/style.css?v=old"):
        answer = httpx.get(f"{site}{address}")
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"
        again = httpx.get(f"{site}{address}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ("none.css", "..%2Fpages.py", "%2e%2e%2frender.py", ""))
def test_unknown_files_are_not_found(site: str, name: str) -> None:
    assert httpx.get(f"{site}/static/{name}").status_code == 404
