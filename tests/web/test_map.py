"""The map of papers: drawn, moved, zoomed, read."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import watched
from tests.web.wire import SCRIPT

CENTRE = "arXiv:2401.00020"
PAINTED = """() => {
  const canvas = document.getElementById("map"), copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  return pen.getImageData(0, 0, copy.width, copy.height).data.filter((value, at) => at % 4 == 3 && value).length;
}"""


def opened(page: Page, path: str = "/map") -> tuple[float, float]:
    """Open the map, and give the middle of it."""
    page.goto(path)
    canvas = page.locator("#map")
    expect(canvas).to_have_attribute("data-papers", "52")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def painted(page: Page, right: Callable[[int], bool]) -> int:
    """Wait until the number of painted pixels is right, and give it; the browser's own waiting needs `eval`."""
    for _ in range(200):
        pixels = int(page.evaluate(PAINTED))
        if right(pixels):
            return pixels
        page.wait_for_timeout(25)
    raise AssertionError(f"{pixels} pixels are painted")


def test_papers_are_drawn_and_fields_can_be_hidden(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        opened(page)
        before = painted(page, lambda pixels: pixels > 200)
        field = page.get_by_role("button", name="cs.LG 17")
        field.click()
        expect(field).to_have_attribute("aria-pressed", "false")
        painted(page, lambda pixels: pixels < before)


@pytest.mark.parametrize("width", (320, 390, 1440))
def test_names_of_regions_are_whole_and_apart(browser: Browser, site: str, width: int) -> None:
    with watched(browser, site, viewport={"width": width, "height": 800}) as page:
        opened(page)
        names = page.locator("#map").evaluate("canvas => JSON.parse(canvas.dataset.names)")
        size = page.locator("#map").evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
        assert "paper cranes" in {box["name"] for box in names}
        assert "paper crane folding" not in {box["name"] for box in names}, "it is over the larger one"
        for box in names:
            assert 0 <= box["left"] < box["right"] <= size[0]
            assert 0 <= box["top"] < box["bottom"] <= size[1]
        links = page.locator("#map-regions a")
        expect(links).to_have_text(["paper cranes", "paper crane folding", SCRIPT])
        expect(links.first).to_have_attribute("href", "/search?q=paper%20cranes")


def test_a_paper_under_the_pointer_is_named_and_a_click_opens_it(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        middle = opened(page)
        page.mouse.move(*middle)
        expect(page.locator("#map-note")).to_have_text("Everything is known of cranes cs.RO, new")
        page.mouse.click(*middle)
        page.wait_for_url(f"**/papers/{CENTRE}")
        expect(page.locator("h1")).to_contain_text("Everything is known of cranes")


def test_dragging_moves_the_map_without_a_click(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        x, y = opened(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 40, steps=4)
        page.mouse.up()
        page.mouse.move(x + 120, y + 40)
        expect(page.locator("#map-note a")).to_have_attribute("href", f"/papers/{CENTRE}")
        assert page.url.endswith("/map")


def test_the_keyboard_moves_zooms_and_opens_papers(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        opened(page)
        page.locator("#map").focus()
        page.keyboard.press("+")
        page.keyboard.press("-")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#map-note a")).to_have_attribute("href", f"/papers/{CENTRE}")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/papers/{CENTRE}")


def test_a_paper_can_be_shown_on_the_map(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        opened(page, "/map?paper=arXiv%3A2401.00021")
        expect(page.locator("#map-note")).to_contain_text("Hostile in title")


def test_the_map_page_without_script_explains_itself(browser: Browser, site: str) -> None:
    with watched(browser, site, java_script_enabled=False) as page:
        page.goto("/map")
        expect(page.get_by_text("The map needs JavaScript.")).to_be_visible()


def test_the_map_page_explains_a_missing_map(browser: Browser, empty_site: str) -> None:
    """INVARIANT: nothing is asked for that is not there, so the console of the browser is empty."""
    asked: list[str] = []
    with watched(browser, empty_site) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/map")
        expect(page.locator("#map-note")).to_contain_text("There is no map yet")
    assert [url for url in asked if "map.json" in url] == []


def test_the_points_are_cached_until_they_change(site: str) -> None:
    first = httpx.get(f"{site}/map.json")
    again = httpx.get(f"{site}/map.json", headers={"If-None-Match": first.headers["ETag"]})
    plain = httpx.get(f"{site}/map.json", headers={"Accept-Encoding": "identity"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert (again.status_code, again.content) == (304, b"")
    assert plain.json() == first.json()


def test_a_map_that_is_not_made_yet_leaves_no_empty_frame(browser: Browser, empty_site: str) -> None:
    page = browser.new_page(base_url=empty_site)
    page.goto("/map")
    expect(page.get_by_text("There is no map yet.")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()
    page.close()
