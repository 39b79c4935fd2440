"""Links found in an abstract."""

import pytest

from services.enricher.text.extraction import find_links


@pytest.mark.parametrize(
    ("text", "repository"),
    (
        ("Code: https://github.com/ada/cranes.", "https://github.com/ada/cranes"),
        ("(https://github.com/ada/cranes)", "https://github.com/ada/cranes"),
        ("(see https://github.com/ada/cranes).", "https://github.com/ada/cranes"),
        ("https://github.com/ada/cranes.git", "https://github.com/ada/cranes"),
        ("https://www.github.com/ada/cranes/tree/main/src", "https://github.com/ada/cranes"),
        ("HTTPS://GitHub.com/ada/cranes", "https://github.com/ada/cranes"),
        ("at github.com/ada/cranes, and", "https://github.com/ada/cranes"),
        ("at www.github.com/ada/cranes!", "https://github.com/ada/cranes"),
        ("on https://gitlab.com/ada/cranes", "https://gitlab.com/ada/cranes"),
        ("on https://codeberg.org/ada/cranes;", "https://codeberg.org/ada/cranes"),
        ("<https://github.com/ada/cranes>", "https://github.com/ada/cranes"),
        ('"https://github.com/ada/cranes"', "https://github.com/ada/cranes"),
        ("\\url{https://github.com/ada/cranes}", "https://github.com/ada/cranes"),
        ("https://github.com/ada/cranes-v1.5.", "https://github.com/ada/cranes-v1.5"),
    ),
)
def test_a_repository_is_found_anywhere_in_a_sentence(text: str, repository: str) -> None:
    assert find_links(text) == ((repository,), None)


@pytest.mark.parametrize(
    "text",
    (
        "https://github.com/ada",
        "https://github.com/",
        "me@github.com/ada/cranes",
        "https://[broken/github.com",
        "https://arxiv.org/abs/2401.00001 and https://doi.org/10.1/x",
        "https://",
        "no link at all",
    ),
)
def test_other_addresses_are_neither_repository_nor_project(text: str) -> None:
    assert find_links(text) == ((), None)


def test_repositories_are_returned_once_and_in_order() -> None:
    text = "https://github.com/b/b github.com/a/a (https://github.com/b/b/)"
    assert find_links(text)[0] == ("https://github.com/b/b", "https://github.com/a/a")


@pytest.mark.parametrize(
    ("text", "project"),
    (
        ("Videos: https://cranes.example.org/videos.", "https://cranes.example.org/videos"),
        ("https://en.example.org/wiki/Crane_(paper)", "https://en.example.org/wiki/Crane_(paper)"),
        ("(https://en.example.org/wiki/Crane_(paper))", "https://en.example.org/wiki/Crane_(paper)"),
        ("https://arxiv.org/abs/2401.00001 https://notarxiv.org/x", "https://notarxiv.org/x"),
        ("https://one.example https://two.example", "https://one.example"),
    ),
)
def test_the_first_other_page_is_the_project(text: str, project: str) -> None:
    assert find_links(text) == ((), project)


def test_a_very_long_address_is_cut() -> None:
    assert len(find_links("https://x.example/" + "a" * 20_000)[1] or "") <= 2_100
