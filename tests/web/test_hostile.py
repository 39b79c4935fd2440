import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration.search.instance import HOSTILE
from tests.web.conftest import watched
from tests.web.wire import SCRIPT

PATHS = (
    "/?date=2024-01-02",
    "/search?q=hostile",
    "/search?category=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(2)%3E",
    "/papers/arXiv:2401.00021",
    "/authors/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cimg%20src=x%20onerror=alert(2)%3E",
    "/status",
)


@pytest.mark.parametrize("path", PATHS)
def test_untrusted_text_stays_text(browser: Browser, site: str, path: str) -> None:
    with watched(browser, site) as page:
        answer = page.goto(path)
        assert answer
        assert answer.status == 200
        page.locator("summary").evaluate_all("all => all.forEach(each => each.click())")
        expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
        own = "img.picture[src^='/papers/']"
        assert (
            page.locator(f"main :is(script, style, img:not({own}), iframe, object, form[action^='http'])").count() == 0
        )
        schemes = page.locator("a").evaluate_all("all => all.map(each => each.protocol)")
        assert set(schemes) <= {"http:", "https:"}
        handlers = "all => all.flatMap(each => each.getAttributeNames()).filter(name => name.startsWith('on'))"
        assert page.locator("*").evaluate_all(handlers) == []


def test_titles_are_shown_literally(page: Page) -> None:
    page.goto("/papers/arXiv:2401.00008")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_role("link", name="Read at")).to_have_count(0)
    page.goto("/search?q=bold+quotes")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text(HOSTILE)


def test_the_query_is_shown_as_text(page: Page) -> None:
    page.goto("/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&source=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.get_by_label("Search papers")).to_have_value('"><script>alert(1)</script>')


def test_a_name_with_direction_marks_affects_only_itself(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/papers/arXiv:2401.00021")
        names = page.locator("article.whole .by a")
        places = names.evaluate_all("all => all.map(each => each.getBoundingClientRect().left)")
        assert names.nth(1).inner_text() == "Zed Last"
        assert names.nth(2).inner_text() == SCRIPT
        assert places[0] < places[1]
