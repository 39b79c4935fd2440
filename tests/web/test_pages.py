import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.integration.search.instance import HOSTILE
from tests.web.conftest import watched

PATHS = ("/", "/?q=neural+networks", "/?q=nothing+%22like+this%22", "/papers/arXiv:2401.00008", "/docs", "/papers/none")


def test_searching_is_typing_and_pressing_enter(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Newest papers")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("12 papers here")
    box = page.get_by_label("Search papers")
    box.fill("folding proteins")
    box.press("Enter")
    expect(page).to_have_url("/?q=folding+proteins")
    expect(page.get_by_label("Search papers")).to_have_value("folding proteins")
    expect(page.get_by_role("status")).to_contain_text("results in")
    first = page.get_by_role("article").first
    expect(first.get_by_role("heading")).to_have_text("Folding proteins with neural networks")
    expect(first.locator("mark")).to_have_text(["Folding", "proteins", "proteins", "fold"])


def test_an_abstract_opens_on_click(page: Page) -> None:
    page.goto("/?q=surface+codes")
    first = page.get_by_role("article").first
    abstract = first.locator("details p")
    expect(abstract).to_be_hidden()
    first.locator("summary").click()
    expect(abstract).to_have_text("We correct errors below the threshold. Logical qubits live longer.")
    expect(abstract).to_be_visible()


def test_results_lead_to_papers_and_to_papers_like_them(page: Page) -> None:
    page.goto("/?q=hep-th/9901001")
    page.get_by_role("link", name="Old papers have slashes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Old papers have slashes in their ids")
    expect(page.get_by_role("heading", name="Similar papers")).to_be_visible()
    page.get_by_role("link", name="Ada Origami").click()
    expect(page.get_by_text("author: Ada Origami")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(11)


def test_a_filter_stays_while_searching_on(page: Page) -> None:
    page.goto("/?category=cs.RO")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Search papers").fill("attention")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="all papers").click()
    expect(page.get_by_role("article")).to_have_count(11)


def test_strangers_text_stays_text(page: Page) -> None:
    page.goto("/papers/arXiv:2401.00008")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_role("link", name="Abstract page")).to_have_count(0)
    page.goto("/?q=bold+quotes")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text(HOSTILE)
    page.goto("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.get_by_label("Search papers")).to_have_value('"><script>alert(1)</script>')


def test_more_papers_follow(page: Page) -> None:
    page.goto("/?limit=4")
    shown = page.get_by_role("article").get_by_role("heading").all_inner_texts()
    page.get_by_role("link", name="More papers").click()
    page.wait_for_url("**cursor=**")
    assert set(shown).isdisjoint(page.get_by_role("article").get_by_role("heading").all_inner_texts())


def test_slash_goes_to_the_search_box(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/?q=attention")
        page.keyboard.press("/")
        box = page.get_by_label("Search papers")
        expect(box).to_be_focused()
        expect(box).to_have_value("attention")
        page.keyboard.type("a/b")
        expect(box).to_have_value("a/b")


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("path", PATHS[:-1])
def test_a_phone_shows_pages_without_sideways_scrolling(browser: Browser, site: str, path: str, scheme: str) -> None:
    viewport = {"width": 360, "height": 740}
    with watched(browser, site, viewport=viewport, color_scheme=scheme) as page:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_keyboard_reaches_everything_in_order(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        for landmark in ("banner", "main", "contentinfo", "search"):
            expect(page.get_by_role(landmark)).to_have_count(1)


def test_the_first_load_is_small(browser: Browser, site: str) -> None:
    sizes: list[int] = []
    with watched(browser, site) as page:

        def weigh(request: Request) -> None:
            response = request.response()
            assert response
            sizes.append(len(response.body()))

        page.on("requestfinished", weigh)
        page.goto("/", wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < 100_000


@pytest.mark.parametrize("path", PATHS)
def test_every_page_forbids_what_it_does_not_need(site: str, path: str) -> None:
    response = httpx.get(f"{site}{path}")
    assert response.headers["Content-Type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "style=" not in response.text
