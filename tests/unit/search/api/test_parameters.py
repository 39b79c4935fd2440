"""How parameters are read."""

import ast
import sys
from types import FrameType
from typing import Any

import pytest

from services.search.api.parameters import ExplainParameters, SearchParameters
from services.search.query.parser import Query, parse
from shared.http import Problem
from shared.http.api import validated
from tests.architecture.sources import ROOT, modules, name, tree


def calls(action: Any) -> int:
    """Count how often an action parses a query."""
    count = 0

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is parse.__code__

    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def test_reading_the_parameters_parses_the_query_once() -> None:
    given = {"q": 'cranes author:"Jane Doe"', "from": "2024-01-01"}
    assert calls(lambda: SearchParameters.model_validate(given)) == 1


def test_the_parsed_query_is_a_value_and_nothing_else_parses() -> None:
    asked = SearchParameters.model_validate({"q": " Folding  -robots"})
    assert asked.q == Query("Folding", unwanted=asked.q.unwanted)
    assert asked.q.typed == " Folding  -robots"
    importers = {
        name(path)
        for path in modules()
        if path.is_relative_to(ROOT / "services/search")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "services.search.query.parser"
        if any(alias.name == "parse" for alias in node.names)
    }
    assert importers == {"services/search/api/parameters.py"}


def test_a_missing_query_is_an_empty_one() -> None:
    assert SearchParameters().q == Query()


@pytest.mark.parametrize(
    ("given", "detail"),
    (
        ({"q": "x" * 1001}, "q must have at most 1000 characters."),
        ({"q": "a\x00b"}, "q: the text contains control characters, or bytes that are not UTF-8."),
        ({"q": "after:2024 before:2023"}, "q: The dates contradict each other: "),
        ({"q": "after:2024", "to": "2023-01-01"}, "The dates contradict each other: "),
        ({"from": "2024-01-02", "to": "2024-01-01"}, "from is after to."),
        ({"author": "!!"}, "author must be a list."),
        ({"limit": "201"}, "limit must be less than or equal to 200."),
    ),
)
def test_a_parameter_that_cannot_be_read_is_named(given: dict[str, str], detail: str) -> None:
    with pytest.raises(Problem) as refused:
        validated(SearchParameters, given)
    assert str(refused.value).startswith(detail)


def test_an_explanation_is_of_a_search_or_of_an_alert() -> None:
    with pytest.raises(Problem, match="q and subscription exclude each other"):
        validated(ExplainParameters, {"paper": "x", "q": "folding", "subscription": "0f8fad5b"})
