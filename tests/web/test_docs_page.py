"""The page that tries the API: it sends requests to this instance only, with a key that it forgets."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web import appearance
from tests.web.conftest import watched
from tests.web.reader import Reader


@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_a_reader_authorizes_and_sends_a_request(browser: Browser, reader: Reader, scheme: str) -> None:
    with watched(browser, reader.url, color_scheme=scheme, viewport=appearance.PHONE) as page:
        page.goto("/docs")
        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".auth-container input").fill(reader.key)
        page.locator(".auth-container .authorize").click()
        page.locator(".auth-container .btn-done").click()
        operation = page.locator("#operations-subscriptions-list_subscriptions")
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
        assert appearance.width(page) <= appearance.PHONE["width"]
        assert page.evaluate("document.documentElement.classList.contains('dark-mode')") == (scheme == "dark")
        kept = page.evaluate("({...localStorage, ...sessionStorage})")
        assert set(kept) <= {"paperwire:list"}, "only the list of this browser is kept"
        assert reader.key not in str(kept)


def test_without_script_the_page_leads_to_the_reference(browser: Browser, site: str) -> None:
    with watched(browser, site, java_script_enabled=False) as page:
        page.goto("/docs")
        page.get_by_role("link", name="the reference as one page").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("API")
