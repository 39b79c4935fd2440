import httpx
import pytest
from playwright.sync_api import Page, expect


def test_an_author_has_a_page_with_years_and_fields(page: Page) -> None:
    page.goto("/authors/Ada%20Origami")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Origami")
    expect(page.get_by_role("status")).to_contain_text("12 papers by authors with this name")
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text("Everything is known of cranes")
    expect(page.get_by_role("complementary").get_by_role("link", name="José García")).to_have_attribute(
        "href", "/authors/Jos%C3%A9%20Garc%C3%ADa"
    )
    expect(page.get_by_role("img", name="Papers by year, 1999 to 2024")).to_be_visible()
    page.get_by_role("complementary").get_by_role("link", name="Robotics").click()
    expect(page).to_have_url("/search?author=Ada+Origami&category=cs.RO")
    expect(page.get_by_role("article")).to_have_count(2)


def test_the_papers_of_an_author_can_be_ordered_and_followed(page: Page) -> None:
    page.goto("/authors/Ada%20Origami")
    page.get_by_role("navigation", name="Order").get_by_role("link", name="Trending").click()
    expect(page).to_have_url("/authors/Ada%20Origami?sort=trending")
    feed = page.get_by_role("link", name="Atom").get_attribute("href")
    assert feed == "/feeds/authors/Ada%20Origami.atom"
    assert httpx.get(page.url.partition("/authors")[0] + feed).status_code == 200


@pytest.mark.parametrize("name", ("J.%20Garcia", "Jos%C3%A9%20Garc%C3%ADa", "garcia"))
def test_accents_and_initials_lead_to_one_page(site: str, name: str) -> None:
    assert "A survey of graph neural networks" in httpx.get(f"{site}/authors/{name}").text


def test_the_papers_of_an_author_are_paged(page: Page) -> None:
    page.goto("/authors/Ada%20Origami?limit=5")
    shown = page.get_by_role("article").get_by_role("heading").all_inner_texts()
    page.goto(page.get_by_role("link", name="More papers").get_attribute("href") or "")  # a click adds them in place
    page.goto(page.get_by_role("link", name="More papers").get_attribute("href") or "")
    expect(page.get_by_role("article")).to_have_count(2)
    assert set(shown).isdisjoint(page.get_by_role("article").get_by_role("heading").all_inner_texts())


@pytest.mark.parametrize("name", ("Nobody%20Here", "%3F%3F", "%E2%80%AE", "%00", "a%2Fb"))
def test_an_unknown_author_has_an_error_page(site: str, name: str) -> None:
    answer = httpx.get(f"{site}/authors/{name}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
