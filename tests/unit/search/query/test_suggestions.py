"""Suggestions from titles and authors."""

from typing import Any

import pytest

from services.search.query.filters import Filters
from services.search.query.parser import parse
from services.search.query.suggestions import MOST, MOST_AUTHORS, MOST_OPERATORS, SuggestionIndex, operators, search_for


def paper(title: str, *authors: str) -> dict[str, Any]:
    return {"title": title, "authors": [{"name": name} for name in authors]}


INDEX = SuggestionIndex(
    [
        paper("Sparse Attention for Long Documents", "José García", "Ada Origami"),
        paper("A survey of graph neural networks", "Grace Hopper", "Ada Origami"),
        paper("Graphs, again", 'Bobby "Tables" Drop'),
    ]
)


def texts(typed: str) -> list[str]:
    return [one.text for one in INDEX.find(typed)]


@pytest.mark.parametrize(
    ("typed", "found"),
    (
        ("spar", ["Sparse Attention for Long Documents"]),
        ("long doc", ["Sparse Attention for Long Documents"]),
        ("  LONG  ", ["Sparse Attention for Long Documents"]),
        ("garcia", ["José García"]),
        ("gra", ["Grace Hopper", "A survey of graph neural networks", "Graphs, again"]),
        ("ocuments", []),
        ("g", []),
        ("", []),
        ("zzz", []),
    ),
)
def test_titles_and_names_are_found_from_the_beginning_of_a_word(typed: str, found: list[str]) -> None:
    assert texts(typed) == found


def test_an_author_is_suggested_once_as_a_search_by_author() -> None:
    (author,) = INDEX.find("origa")
    assert (author.kind, author.text, author.query) == ("author", "Ada Origami", 'author:"Ada Origami"')
    assert texts("bobby") == []  # a name with a quotation mark cannot be written as an operator


@pytest.mark.parametrize(
    ("typed", "found"),
    (
        ("auth", ["author:"]),
        ("paper cranes CAT", ["paper cranes cat:"]),
        ("categ", ["cat:"]),
        ("cat:cs.CL -ha", ["cat:cs.CL -has:"]),
        ('"to read" is', ['"to read" is:']),
        ("sin", ["after:"]),
        ('"an auth', []),
        ("author:au", []),
        ("a", []),
        ("auth ", []),
        ("thauth", []),
    ),
)
def test_the_last_word_is_completed_to_an_operator(typed: str, found: list[str]) -> None:
    assert [one.query for one in operators(typed)] == found


def test_an_operator_is_explained() -> None:
    (one,) = operators("auth")
    assert one.kind == "operator"
    assert one.text == 'author:"Jane Doe": also matches J. Doe and Doe, and one typing error'
    assert len(operators("un")) <= MOST_OPERATORS


def test_an_answer_is_short_and_begins_with_few_authors() -> None:
    index = SuggestionIndex([paper(f"Learning {number}", f"Lea {number}") for number in range(100)])
    found = index.find("lea")
    assert [one.kind for one in found] == ["author"] * MOST_AUTHORS + ["paper"] * (MOST - MOST_AUTHORS)
    assert [one.text for one in found][MOST_AUTHORS] == "Learning 0"


def test_without_titles_there_are_more_authors() -> None:
    index = SuggestionIndex([paper(f"Title {number}", f"Lea {number}") for number in range(100)])
    assert [one.kind for one in index.find("lea")] == ["author"] * MOST


@pytest.mark.parametrize(
    ("title", "query"),
    (
        ("A survey: graph-based \u201cdeep\u201d learning", "A survey: graph-based \u201cdeep\u201d learning"),
        ("Inhibition of -secretase by has:code", "inhibition of secretase by has code"),
        ("is:hidden", "is hidden"),
        ("2401.00001", "2401 00001"),
        (" ".join(f'"w{n}"' for n in range(40)), " ".join(f"w{n}" for n in range(40))),
        ("x" * 1_500, "x" * 1_000),
        ("word " * 300, ("word " * 200).rstrip()),
    ),
)
def test_a_title_is_searched_for_by_what_finds_it(title: str, query: str) -> None:
    (found,) = SuggestionIndex([paper(title)]).find(title)
    assert (found.text, found.query) == (title, query)
    assert search_for(title) == query
    read = parse(query)
    assert (read.unwanted, read.wanted.ids) == (Filters(), ())


def test_a_name_in_quotation_marks_of_print_is_not_suggested() -> None:
    """They end a phrase as straight ones do."""
    assert SuggestionIndex([paper("Title", "Bobby \u201cTables\u201d Drop")]).find("bobby") == []
