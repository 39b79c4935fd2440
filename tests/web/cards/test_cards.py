"""What cards do with a pointer, a finger and the keyboard: the row of actions, the chart, the next page in place."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.appearance import PHONE, serious
from tests.web.conftest import watched

MONTH = "/?month=2024-01&sort=newest&limit=4"
SHOWN: Final = """each => {
    each.getAnimations().forEach((one) => one.finish());
    return getComputedStyle(each).opacity;
}"""
TOO_SMALL: Final = """() => [...document.querySelectorAll(".paper .acts *, .paper summary, .narrow, nav a")]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML)"""


def opacity(page: Page) -> str:
    """Return the opacity of an action of the second card, once it no longer changes."""
    action = page.get_by_role("article").nth(1).locator(".acts a").first
    shown: str = action.evaluate(SHOWN)
    return shown


def test_actions_appear_with_the_pointer_or_the_focus(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        assert opacity(page) == "0"
        page.get_by_role("article").nth(1).hover()
        assert opacity(page) == "1"
        page.mouse.move(0, 0)
        assert opacity(page) == "0"
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert opacity(page) == "1"


@pytest.mark.parametrize("path", ("/", "/search?q=neural+networks", "/authors/Ada%20Origami"))
def test_fingers_find_actions_of_44_pixels(browser: Browser, site: str, path: str) -> None:
    with watched(browser, site, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto(path)
        assert opacity(page) == "1"
        assert page.evaluate(TOO_SMALL) == []


def test_a_chart_shows_and_says_how_a_signal_grew(page: Page) -> None:
    page.goto("/")
    chart = page.get_by_role("article").first.locator("svg.spark")
    expect(chart).to_have_accessible_name("From 1 to 57 upvotes, 21 Jan 2024 to 24 Jan 2024")
    expect(page.get_by_role("article").nth(1).locator("svg.spark")).to_have_count(0)


def test_more_papers_are_added_in_place_and_are_there_after_a_return(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(MONTH)
        titles = page.get_by_role("article").get_by_role("heading")
        page.get_by_role("link", name="More papers").click()
        expect(titles).to_have_count(8)
        expect(titles.nth(4).get_by_role("link")).to_be_focused()
        page.keyboard.press("m")
        expect(titles).to_have_count(12)
        shown = titles.all_inner_texts()
        assert len(set(shown)) == 12
        expect(page).to_have_url(MONTH)
        left = page.evaluate("() => { scrollTo({ top: 700, behavior: 'instant' }); return scrollY; }")
        titles.nth(9).get_by_role("link").evaluate("link => link.click()")
        page.wait_for_url("**/papers/**")
        page.go_back()
        expect(titles).to_have_count(12)
        assert titles.all_inner_texts() == shown
        for _ in range(200):  # the browser's own waiting needs `eval`
            if abs(page.evaluate("scrollY") - left) < 40:
                break
            page.wait_for_timeout(25)
        else:
            pytest.fail(f"the reader left at {left} px and is at {page.evaluate('scrollY')} px")


def test_the_next_paper_after_the_last_is_loaded(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(MONTH)
        titles = page.locator("article h3 a")
        titles.nth(3).focus()
        page.keyboard.press("j")
        expect(titles.nth(4)).to_be_focused()
        page.keyboard.press("o")
        page.wait_for_url("**/papers/**")


def test_without_script_more_is_a_link(browser: Browser, site: str) -> None:
    with watched(browser, site, java_script_enabled=False) as page:
        page.goto(MONTH)
        page.get_by_role("link", name="More papers").click()
        page.wait_for_url("**cursor=**")
        expect(page.get_by_role("article")).to_have_count(4)


@pytest.mark.parametrize("script", (True, False))
def test_filters_are_a_sheet_on_a_phone(browser: Browser, site: str, *, script: bool) -> None:
    with watched(browser, site, viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=script) as page:
        page.goto("/search?q=neural+networks")
        sheet, narrow = page.get_by_role("complementary"), page.get_by_role("button", name="Narrow")
        expect(sheet).to_be_hidden()
        narrow.click()
        expect(sheet).to_be_visible()
        if script:
            expect(sheet.get_by_role("button", name="Close")).to_be_focused()
            page.keyboard.press("Shift+Tab")
            assert not page.evaluate("document.activeElement.closest('header, main section, footer')")
        sheet.get_by_role("button", name="Close").click()
        expect(sheet).to_be_hidden()
        expect(narrow).to_be_focused()
        narrow.click()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        narrow.click()
        sheet.get_by_role("link", name="Robotics").click()
        expect(page).to_have_url("/search?q=neural+networks&category=cs.RO")
        expect(page.get_by_role("button", name="Narrow (1)")).to_be_visible()


def test_axe_finds_nothing_serious_in_the_open_sheet(browser: Browser, site: str) -> None:
    page = browser.new_page(base_url=site, viewport=PHONE)
    page.goto("/search?q=neural+networks")
    page.get_by_role("button", name="Narrow").click()
    found = serious(page)
    page.close()
    assert found == []


def test_titles_and_authors_are_suggested_while_typing(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        options = page.locator("#suggestions option")
        box = page.get_by_label("Search papers")
        box.press_sequentially("bo cr")
        expect(options).to_have_count(1)
        expect(options).to_have_attribute("value", 'author:"Bo Crane"')
        box.fill("everyth")
        expect(options).to_have_attribute("value", "Everything is known of cranes")
        box.fill("cat:cs")
        expect(options).to_have_count(0)
        box.fill("cranes -auth")
        expect(options).to_have_attribute("value", "cranes -author:")


def test_paper_has_no_buttons(browser: Browser, site: str) -> None:
    with watched(browser, site, has_touch=True) as page:
        for path in ("/", "/papers/arXiv:2401.00020"):
            page.goto(path)
            page.emulate_media(media="print")
            shown = "all => all.filter((each) => each.checkVisibility()).length"
            assert page.locator("main :is(button, summary)").evaluate_all(shown) == 0
