"""A reader in a browser signs in, saves a paper, finds it in the list, exports it, and deletes everything."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import watched
from tests.web.reader import Reader


@pytest.mark.parametrize("script", (True, False))
def test_a_reader_keeps_a_list_from_sign_in_to_deletion(browser: Browser, reader: Reader, *, script: bool) -> None:
    httpx.delete(f"{reader.url}/v1/reading-list", headers={"Authorization": f"Bearer {reader.key}"}).raise_for_status()
    with watched(browser, reader.url, java_script_enabled=script) as page:
        page.goto("/my")
        page.get_by_label("Your API key").fill(reader.key)
        page.get_by_role("button", name="Show my subscriptions").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("My papers")
        page.goto("/search?q=everything+is+known+of+cranes")
        card = page.get_by_role("article").first
        title = card.get_by_role("heading").inner_text()
        card.get_by_role("button", name=f"Save: {title}", exact=True).click()
        saved = card.get_by_role("button", name=f"Save: {title}", exact=True, pressed=True)
        expect(saved).to_have_attribute("aria-pressed", "true", timeout=20_000)
        page.goto("/")
        expect(page.get_by_text("new since your last visit")).to_be_visible()
        page.get_by_role("link", name="1 saved").click()
        listed = page.get_by_role("region", name="Reading list").get_by_role("article")
        expect(listed.get_by_role("heading")).to_have_text([title])
        like = listed.get_by_role("button", name=f"Like: {title}", exact=True)
        for pressed in ("true", "false"):
            like.click()
            expect(like).to_have_attribute("aria-pressed", pressed)
        page.get_by_text("Tags and note", exact=True).click()
        page.get_by_label("Tags, separated by commas").fill("cranes, to read")
        page.get_by_role("button", name="Keep these tags").click()
        expect(listed.get_by_role("link", name="to read")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="BibTeX").click()
        assert title in download.value.path().read_text("utf-8")
        page.get_by_label("Delete all marks").check()
        page.get_by_role("button", name="Delete everything").click()
        expect(page.get_by_text("Your reading list was deleted.")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Your API key")).to_be_visible()
