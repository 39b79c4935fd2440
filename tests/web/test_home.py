from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from playwright.sync_api import Browser, Page, expect

from shared.papers.paper import SourceRef
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread, paper
from tests.web.appearance import PHONE
from tests.web.conftest import watched
from tests.web.wire import SOURCE


def test_the_front_page_shows_the_newest_day_and_its_announcements(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Saturday, 20 January 2024")
    expect(page.get_by_role("status")).to_contain_text("1 paper on the most recent day.")
    expect(page.get_by_role("status")).to_contain_text("90 of 94 entries of cs.LG of arxiv received")
    expect(page.get_by_role("status")).to_contain_text("still waiting for cs.RO of arxiv")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Everything is known of cranes")


def test_a_card_shows_the_key_facts(page: Page) -> None:
    page.goto("/")
    card = page.get_by_role("article").first
    expect(card.get_by_role("link", name="Bo Crane")).to_have_attribute("href", "/authors/Bo%20Crane")
    expect(card.get_by_role("link", name="and 4 more")).to_be_visible()
    expect(card.get_by_text("Cranes unfold again.")).to_be_visible()
    expect(card.locator(".signal")).to_have_text(["▲ 57 upvotes", "❝ 3 citations", "★ 1,234 stars"])
    expect(card.get_by_role("link", name="Code")).to_have_attribute("href", "https://github.com/example/cranes")
    expect(card.get_by_role("link", name="cs.RO")).to_have_attribute("href", "/search?category=cs.RO")
    expect(card.get_by_text("Journal of Folding")).to_be_visible()
    expect(card.get_by_text("20 Jan 2024")).to_be_visible()
    card.locator("summary").click()
    expect(card.get_by_role("link", name="Similar to")).to_have_attribute("href", "/papers/arXiv:2401.00020#similar")
    expect(card.get_by_role("link", name="Subscribe to")).to_have_attribute(
        "href", "/subscribe?q=Everything+is+known+of+cranes"
    )


def test_an_abstract_opens_on_click(page: Page) -> None:
    page.goto("/")
    card = page.get_by_role("article").first
    abstract = card.locator("details p")
    expect(abstract).to_be_hidden()
    card.locator("summary").click()
    expect(abstract).to_be_visible()
    expect(abstract).to_contain_text("They unfold again, and this is measured for the first time.")


def test_a_day_with_few_papers_continues_with_earlier_ones(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Earlier")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(13)


def test_days_weeks_and_months_link_to_each_other(page: Page) -> None:
    page.goto("/")
    time = page.get_by_role("navigation", name="Time")
    time.get_by_role("link", name="Month").click()
    expect(page).to_have_url("/?month=2024-01")
    expect(page.get_by_role("heading", level=1)).to_have_text("January 2024")
    titles = page.get_by_role("region", name="Papers").get_by_role("heading").all_inner_texts()
    assert titles[0].startswith("<script>")  # 9.0 trends more than 4.5 and 2.5
    assert titles[1] == "Everything is known of cranes"
    page.get_by_role("navigation", name="Order").get_by_role("link", name="Newest").click()
    expect(page).to_have_url("/?month=2024-01&sort=newest")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Everything is known of cranes")
    time.get_by_role("link", name="Week").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Week of 15 – 21 January 2024")


def test_the_calendar_goes_to_a_day(page: Page) -> None:
    page.goto("/?date=2024-01-20")
    calendar = page.get_by_role("navigation", name="Calendar")
    calendar.get_by_role("link", name="12 Jan 2024", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Friday, 12 January 2024")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Vision transformers read charts")
    calendar.get_by_role("link", name="Previous day").click()
    expect(page).to_have_url("/?date=2024-01-11")
    calendar.get_by_role("link", name="Next day").click()
    expect(page).to_have_url("/?date=2024-01-12")
    calendar.get_by_role("link", name="Week of 15 – 21 January 2024").click()
    expect(page).to_have_url("/?week=2024-W03")
    calendar.get_by_label("Go to").fill("2024-01-06")
    calendar.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saturday, 6 January 2024")


def test_a_day_without_papers_links_to_the_newest(page: Page) -> None:
    page.goto("/?date=2024-03-01")
    expect(page.get_by_text("There are no papers for this day.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("0 papers. No data for today yet;")
    page.get_by_role("link", name="20 Jan 2024", exact=True).click()
    expect(page).to_have_url("/")


def test_the_message_of_a_day_without_papers_is_below_the_controls(browser: Browser, site: str) -> None:
    with watched(browser, site) as page:
        page.goto("/?date=2024-03-05")
        controls, message = page.locator(".controls").bounding_box(), page.locator(".empty").bounding_box()
        assert controls
        assert message
        assert message["y"] - controls["y"] - controls["height"] < 48


def test_an_old_day_does_not_show_the_newest_announcement(page: Page) -> None:
    page.goto("/?date=2024-01-12")
    expect(page.get_by_role("status")).to_have_text("1 paper.")


@pytest.mark.parametrize("width", (390, 1024))
def test_the_words_of_the_navigation_are_apart_for_fingers(browser: Browser, site: str, width: int) -> None:
    """In pixels between the words themselves, which may be wider than what takes the finger."""
    gaps = """links => links.map((link) => {
        const words = document.createRange();
        words.selectNodeContents(link);
        return words.getBoundingClientRect();
    }).map(({ left }, at, all) => (at ? left - all[at - 1].right : 99))"""
    with watched(browser, site, viewport={"width": width, "height": 800}, is_mobile=True, has_touch=True) as page:
        page.goto("/")
        assert min(page.locator("header nav a").evaluate_all(gaps)) >= 13


@pytest.fixture(scope="module")
def sample_site(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[str]:
    """The address of an instance that has nothing but its sample."""
    papers = [
        paper(n, f"Cranes of paper, part {n}", sources=(SourceRef(source="sample", id=str(n)),), sample=True)
        for n in (1, 2)
    ]

    async def plan(runtime: Runtime) -> None:
        await runtime.redis.hset("sources", "arxiv", orjson.dumps(SOURCE | {"next_poll": "2126-01-01T00:00:00+00:00"}))

    with in_thread(tmp_path_factory.mktemp("sample"), models, papers, plan) as url:
        yield url


def test_an_instance_that_has_only_the_sample_says_so(browser: Browser, sample_site: str) -> None:
    with watched(browser, sample_site, viewport=PHONE) as page:
        page.goto("/")
        note = page.get_by_text("These are sample papers, which came with Paperwire")
        expect(note).to_contain_text("live papers come with the next poll of arxiv, in ")
        expect(note).to_contain_text("paperwire sample remove removes the sample.")
        tag = page.get_by_role("article").first.get_by_text("Sample", exact=True).bounding_box()
        category = page.get_by_role("article").first.get_by_role("link", name="cs.LG").bounding_box()
        assert tag
        assert category
        assert abs(tag["y"] - category["y"]) < 4, "the tag is in the line of the categories"
        page.goto("/?month=2024-01")
        expect(note).to_have_count(0)


def test_an_empty_instance_explains_how_to_get_papers(browser: Browser, empty_site: str) -> None:
    with watched(browser, empty_site) as page:
        page.goto("/")
        expect(page.get_by_text("There are no papers here yet.")).to_be_visible()
        expect(page.get_by_text("paperwire import FILE")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status"),
    (
        ("/?date=0001-01-01", 422),
        ("/?date=9999-12-31", 422),
        ("/?month=9999-12", 422),
        ("/?date=1600-01-01", 200),
        ("/?week=8999-W01", 200),
        ("/?date=tomorrow", 422),
        ("/?date=2024-01-01&month=2024-01", 422),
        ("/?cursor=nonsense", 422),
    ),
)
def test_an_invalid_period_is_explained_in_a_sentence(site: str, path: str, status: int) -> None:
    answer = httpx.get(f"{site}{path}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_search_on_the_front_page_is_redirected(site: str) -> None:
    answer = httpx.get(f"{site}/?q=a%26b&category=cs.CL&category=cs.LG")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/search?q=a%26b&category=cs.CL&category=cs.LG"
