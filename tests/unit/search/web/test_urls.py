import pytest

from services.search.query.filters import Filters
from services.search.query.parser import parse
from services.search.web.urls import Here, address, author_page, external, host, page_of, search_for, subscription_to

HERE = Here((("q", "a&b"), ("category", "cs.CL"), ("category", "cs.LG"), ("sort", "newest"), ("cursor", "x")))


@pytest.mark.parametrize(
    "url",
    (
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//x",
        "/x",
        "",
        None,
        "http://[",
        "java\nscript:x",
    ),
)
def test_only_links_to_the_web_are_links(url: str | None) -> None:
    assert external(url) is None


def test_links_to_the_web_stay() -> None:
    assert external("https://arxiv.org/abs/2401.00001") == "https://arxiv.org/abs/2401.00001"


def test_a_link_is_named_after_its_site() -> None:
    assert host("https://www.example.org/x") == "example.org"
    assert host("https:x") == "https:x"


def test_names_are_encoded_in_addresses() -> None:
    assert page_of("doi:10.1/a/b?c#d") == "/papers/doi:10.1/a/b%3Fc%23d"
    assert author_page("A/B? #é") == "/authors/A/B%3F%20%23%C3%A9"
    assert search_for(q="a&b", sort="", category="cs.CL") == "/search?q=a%26b&category=cs.CL"
    assert address("/status") == "/status"


def test_links_to_other_searches_start_at_the_first_page() -> None:
    assert HERE.set(sort=None) == "/search?q=a%26b&category=cs.CL&category=cs.LG"
    assert HERE.set(cursor="y").endswith("sort=newest&cursor=y")
    assert HERE.without("category", "cs.CL") == "/search?q=a%26b&category=cs.LG&sort=newest"
    assert HERE.plus("category", "cs.RO") == "/search?q=a%26b&category=cs.CL&category=cs.LG&sort=newest&category=cs.RO"
    assert HERE.values("category") == ("cs.CL", "cs.LG")


def test_a_search_is_kept_without_its_page() -> None:
    assert HERE.feed("atom") == "/feeds/search.atom?q=a%26b&category=cs.CL&category=cs.LG&sort=newest"


@pytest.mark.parametrize(
    ("query", "filters", "address"),
    (
        ("a&b", Filters(categories=("cs.CL", "cs.LG")), "/subscribe?q=a%26b&category=cs.CL+cs.LG"),
        (
            "",
            Filters(authors=("Ada Roe", "Doe"), has_code=True),
            "/subscribe?authors=Ada+Roe&authors=Doe&has_code=true",
        ),
        ("x after:2024", Filters(), "/subscribe?q=x&left_out=after%3A2024-01-01"),
        ("", Filters(has_code=True), None),
        ("", Filters(), None),
    ),
)
def test_a_search_is_subscribed_to_with_its_filters(query: str, filters: Filters, address: str | None) -> None:
    assert subscription_to(parse(query), filters) == address
