import httpx
import pytest
from playwright.sync_api import Page, expect


def test_enter_starts_a_search(page: Page) -> None:
    page.goto("/")
    box = page.get_by_label("Search papers")
    box.fill("folding proteins")
    box.press("Enter")
    expect(page).to_have_url("/search?q=folding+proteins")
    expect(page.get_by_label("Search papers")).to_have_value("folding proteins")
    expect(page.get_by_role("status")).to_contain_text("13 papers in ")
    first = page.get_by_role("article").first
    expect(first.get_by_role("heading")).to_have_text("Folding proteins with neural networks")
    expect(first.locator("mark")).to_have_text(["Folding", "proteins", "proteins", "fold"])


def test_facets_narrow_a_search_and_filters_can_be_dropped(page: Page) -> None:
    page.goto("/search?q=attention")
    beside = page.get_by_role("complementary")
    beside.get_by_role("link", name="Robotics").click()
    expect(page).to_have_url("/search?q=attention&category=cs.RO")
    expect(page.get_by_role("status")).to_contain_text("2 papers")
    beside.get_by_role("link", name="with code", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Remove the filter cs.RO").click()
    expect(page).to_have_url("/search?q=attention&has_code=true")
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url("/search?q=attention")


def test_operators_and_an_author_parameter_both_narrow(page: Page) -> None:
    page.goto("/search?q=" + "author%3A%22Jose+Garcai%22")
    expect(page.get_by_role("article").get_by_role("heading")).to_have_text("A survey of graph neural networks")
    page.goto("/search?q=-folding+-cranes+after%3A2024-01-08")
    expect(page.get_by_role("status")).to_contain_text("4 papers")
    page.goto("/search?q=cranes&author=Ada+Origami")
    page.get_by_role("complementary").get_by_role("link", name="Ada Origami").click()
    expect(page).to_have_url("/search?q=cranes")


def test_a_year_is_a_filter(page: Page) -> None:
    page.goto("/search")
    year = page.get_by_role("complementary").get_by_role("link", name="1999")
    year.click()
    expect(page).to_have_url("/search?from=1999-01-01&to=1999-12-31")
    expect(page.get_by_role("article")).to_have_count(1)
    year.click()
    expect(page).to_have_url("/search")


def test_a_filter_is_kept_in_the_next_search(page: Page) -> None:
    page.goto("/search?category=cs.RO&sort=newest")
    page.get_by_label("Search papers").fill("folding cranes")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url("/search?q=folding+cranes&category=cs.RO&sort=newest")
    expect(page.get_by_role("status")).to_contain_text("The most relevant of 2 papers, newest first")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Everything is known of cranes")


def test_order_and_comparison_are_links(page: Page) -> None:
    page.goto("/search?q=attention")
    page.get_by_role("link", name="Words", exact=True).click()
    expect(page).to_have_url("/search?q=attention&mode=lexical")
    expect(page.get_by_role("status")).to_contain_text("2 papers")
    page.get_by_role("navigation", name="Order").get_by_role("link", name="Newest").click()
    expect(page).to_have_url("/search?q=attention&mode=lexical&sort=newest")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Learning to rank search results")


def test_a_search_can_be_followed(page: Page) -> None:
    page.goto("/search?q=cranes&category=cs.RO&sort=newest")
    subscribe = page.get_by_role("link", name="Subscribe to this search")
    expect(subscribe).to_have_attribute("href", "/subscribe?q=cranes&category=cs.RO")
    atom = page.locator('link[title="This search"][type="application/atom+xml"]')
    expect(atom).to_have_attribute("href", "/feeds/search.atom?q=cranes&category=cs.RO&sort=newest")
    page.goto("/search?q=cranes&category=cs.RO&sort=newest&has_code=true")
    expect(subscribe).to_have_attribute("href", "/subscribe?q=cranes&category=cs.RO&has_code=true")
    address = page.get_by_role("link", name="Atom").get_attribute("href")
    assert address
    feed = httpx.get(page.url.partition("/search")[0] + address)
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "Everything is known of cranes" in feed.text


def test_more_papers_are_loaded_and_a_filter_starts_at_the_first_page(page: Page) -> None:
    page.goto("/search?q=learning&limit=4")
    shown = page.get_by_role("article").get_by_role("heading").all_inner_texts()
    page.goto(page.get_by_role("link", name="More papers").get_attribute("href") or "")  # a click adds them in place
    assert set(shown).isdisjoint(page.get_by_role("article").get_by_role("heading").all_inner_texts())
    page.get_by_role("complementary").get_by_role("link", name="Robotics").click()
    expect(page).to_have_url("/search?q=learning&limit=4&category=cs.RO")


def test_an_empty_result_suggests_what_to_try(page: Page) -> None:
    page.goto("/search?q=%22no+such+phrase%22&mode=lexical")
    expect(page.get_by_text("No papers match this search.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("0 papers")


def test_the_search_page_explains_the_query_language(page: Page) -> None:
    page.goto("/search")
    help_text = page.get_by_text("only papers that contain the phrase")
    expect(help_text).to_be_hidden()
    page.get_by_text("How to search").click()
    expect(help_text).to_be_visible()


@pytest.mark.parametrize(
    "query",
    (
        "q=" + "x" * 5000,
        "q=a%00b",
        "q=%ff%fe",
        "from=2024-02-01&to=2024-01-01",
        "sort=sideways",
        "unknown=1",
        "cursor=WzMsImFiYyJd",
        "q=after:2024+before:2023",
        "q=" + "+".join(f"cat:c{n}" for n in range(40)),
        "category=",
        "limit=0",
    ),
)
def test_an_invalid_query_has_an_error_page(site: str, query: str) -> None:
    answer = httpx.get(f"{site}/search?{query}")
    assert answer.status_code == 422
    assert "<h1>Unprocessable Entity</h1>" in answer.text


@pytest.mark.parametrize(
    "query", ("the of and", "\u202egnihton", "%", "(a+)+$", "a\tb", '"', "10.1000/quantum(2024)/x")
)
def test_odd_queries_are_answered(site: str, query: str) -> None:
    assert httpx.get(f"{site}/search", params={"q": query}).status_code == 200


def test_an_operator_that_was_read_as_words_is_said_above_the_results(page: Page) -> None:
    page.goto("/search?q=after:notadate+proteins")
    expect(page.get_by_text("“after:notadate” was searched as words.")).to_be_visible()
