import httpx
from playwright.sync_api import Browser, Page, Route, expect

from tests.web import appearance
from tests.web.conftest import watched


def test_the_status_page_shows_the_state_of_everything(page: Page) -> None:
    page.goto("/status")
    expect(page.get_by_text("14 papers indexed.")).to_be_visible()
    streams = page.get_by_role("region", name="Backlog").get_by_role("row")
    expect(streams.nth(3).get_by_role("cell")).to_have_text(["notifier", "0", "0", "1"])
    expect(page.get_by_text("paperwire dead list")).to_be_visible()
    source = page.get_by_role("region", name="Sources").get_by_role("row").nth(1)
    expect(source.get_by_role("cell").first).to_have_text("failing")
    expect(source).to_contain_text('answers 503 "><script>alert(1)</script>')
    ledger = page.get_by_role("region", name="Announcement days").get_by_role("row")
    expect(ledger.first).to_contain_text("20 Jan")
    expect(ledger.nth(1).get_by_role("cell")).to_have_text(["90 4 missing", "80"])
    expect(ledger.nth(2).get_by_role("cell")).to_have_text(["late", ""])
    expect(page.get_by_role("region", name="Providers of signals")).to_contain_text("3 of 60")
    expect(page.get_by_role("img", name="Papers by the time of their last change")).to_be_visible()


def test_tables_are_whole_on_a_phone(browser: Browser, site: str) -> None:
    """Nothing is cut: neither the page nor a table but the one with a column for each day scrolls sideways."""
    with watched(browser, site) as page:
        page.goto("/status")
        for width in (320, 360, 412):
            page.set_viewport_size({"width": width, "height": 740})
            assert appearance.width(page) == width
            tables = page.locator("table:not(.ledger)")
            assert tables.count() == 3
            for table in tables.all():
                assert table.evaluate("one => one.scrollWidth <= one.clientWidth && one.clientWidth < innerWidth")
        cells = page.get_by_role("region", name="Sources").locator("tr").nth(1).locator("td").all()
        names = [cell.evaluate("one => getComputedStyle(one, '::before').content") for cell in cells]
        assert names == [f'"{name}: "' for name in ("State", "Last poll", "Next poll", "Items", "Detail")]


def test_the_figures_refresh(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.clock.install()
        page.goto("/status")
        page.evaluate("document.querySelector('h1').textContent = 'old'")
        with page.expect_response("**/status"):
            page.clock.run_for(10_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("Status")


def test_a_server_that_hangs_is_asked_once_and_then_again(browser: Browser, site: str) -> None:
    """What one answer leaves open does not add up on a page that is open for days."""
    with watched(browser, site) as page:
        page.clock.install()
        page.goto("/status")
        asked: list[Route] = []

        def hang(route: Route) -> None:
            asked.append(route)

        page.route("**/status", hang)
        with page.expect_request("**/status"):
            page.clock.run_for(30_000)
        page.evaluate("1")
        assert len(asked) == 1
        with page.expect_response("**/status") as first:
            asked[0].continue_()
        first.value.finished()
        page.unroute("**/status")
        with page.expect_response("**/status"):
            page.clock.run_for(10_000)


def test_a_refresh_leaves_alone_what_is_the_same(browser: Browser, site: str) -> None:
    """INVARIANT: who reads, selects or scrolls on the page is not interrupted, and what changed is shown."""
    with watched(browser, site, viewport={"width": 600, "height": 500}) as page:
        page.clock.install()
        page.goto("/status")
        table = page.get_by_role("group", name="Sources")
        table.evaluate("one => one.focus({ preventScroll: true })")
        page.evaluate("""() => {
            document.querySelector("section[aria-labelledby=streams] tbody td").textContent = "old";
            document.querySelector("section[aria-labelledby=providers] tbody tr").remove();
            const cell = document.querySelector("section[aria-labelledby=sources] td.said");
            getSelection().selectAllChildren(cell);
            scrollTo({ top: 200, behavior: "instant" });
            window.kept = [cell, scrollY];
        }""")
        with page.expect_response("**/status"):
            page.clock.run_for(10_000)
        expect(page.get_by_role("region", name="Providers of signals")).to_contain_text("3 of 60")
        expect(page.get_by_role("region", name="Backlog").get_by_role("row").nth(1)).not_to_contain_text("old")
        expect(table).to_be_focused()
        assert "answers 503" in page.evaluate("getSelection().toString()")
        assert page.evaluate("kept[0].isConnected && kept[1] === 200 && scrollY === 200")


def test_without_script_the_browser_reloads_the_page(site: str) -> None:
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in httpx.get(f"{site}/status").text


def test_the_documentation_lists_every_service(page: Page) -> None:
    page.goto("/docs/plain")
    for operation in ("GET /v1/search", "GET /healthz", "POST /v1/subscriptions"):
        expect(page.get_by_role("heading", name=operation, exact=True)).to_be_visible()
