"""The reading list on cards: by click and by key, in the browser and, for a reader who is signed in, on the server."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.appearance import PHONE, serious, unfolded, width
from tests.web.conftest import watched
from tests.web.reader import Reader
from tests.web.test_clicks import covered

MONTH = "/?month=2024-01&sort=newest"
FOUND = "/search?q=everything+is+known+of+cranes"
CRANES = "Everything is known of cranes"


def card(page: Page) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=CRANES))


def jot(page: Page, kind: str, text: str) -> None:
    """Write tags or a note of the paper that has the focus, by key."""
    page.keyboard.press("t" if kind == "tag" else "n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(text)
    dialog.get_by_role("button", name="Save").click()


def marked(page: Page) -> None:
    """Mark a paper in every way, and see that all of it is there after a reload."""
    page.goto(FOUND)
    paper = card(page)
    paper.get_by_role("heading").get_by_role("link").focus()
    for key, done in (("s", "Save"), ("l", "Like"), ("r", "Mark read")):
        page.keyboard.press(key)
        expect(paper.get_by_role("button", name=f"{done}: {CRANES}")).to_have_attribute("aria-pressed", "true")
    jot(page, "tag", "To Read,  folding , to read")
    jot(page, "note", "<b>Ask Ada</b>")
    page.reload()
    paper = card(page)
    expect(paper.locator(".jotted .tag")).to_have_text(["to read", "folding"])
    expect(paper.locator(".jotted")).to_contain_text("<b>Ask Ada</b>")
    like = paper.get_by_role("button", name=f"Like: {CRANES}")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_text("Like")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")


def hidden_and_back(page: Page) -> None:
    """Hide a paper: one line is left of it, with a button that brings it back."""
    paper = page.locator("article[data-paper='arXiv:2401.00020']")
    paper.get_by_role("button", name=f"Hide: {CRANES}").click()
    expect(page.get_by_text(f"Hidden: {CRANES}")).to_be_visible()
    expect(paper.get_by_role("heading")).to_be_hidden()
    paper.get_by_role("button", name="Undo").click()
    expect(paper.get_by_role("heading")).to_be_visible()


def test_a_browser_keeps_a_list(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        marked(page)
        hidden_and_back(page)
        page.keyboard.press("h")
        page.reload()
        expect(page.get_by_text(f"Hidden: {CRANES}")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        page.goto("/papers/arXiv:2401.00020")
        expect(page.get_by_role("button", name=f"Save: {CRANES}")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("link", name="Saved").click()
        expect(page.get_by_role("link", name=CRANES)).to_have_attribute("href", "/papers/arXiv:2401.00020")
        page.get_by_role("button", name="Unread 0").click()
        expect(page.get_by_text("There are no papers here.")).to_be_visible()
        page.get_by_role("button", name="All 1").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as JSON").click()
        assert '"tags": [' in download.value.path().read_text()
        page.get_by_label("Delete the whole list").check()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("article")).to_have_count(0)


def test_papers_that_were_seen_first_since_the_last_visit_are_new(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto(MONTH)
        expect(page.locator(".new")).to_have_count(0)
        visit = "{visit: {since: 0, at: Date.parse('2024-01-20T00:00:00Z')}, rows: {}}"
        page.evaluate(f"localStorage.setItem('paperwire:list', JSON.stringify({visit}))")
        page.reload()
        expect(card(page).locator(".new")).to_have_text("New")  # a source brought it on the day after
        expect(page.locator(".new")).to_have_count(1)
        page.reload()
        expect(page.locator(".new")).to_have_count(1)  # the visit goes on


@pytest.mark.parametrize("broken", ("null", "{", '{"rows": 3}', "[]"))
def test_what_is_no_list_is_an_empty_one(browser: Browser, site: str, broken: str) -> None:
    with watched(browser, site) as page:
        page.goto(MONTH)
        page.evaluate("text => localStorage.setItem('paperwire:list', text)", broken)
        page.goto("/saved")
        expect(page.get_by_role("button", name="All 0")).to_be_visible()
        page.goto(MONTH)
        card(page).get_by_role("button", name="Save:").click()
        expect(card(page).get_by_role("button", name="Save:", pressed=True)).to_be_visible()


def test_without_script_the_page_of_the_list_says_what_it_needs(browser: Browser, site: str) -> None:
    with watched(browser, site, java_script_enabled=False) as page:
        page.goto("/saved")
        expect(page.get_by_text("The list of this browser needs JavaScript.")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_a_reader_who_is_signed_in_keeps_it_on_the_server(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        marked(page)
        kept = _listed(reader)["arXiv:2401.00020"]
        assert (kept["tags"], kept["note"], kept["liked_at"]) == (["to read", "folding"], "<b>Ask Ada</b>", None)
        hidden_and_back(page)
        page.goto("/saved")
        expect(page).to_have_url("/my")


def test_what_a_browser_kept_is_added_after_signing_in(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto(MONTH)
        rows: dict[str, Any] = {
            "arXiv:2401.00002": {"id": "arXiv:2401.00002", "title": "x", "added_at": "2024-02-01T00:00:00Z",
                                 "saved_at": "2024-02-01T00:00:00Z", "tags": ["é" * 50] * 3, "note": "ñ" * 2_000},
        }  # fmt: skip
        spoil = r"row.tags.push('half \ud83d'); row.note = '\u000b\u0000' + row.note;"
        keep = "localStorage.setItem('paperwire:list', JSON.stringify({rows}));"
        page.evaluate(f"rows => {{ const row = rows['arXiv:2401.00002']; {spoil} {keep} }}", rows)
        page.reload()
        page.get_by_role("button", name="Add to my reading list").click()
        expect(page.get_by_text("1 added to your reading list.")).to_be_visible()
        assert page.evaluate("readingList.rows()") == {}
        listed = _listed(reader)["arXiv:2401.00002"]
        assert (listed["tags"], listed["note"]) == (["é" * 50, "half"], "ñ" * 2_000)


def test_an_error_of_the_server_is_shown_and_nothing_is_marked(browser: Browser, reader: Reader) -> None:
    context = browser.new_context(base_url=reader.url, **reader.browser())
    page = context.new_page()
    page.goto(MONTH)
    context.clear_cookies()
    paper = page.get_by_role("article").nth(3)
    paper.get_by_role("button", name="Save:").click()
    expect(page.locator(".toast")).to_contain_text("You are not signed in.")
    expect(paper.get_by_role("button", name="Save:")).to_have_attribute("aria-pressed", "false")
    context.close()


@pytest.mark.parametrize("path", (MONTH, "/papers/arXiv:2401.00020", "/saved"))
def test_the_buttons_are_reached_and_readable_everywhere(browser: Browser, site: str, path: str) -> None:
    page = browser.new_page(base_url=site, viewport=PHONE)
    page.goto(MONTH)
    paper = page.get_by_role("article")
    paper.nth(0).get_by_role("button", name="Save:").click()
    paper.nth(1).get_by_role("button", name="Hide:").click()
    page.goto(path)
    found = serious(unfolded(page))
    page.set_viewport_size({"width": 320, "height": 700})
    assert (found, covered(page)) == ([], {})
    page.set_viewport_size({"width": 320, "height": 700})
    assert width(page) <= 320
    page.close()


def _listed(reader: Reader) -> dict[str, Any]:
    answer = httpx.get(f"{reader.url}/v1/reading-list", headers={"Authorization": f"Bearer {reader.key}"})
    return {row["id"]: row for row in answer.json()["papers"]}
