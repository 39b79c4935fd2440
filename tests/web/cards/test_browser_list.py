"""The list that a browser keeps, where things go wrong: another tab, a full or closed store, damage; and "For you"."""

from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import watched
from tests.web.reader import Reader

CRANES: Final = "arXiv:2401.00020"
TITLE: Final = "Everything is known of cranes"
FOUND: Final = "/search?q=everything+is+known+of+cranes"
AT: Final = "2024-02-01T00:00:00Z"
ROW: Final[dict[str, Any]] = {"id": CRANES, "title": TITLE, "added_at": AT, "saved_at": AT}
CLOSED: Final = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('closed'); } });"
FULL: Final = """() => {
    localStorage.setItem("filling", "x".repeat(1 << 20));
    for (let size = 1 << 20, n = 0; size; n += 1) {
        try { localStorage.setItem(`filling ${n}`, "x".repeat(size)); } catch { size >>= 1; }
    }
}"""


def button(page: Page, name: str, *, pressed: bool | None = None) -> Any:
    """Find a button of the card of cranes, in any state or in one."""
    return page.locator(f"[data-paper='{CRANES}']").get_by_role("button", name=f"{name}:", pressed=pressed)


def keep(page: Page, rows: Any) -> None:
    """Put rows into the list of the browser, and load the page again."""
    page.evaluate("rows => localStorage.setItem('paperwire:list', JSON.stringify({ rows }))", rows)
    page.reload()


@pytest.mark.parametrize(
    "bad", ({"x": None}, {"x": {"id": "y"}}, {"x": {"id": "x"}}, {"x": {"id": "x", "added_at": AT, "tags": "a"}})
)
def test_a_damaged_row_does_not_take_the_others_with_it(browser: Browser, site: str, bad: dict[str, Any]) -> None:
    with watched(browser, site) as page:
        page.goto("/saved")
        keep(page, {**bad, CRANES: ROW})
        expect(page.get_by_role("button", name="All 1")).to_be_visible()
        expect(button(page, "Save", pressed=True)).to_be_visible()


@pytest.mark.parametrize("bad", (None, []))
def test_a_list_without_rows_is_an_empty_one_that_keeps_papers(browser: Browser, site: str, bad: Any) -> None:
    with watched(browser, site) as page:
        page.goto(FOUND)
        keep(page, bad)
        button(page, "Save").click()
        page.reload()
        expect(button(page, "Save")).to_have_attribute("aria-pressed", "true")


def test_a_damaged_list_is_added_after_signing_in_and_ends(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto("/")
        keep(page, {"x": {"id": "y"}, "arXiv:2401.00003": {**ROW, "id": "arXiv:2401.00003"}})
        page.get_by_role("button", name="Add to my reading list").click()
        expect(page.get_by_text("1 added to your reading list.")).to_be_visible()


def test_papers_that_the_index_does_not_have_stay_in_the_browser(browser: Browser, reader: Reader) -> None:
    """INVARIANT: moving a list loses no mark, tag or note."""
    gone = {**ROW, "id": "arXiv:9901.00001", "note": "read it again"}
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto("/")
        keep(page, {gone["id"]: gone, "arXiv:2401.00003": {**ROW, "id": "arXiv:2401.00003"}})
        page.get_by_role("button", name="Add to my reading list").click()
        expect(
            page.get_by_text("1 added to your reading list. 1 not in the index stay in this browser.")
        ).to_be_visible()
        assert page.evaluate("readingList.rows()") == {gone["id"]: gone}


def test_two_tabs_show_the_same_list(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        other = page.context.new_page()
        page.goto(FOUND)
        other.goto("/saved")
        button(page, "Save").click()
        expect(other.get_by_role("button", name="Saved 1")).to_be_visible()
        button(other, "Save", pressed=True).click()
        expect(button(page, "Save")).to_have_attribute("aria-pressed", "false")


def test_counts_and_export_follow_the_marks_on_the_page_of_the_list(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/saved")
        keep(page, {CRANES: ROW})
        button(page, "Mark read").click()
        expect(page.get_by_role("button", name="Unread 0")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as JSON").click()
        assert '"read_at": "' in download.value.path().read_text()


def test_a_long_note_is_cut_off_until_it_is_opened(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(FOUND)
        keep(page, {CRANES: {**ROW, "note": "short"}})
        card = page.locator(f"[data-paper='{CRANES}']")
        expect(card.locator(".jotted")).to_have_text("short")
        expect(card.get_by_text("Whole note")).to_have_count(0)
        keep(page, {CRANES: {**ROW, "note": "A long note of cranes. " * 80}})
        note = card.locator(".jotted")
        cut = note.bounding_box()
        card.get_by_text("Whole note").click()
        whole = note.bounding_box()
        assert cut
        assert whole
        assert cut["height"] < 90 < whole["height"]
        card.get_by_role("heading").get_by_role("link").focus()
        page.keyboard.press("a")
        expect(card.locator(".about details p").first).to_be_visible()


def test_a_store_that_is_closed_is_said(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.add_init_script(CLOSED)
        page.goto(FOUND)
        button(page, "Save").click()
        expect(page.get_by_role("alert")).to_have_text("This browser does not keep a list for this page.")
        expect(button(page, "Save")).to_have_attribute("aria-pressed", "false")


def test_a_store_that_is_full_is_said(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(FOUND)
        page.evaluate(FULL)
        button(page, "Save").click()
        expect(page.get_by_text("This browser does not keep a list for this page.")).to_be_visible()
        page.reload()
        expect(button(page, "Save")).to_have_attribute("aria-pressed", "false")


def test_a_key_that_is_held_down_marks_once(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(FOUND)
        page.locator(f"[data-paper='{CRANES}'] h3 a").focus()
        page.keyboard.down("s")
        page.keyboard.down("s")
        page.keyboard.up("s")
        expect(button(page, "Save", pressed=True)).to_be_visible()


def test_the_marks_of_a_browser_recommend_papers(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        orders = page.get_by_role("navigation", name="Order")
        expect(orders.get_by_role("link", name="For you")).to_have_attribute("href", "/for-you")
        keep(page, {CRANES: ROW, "x": {**ROW, "id": "x", "saved_at": None, "disliked_at": AT}})
        button(page, "Like").click()
        orders.get_by_role("link", name="For you").click()
        expect(page).to_have_url("/for-you?unlike=x&like=arXiv%3A2401.00020")
        expect(page.get_by_text("Near to 1 paper that you named")).to_be_visible()
        expect(page.get_by_role("article").first.locator(".why")).to_contain_text(TITLE)
        expect(orders.get_by_role("link", name="For you")).to_have_attribute("aria-current", "true")
        expect(orders.get_by_role("link")).to_have_text(["Trending", "Newest", "For you"])


def test_without_an_address_the_page_leads_to_what_the_marks_recommend(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/for-you")
        expect(page.get_by_text("Like or save a few papers first")).to_be_visible()
        keep(page, {CRANES: ROW})
        expect(page.get_by_text("Like or save a few papers first")).to_be_hidden()
        page.get_by_role("link", name="show what they recommend").click()
        expect(page).to_have_url("/for-you?like=arXiv%3A2401.00020")


def test_the_address_of_many_marks_is_short_enough(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/for-you")
        names = [f"10.1000/{'é' * 150}{n}" for n in range(60)]
        keep(
            page, {name: {**ROW, "id": name, "saved_at": f"2024-02-01T00:00:{n:02d}Z"} for n, name in enumerate(names)}
        )
        page.get_by_role("link", name="show what they recommend").click()
        expect(page.get_by_text("None of these papers is in the index.")).to_be_visible()
        assert len(page.url) < 4_100
        keep(page, {f"x{n}": {**ROW, "id": f"x{n}", "saved_at": f"2024-02-01T00:00:{n:02d}Z"} for n in range(60)})
        page.get_by_role("navigation", name="Order").get_by_role("link", name="For you").click()
        expect(page).to_have_url("/for-you?" + "&".join(f"like=x{n}" for n in range(10, 60)))


def test_more_papers_that_do_not_come_are_said_and_come_later(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.goto("/?month=2024-01&sort=newest&limit=4")
    titles = page.get_by_role("article").get_by_role("heading")
    page.route("**/*cursor=*", lambda route: route.abort())
    page.keyboard.press("m")
    expect(page.get_by_text("More papers could not be loaded. Try again.")).to_be_visible()
    expect(page).to_have_url("/?month=2024-01&sort=newest&limit=4")
    page.unroute("**/*cursor=*")
    page.keyboard.press("m")
    expect(titles).to_have_count(8)
    expect(page.get_by_text("could not be loaded")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("typed", ("x" * 900, "\ud800 lone", "a\u202eb", "<img src=x>", "%ff%00", "\t tab"))
def test_odd_words_are_typed_in_silence(browser: Browser, site: str, typed: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        page.evaluate(
            "codes => { const box = document.getElementById('q'); box.value = String.fromCharCode(...codes); "
            "box.dispatchEvent(new Event('input')); }",
            [ord(one) for one in typed],
        )
        page.wait_for_timeout(400)


def test_a_wider_window_closes_the_sheet(browser: Browser, site: str) -> None:
    with watched(browser, site, viewport={"width": 700, "height": 900}) as page:
        page.goto("/search?q=neural+networks")
        page.get_by_role("button", name="Narrow").click()
        expect(page.locator("header")).to_have_js_property("inert", True)
        page.set_viewport_size({"width": 1_300, "height": 900})
        expect(page.locator("header")).to_have_js_property("inert", False)


def test_going_back_shows_what_a_signed_in_reader_marked_since(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto("/search?q=speech+recognition+without+transcripts")
        paper = page.locator("article[data-paper='arXiv:2401.00009']")
        paper.get_by_role("heading").get_by_role("link").click()
        page.wait_for_url("**/papers/**")
        paper.get_by_role("button", name="Like:").click()
        expect(paper.get_by_role("button", name="Like:", pressed=True)).to_be_visible()
        page.go_back()
        expect(paper.get_by_role("button", name="Like:", pressed=True)).to_be_visible()


def test_a_recommendation_can_be_turned_down_in_the_browser(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(f"/for-you?like={CRANES}")
        card = page.locator("article.paper").first
        named = card.get_attribute("data-paper")
        card.hover()
        card.get_by_role("button", name="Not this:").click()
        expect(card.get_by_role("button", name="Not this:")).to_have_attribute("aria-pressed", "true")
        rows = page.evaluate("JSON.parse(localStorage.getItem('paperwire:list')).rows")
        assert rows[named]["disliked_at"]
