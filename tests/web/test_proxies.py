"""Paperwire behind real proxies, as docs/proxies.md configures them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from services.notifier.access.api_keys import ApiKeys
from services.search.bootstrap import build as build_search
from shared.readers.api_key import ALL_SCOPES
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread, paper
from tests.web.conftest import watched
from tests.web.proxies import BLOCKS, certify, running
from tests.web.reader import notifier
from tests.web.wire import WIRE, prepare

PUBLIC = "https://papers.example.org/papers"
SLASH = paper(23, "Quix and its slash", id="doi:10.1234/quix.77", identifiers={"doi": "10.1234/quix.77"})
OUTSIDE = re.compile(r'\b(?:href|src|action|content)="(/(?!papers/)[^"]*)"')
"""The address of something of ours that is not below the path."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Where an instance listens, a key of its operator, and a folder with the certificate of the proxies."""

    port: int
    key: str
    folder: Path


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Instance]:
    keys = []

    async def begin(runtime: Runtime) -> None:
        await prepare(runtime)
        keys.append((await ApiKeys(runtime.redis).create("operator", ALL_SCOPES))[1])

    settings = {"public_url": PUBLIC, "trusted_proxies": "127.0.0.1", "rate_limit": 1_000}
    folder = tmp_path_factory.mktemp("proxies")
    certify(folder)
    more = {"builders": (build_search, notifier), **settings}
    with in_thread(folder, models, (*WIRE, SLASH), begin, **more) as url:
        yield Instance(urlsplit(url).port or 0, keys[0], folder)


@pytest.mark.parametrize("program", ("nginx", "apache", "haproxy", "caddy"))
@pytest.mark.parametrize("below", ("at the root", "below a path"))
def test_everything_works_behind_a_proxy_with_and_without_tls(instance: Instance, program: str, below: str) -> None:
    for name in (f"{program} {below}", f"{program} {below} with TLS"):
        with running(name, instance.port, instance.folder) as proxy:
            _read_all(proxy, instance, f"127.0.1.{list(BLOCKS).index(name) + 1}")


def _read_all(proxy: str, instance: Instance, client: str) -> None:
    """Read pages, feeds and the API through a proxy, from an address of this machine."""
    transport = httpx.HTTPTransport(verify=False, local_address=client)
    with httpx.Client(base_url=f"{proxy}/papers", transport=transport, follow_redirects=True, timeout=20) as http:
        home = http.get("/")
        assert (home.status_code, OUTSIDE.findall(home.text)) == (200, [])
        assert "r=999;" in home.headers["RateLimit"]  # no other client has used its quota
        assert http.get("/papers/doi:10.1234/quix.77").text.count(SLASH.title) > 1
        assert http.get("/v1/papers/doi:10.1234/quix.77").json()["title"] == SLASH.title
        found = http.get("/", params={"q": "fold & α/β"})
        assert (found.status_code, str(found.url.copy_with(query=None))) == (200, f"{proxy}/papers/search")
        assert found.url.params["q"] == "fold & α/β"
        mine = http.post("/my", data={"key": instance.key})
        assert (mine.status_code, OUTSIDE.findall(mine.text)) == (200, [])
        assert str(mine.url) == f"{proxy}/papers/my"
        assert mine.history[0].headers["Set-Cookie"].endswith("; Path=/papers; SameSite=Lax; Secure")
        feed = http.get("/feeds/search.atom").text
        assert f'href="{PUBLIC}/feeds/search.atom"' in feed
        assert f'href="{PUBLIC}/papers/doi:10.1234/quix.77"' in feed
        assert f'xmlUrl="{PUBLIC}/feeds/search.atom"' in http.get("/feeds.opml").text
        assert http.get("/openapi.json").json()["servers"][0]["url"] == PUBLIC
        assert [http.get(path).status_code for path in ("/outbox", "/metrics")] == [401, 200]
        assert "not trusted" not in http.get("/status").text


def test_a_browser_finds_everything_below_the_path(browser: Browser, instance: Instance) -> None:
    with (
        running("apache below a path with TLS", instance.port, instance.folder) as proxy,
        watched(browser, f"{proxy}/papers/", ignore_https_errors=True) as page,
    ):
        page.goto(".")
        page.get_by_label("Search papers").fill("quix")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=SLASH.title, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(SLASH.title)
        page.get_by_role("link", name="API").click()
        expect(page.locator("#operations-search-search")).to_be_visible(timeout=30_000)
        page.get_by_role("link", name="Map").click()
        expect(page.locator("#map[data-papers]")).to_be_visible()
        canvas = page.locator("#map")
        canvas.hover()
        expect(page.locator("#map-note a")).to_have_text("Everything is known of cranes")
        page.get_by_role("link", name="Everything is known of cranes").click()
        page.get_by_role("link", name="Subscribe to papers like this one").click()
        page.get_by_label("E-mail address").fill("reader@example.org")
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("No mail is sent yet")
        page.get_by_role("link", name="Paperwire").first.click()
        expect(page).to_have_url(f"{proxy}/papers/")
