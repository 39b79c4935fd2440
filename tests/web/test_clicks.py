"""A click reaches what the pointer shows: no link or button of a page lies under another element, at any width."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.web.appearance import unfolded
from tests.web.conftest import watched
from tests.web.reader import Reader
from tests.web.test_access import PATHS
from tests.web.test_reader import PAGES

OWN: Final = ("/?month=2024-01", "/search?q=fold", "/papers/arXiv:2401.00020", "/for-you?like=arXiv:2401.00020")
"""Pages with the buttons of a reader who is signed in."""
WIDTHS: Final = (320, 390, 768, 1440)
COVERED: Final = """() => {
    const what = "a[href], button, summary, select, textarea, input:not([type=hidden])";
    const reached = (element, box) => {
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return element.contains(hit) || [...(element.labels ?? [])].includes(hit?.closest("label"));
    };
    const found = [];
    for (const element of document.querySelectorAll(what)) {
        if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(".skip")) continue;
        element.scrollIntoView({ block: "center", behavior: "instant" });
        const boxes = [...element.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
        const missed = boxes.filter((box) => !reached(element, box));
        if (missed.length) found.push(element.outerHTML.slice(0, 120));
    }
    return found;
}"""
"""What is to be clicked and has a line whose middle is somebody else's."""


def covered(page: Page) -> dict[int, list[str]]:
    """List what a click does not reach, by the width of the window in pixels; folded and unfolded."""
    found: dict[int, list[str]] = {}
    for opened in (False, True):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            missed = page.evaluate(COVERED)
            if missed:
                found[width] = found.get(width, []) + missed
        if not opened:
            unfolded(page)
    return found


@pytest.mark.parametrize("path", PATHS[:-1])
def test_every_link_and_button_of_a_page_takes_its_clicks(browser: Browser, site: str, path: str) -> None:
    with watched(browser, site) as page:
        page.goto(path)
        assert covered(page) == {}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_button_of_a_reader_s_page_takes_its_clicks(browser: Browser, reader: Reader, name: str) -> None:
    with watched(browser, reader.url, **reader.browser(name)) as page:
        page.route("**/f/nothing", lambda route: route.fulfill(status=200, response=route.fetch()))
        page.goto(reader.pages[name])
        assert covered(page) == {}


@pytest.mark.parametrize("path", OWN)
def test_every_button_of_a_reader_s_own_cards_takes_its_clicks(browser: Browser, reader: Reader, path: str) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto(path)
        assert covered(page) == {}
