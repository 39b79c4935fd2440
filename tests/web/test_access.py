"""Whoever reads, on whatever, by whatever: axe finds nothing serious, the keyboard reaches everything."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.appearance import PHONE, serious, unfolded, width
from tests.web.conftest import watched

PATHS = (
    "/",
    "/?month=2024-01",
    "/?date=2024-03-01",
    "/search?q=neural+networks",
    "/search?category=cs.RO&has_code=true",
    "/search?q=nothing+%22like+this%22",
    "/papers/arXiv:2401.00020",
    "/papers/arXiv:2401.00007",
    "/authors/Ada%20Origami",
    "/map",
    "/status",
    "/docs/plain",
    "/saved",
    "/for-you",
    "/for-you?like=arXiv:2401.00020",
    "/papers/none",
)


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(browser: Browser, site: str, path: str) -> None:
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.goto(path)
    found = serious(unfolded(page))
    context.close()
    assert found == []


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_pages_without_sideways_scrolling(browser: Browser, site: str, path: str) -> None:
    with watched(browser, site, viewport=PHONE, is_mobile=True) as page:
        page.route("**/papers/none", lambda route: route.fulfill(status=200, response=route.fetch()))
        page.goto(path)
        assert width(unfolded(page)) <= PHONE["width"]


@pytest.mark.parametrize("path", PATHS[:-1])
def test_pages_have_landmarks_and_a_skip_link(browser: Browser, site: str, path: str) -> None:
    with watched(browser, site) as page:
        page.goto(path)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        for landmark in ("banner", "main", "contentinfo", "search"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_slash_goes_to_the_search_box(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/search?q=attention")
        page.keyboard.press("/")
        box = page.get_by_label("Search papers")
        expect(box).to_be_focused()
        expect(box).to_have_value("attention")
        page.keyboard.type("a/jk?")
        expect(box).to_have_value("a/jk?")


def test_j_and_k_select_papers_and_enter_opens_one(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/search?q=fold")
        titles = page.locator("article h3 a")
        for key, at in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
            page.keyboard.press(key)
            expect(titles.nth(at)).to_be_focused()
        page.keyboard.press("a")
        expect(page.get_by_role("article").first.locator("details p")).to_be_visible()
        title = titles.first.inner_text()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_question_mark_shows_the_shortcuts(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard")
        expect(dialog).to_be_visible()
        page.keyboard.press("j")  # belongs to the dialog now
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Keyboard ?").click()
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()
