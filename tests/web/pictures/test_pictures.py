"""Pictures of papers: from our own address, without a jump of the page, and a card without one lacks nothing."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from shared.runtime import Runtime
from tests.integration.search.instance import in_thread, paper
from tests.web.conftest import watched
from tests.web.wire import illustrate

WITH, WITHOUT = "/papers/arXiv:2401.00020", "/papers/arXiv:2401.00001"


def box(locator: Locator) -> Any:
    found = locator.bounding_box()
    assert found
    return found


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=title))


@pytest.mark.parametrize("width", (320, 390, 1440))
def test_a_card_shows_its_picture_beside_its_text(browser: Browser, site: str, width: int) -> None:
    with watched(browser, site, viewport={"width": width, "height": 900}) as page:
        page.goto("/", wait_until="networkidle")
        shown = card(page, "Everything is known of cranes")
        picture = shown.get_by_alt_text("Picture from Hugging Face")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.complete && image.naturalWidth") == 352
        assert picture.get_attribute("loading") == "lazy"
        where, around = box(picture), box(shown)
        assert around["x"] <= where["x"]
        assert where["x"] + where["width"] <= around["x"] + around["width"] + 1
        assert where["y"] + where["height"] <= around["y"] + around["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture.click()
        expect(page).to_have_url(WITH)


def test_nothing_moves_when_a_picture_arrives(browser: Browser, site: str) -> None:
    """INVARIANT: the place of a picture is known before it is loaded."""
    with watched(browser, site) as page:
        page.route("**/picture.webp*", lambda route: route.fulfill(status=200, body=b""))
        page.goto("/?month=2024-01&sort=newest")
        before = [box(each) for each in page.get_by_role("article").all()]
        page.unroute("**/picture.webp*")
        page.reload(wait_until="networkidle")
        assert [box(each) for each in page.get_by_role("article").all()] == before


def test_a_card_without_a_picture_has_no_place_for_one(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/?month=2024-01&sort=newest")
        plain = card(page, "Folding proteins with neural networks")
        expect(plain.locator("img, .shown")).to_have_count(0)
        assert plain.evaluate("element => element.firstElementChild.localName") == "h3"


def test_the_page_of_a_paper_shows_its_picture(page: Page) -> None:
    page.goto(WITH)
    expect(page.get_by_role("complementary").get_by_alt_text("Picture from Hugging Face")).to_be_visible()
    described = page.locator("meta[property='og:image']").get_attribute("content") or ""
    assert f"{WITH}/picture.webp?v=" in described
    page.goto(WITHOUT)
    expect(page.get_by_role("complementary").get_by_alt_text("Picture from Hugging Face")).to_have_count(0)


def test_the_status_page_says_how_many_pictures_are_kept(page: Page) -> None:
    page.goto("/status")
    expect(page.get_by_text("Pictures of papers: 3 kept")).to_contain_text(
        "0 wanted. Looked for at huggingface: 0 found, 0 without one, 0 failures, the last of them: huggingface: the "
        "source answers 503."
    )


def test_a_picture_is_kept_by_its_version_and_is_nothing_but_a_picture(site: str) -> None:
    row = httpx.get(f"{site}/v1/papers?date=2024-01-20").json()["results"][0]
    url = row["picture"]["url"]
    assert url == f"{site}{WITH}/picture.webp?v={row['picture']['version']}"
    answer = httpx.get(url)
    assert answer.content.startswith(b"RIFF")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert httpx.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert httpx.get(url.partition("?")[0]).headers["Cache-Control"] == "no-cache"
    assert httpx.head(url).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("id_", ("arXiv:2401.00001", "none", "hep-th/9901001", "picture.webp", "%00", "x" * 2_000))
def test_a_paper_without_a_picture_has_none(site: str, id_: str) -> None:
    answer = httpx.get(f"{site}/papers/{id_}/picture.webp")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_feeds_name_the_pictures(site: str) -> None:
    url = httpx.get(f"{site}/v1/papers?date=2024-01-20").json()["results"][0]["picture"]["url"]
    atom = httpx.get(f"{site}/feeds/search.atom?from=2024-01-20&to=2024-01-20").text
    assert f'<media:thumbnail url="{url}" height="185" width="352"/>' in atom
    (item,) = httpx.get(f"{site}/feeds/search.json?from=2024-01-20&to=2024-01-20").json()["items"]
    assert item["image"] == url


def words(chance: Random, number: int) -> str:
    return " ".join("".join(chance.choices(ascii_lowercase, k=6)) for _ in range(number))


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[str]:
    """The address of an instance whose papers all have a picture."""
    texts = [words(Random(number), 150) for number in range(61)]  # so that none is a duplicate
    papers = [paper(n, words(Random(-n), 8), texts[n], published="2024-01-20") for n in range(1, 61)]

    async def prepare(runtime: Runtime) -> None:
        await illustrate(runtime, *(one.id for one in papers))

    with in_thread(tmp_path_factory.mktemp("full"), models, papers, prepare) as url:
        yield url


def test_pictures_are_loaded_when_they_come_near_and_the_page_itself_is_small(browser: Browser, full_site: str) -> None:
    """INVARIANT: the first load sends less than 100 KB beside its pictures, however many papers have one."""
    others: list[int] = []
    pictures: list[str] = []

    def weigh(request: Request) -> None:
        if "/picture.webp" in request.url:
            pictures.append(request.url)
        else:
            others.append(request.sizes()["responseBodySize"])

    with watched(browser, full_site, viewport={"width": 390, "height": 800}) as page:
        page.on("requestfinished", weigh)
        page.goto("/", wait_until="networkidle")
        shown = page.get_by_role("article").get_by_role("img")
        assert 15 <= shown.count() == page.get_by_role("article").count()
        assert {one.get_attribute("loading") for one in shown.all()} == {"lazy"}
        assert 10_000 < sum(others) < 100_000
        page.goto("/?limit=60", wait_until="networkidle")
        assert 40 <= shown.count() == page.get_by_role("article").count()
        assert len(set(pictures)) < shown.count(), "the last ones are far below"
        shown.last.scroll_into_view_if_needed()
        expect(shown.last).to_have_js_property("complete", value=True)
        expect(shown.last).not_to_have_js_property("naturalWidth", 0)
