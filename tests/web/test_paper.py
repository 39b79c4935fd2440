import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import watched

COMPLETE = "/papers/arXiv:2401.00020"


def test_results_link_to_papers_and_similar_papers(page: Page) -> None:
    page.goto("/search?q=hep-th/9901001")
    page.get_by_role("link", name="Old papers have slashes", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Old papers have slashes in their ids")
    expect(page.get_by_role("heading", name="Similar papers")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(11)  # the paper itself, and ten
    page.get_by_role("link", name="Ada Origami").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Origami")


def test_a_paper_page_shows_every_field(page: Page) -> None:
    page.goto(COMPLETE)
    whole, beside = page.locator("article.whole"), page.get_by_role("complementary")
    for text in (
        "20 Jan 2024",
        "updated 2 Feb 2024",
        "Journal of Folding",
        "Cranes unfold again.",
        "A crane that unfolds itself. TLDR by Semantic Scholar",
        "They unfold again",
    ):
        expect(whole.get_by_text(text).first).to_be_visible()
    for name, url in (
        ("Read at arxiv.org", "https://arxiv.org/abs/2401.00020"),
        ("PDF", "https://arxiv.org/pdf/2401.00020"),
        ("Project", "https://cranes.example.org/"),
        ("Code ★ 1,234 archived", "https://github.com/example/cranes"),
    ):
        expect(whole.get_by_role("link", name=name)).to_have_attribute("href", url)
    for term in ("paper cranes", "folding", "CraneNet"):
        expect(whole.get_by_role("link", name=term)).to_be_visible()
    expect(whole.get_by_text("arxiv and huggingface tell different titles")).to_be_visible()
    expect(beside.get_by_text("10.1000/cranes").first).to_be_visible()
    expect(beside.get_by_role("listitem")).to_have_text(
        [
            "arxiv v2 21 Jan 2024",
            "huggingface",
            "3 Feb 2024 code added",
            "2 Feb 2024 revised v2 (abstract)",
            "21 Jan 2024 new",
        ]
    )


def test_a_paper_page_explains_its_trend(page: Page) -> None:
    page.goto(COMPLETE)
    table = page.get_by_role("region", name="Why it trends").get_by_role("table")
    rows = [row.all_inner_texts() for row in (table.locator(f"tbody tr:nth-child({n}) > *") for n in (1, 2, 3))]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["Upvotes", "57", "", "+1.20", "+2.5 σ", "+2.50"],
        ["Citations", "3", "one reading so far", "", "", ""],
        ["Code stars", "1,234", "", "+0.40", "+1.4 σ", "+0.70"],
    ]
    expect(table.locator("tfoot td").last).to_have_text("+3.20")
    expect(table.get_by_role("img", name="Upvotes over time")).to_be_visible()


def test_a_paper_can_be_cited(browser: Browser, site: str) -> None:
    with watched(browser, site, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(COMPLETE)
        text = page.locator("#citation").inner_text()
        assert text.startswith("@article{origami2024everything,")
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").strip() == text.strip()


def test_without_script_the_citation_can_be_selected_and_there_is_no_copy_button(browser: Browser, site: str) -> None:
    with watched(browser, site, java_script_enabled=False) as page:
        page.goto(COMPLETE)
        expect(page.locator("#citation")).to_contain_text("doi = {10.1000/cranes}")
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_withdrawn_paper_is_marked(page: Page) -> None:
    page.goto("/papers/arXiv:2401.00007")
    expect(page.get_by_role("note")).to_contain_text("This paper was withdrawn.")


@pytest.mark.parametrize("name", ("2401.00020", "arXiv:2401.00020v2", "10.1000/cranes", "10.1000%2Fcranes"))
def test_a_paper_is_found_under_any_of_its_ids(site: str, name: str) -> None:
    assert "Everything is known of cranes" in httpx.get(f"{site}/papers/{name}").text


@pytest.mark.parametrize("name", ("none", "%00", "%E2%80%AE", "..%2F..%2Fetc%2Fpasswd", "%25", "a" * 3000))
def test_an_unknown_paper_has_an_error_page(site: str, name: str) -> None:
    answer = httpx.get(f"{site}/papers/{name}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("accept", ("text/markdown", "text/html;q=0.5, text/markdown", "text/markdown, */*"))
def test_agents_get_a_paper_as_markdown(site: str, accept: str) -> None:
    answer = httpx.get(site + COMPLETE, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    assert answer.text.startswith("# Everything is known of cranes\n")
    assert f"{site}/papers/arXiv:2401.00003" in answer.text


@pytest.mark.parametrize(
    "accept", ("*/*", "", "text/html,*/*;q=0.8", "text/markdown;q=0", "text/html, text/markdown;q=x")
)
def test_other_clients_get_a_page(site: str, accept: str) -> None:
    answer = httpx.get(site + COMPLETE, headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Accept" in answer.headers["Vary"]
