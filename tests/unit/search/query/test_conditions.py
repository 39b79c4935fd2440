"""A query as separate conditions."""

import pytest

from services.search.query.conditions import conditions_of
from services.search.query.filters import OPERATORS
from services.search.query.parser import parse


@pytest.mark.parametrize(
    ("query", "conditions"),
    (
        ("cranes", []),
        ('"paper cranes" "a swan"', ['"paper cranes"', '"a swan"']),
        ('author:"Jane Doe" author:roe', ['author:"Jane Doe" or author:roe']),
        ("after:2023-06 before:2024", ["after:2023-06-01", "before:2024-01-01"]),
        ("year:2019-2024", ["year:2019 or year:2020 or year:2021 or year:2022 or year:2023 or …"]),
        ("has:code title:survey", ["has:code", "title:survey"]),
        ("-recurrent", ['"recurrent"']),
    ),
)
def test_conditions_are_written_as_in_a_query(query: str, conditions: list[str]) -> None:
    assert [each.text for each in conditions_of(parse(query))] == conditions


def test_excluded_and_required_conditions_differ() -> None:
    required, excluded = conditions_of(parse('"paper cranes" -"a swan"'))
    assert (required.excluded, required.phrase) == (False, "paper cranes")
    assert (excluded.excluded, excluded.phrase) == (True, None)


def test_leave_for_papers_without_a_date_is_no_condition_but_holds_in_those_of_days() -> None:
    since, title = conditions_of(parse("after:2024 undated:include title:cranes"))
    assert (since.text, since.filters.undated) == ("after:2024-01-01", "include")
    assert title.filters.undated is None


def test_what_asks_for_a_reading_list_is_no_condition_of_a_paper() -> None:
    assert [each.text for each in conditions_of(parse('is:unread tag:"to read" title:cranes'))] == ["title:cranes"]


@pytest.mark.parametrize("id_", [id_ for id_ in OPERATORS if id_ not in ("undated", "is", "tag")])
def test_a_written_condition_parses_to_the_same(id_: str) -> None:
    wanted = parse(OPERATORS[id_][1].example).wanted
    (condition,) = conditions_of(parse(OPERATORS[id_][1].example))
    assert parse(condition.text.replace(" or ", " ")).wanted == wanted
