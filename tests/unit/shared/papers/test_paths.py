"""Ids and names in paths."""

from urllib.parse import unquote

import pytest

from shared.papers.paths import author_path, in_path, paper_path


def test_a_slash_stays_a_slash_since_apache_refuses_an_encoded_one() -> None:
    assert paper_path("doi:10.1234/quix.77") == "/papers/doi:10.1234/quix.77"
    assert author_path("A/B Team") == "/authors/A/B%20Team"


@pytest.mark.parametrize(
    "text",
    ("a//b", "/a", "a/", "a/../b", "../a", "./a", "doi:10.1/similar", "doi:10.1/trend", "doi:10.1/citation"),
)
def test_a_slash_that_would_change_what_is_asked_is_encoded(text: str) -> None:
    assert "/" not in in_path(text)
    assert unquote(in_path(text)) == text


@pytest.mark.parametrize("text", ("similar", "a?b#c%2F", "a b", 'x"><script>', "α/β", "a\\b;c"))
def test_nothing_ends_or_leaves_the_path(text: str) -> None:
    assert unquote(in_path(text)) == text
    assert not set(in_path(text)) & set(' ?#"<>\\;')
