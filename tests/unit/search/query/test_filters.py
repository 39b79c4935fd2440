"""The table of filters: every row is whole, and one row is enough for a filter."""

from datetime import date

import pytest

from services.search.api.parameters import FilterParameters, Question
from services.search.api.responses import Facets
from services.search.query.filter_row import Marked
from services.search.query.filters import FACETS, FILTERS, OPERATORS, PARAMETERS, Filters
from services.search.query.parser import parse
from services.search.ranking.qdrant_filter import where
from services.search.web.facets import facets
from services.search.web.urls import Here
from shared.qdrant.collections import PAPER_FIELDS


@pytest.mark.parametrize("id_", OPERATORS)
def test_the_example_of_an_operator_sets_its_filter(id_: str) -> None:
    name, operator = OPERATORS[id_]
    assert operator.example.startswith(f"{id_}:")
    assert [given for given, _, _ in parse(operator.example).wanted.given()] == [name]


@pytest.mark.parametrize("name", [name for name, row in FILTERS.items() if not isinstance(row.condition, Marked)])
def test_every_filter_becomes_a_condition(name: str) -> None:
    operator = FILTERS[name].operator
    text = operator.example if operator else '"a phrase"'
    of_days = "after:2024 " if name == "undated" else ""  # it changes the condition of days only
    assert where(parse(of_days + text).wanted) != where(parse(of_days).wanted)


@pytest.mark.parametrize(
    ("query", "states", "tags", "notes"),
    (
        ("is:Unread tag:Cranes", ("unread",), ("cranes",), 0),
        ('tag:"To  Read" is:saved is:liked', ("saved", "liked"), ("to read",), 0),
        ("is:burnt", (), (), 1),
        (f"tag:{'x' * 51}", (), (), 1),
    ),
)
def test_a_query_names_lists_of_its_reader(
    query: str, states: tuple[str, ...], tags: tuple[str, ...], notes: int
) -> None:
    parsed = parse(query)
    assert (parsed.wanted.states, parsed.wanted.tags, len(parsed.notes)) == (states, tags, notes)


def test_every_parameter_is_a_field_of_the_http_parameters() -> None:
    assert list(FilterParameters.model_fields) == list(PARAMETERS)


def test_parameters_become_filters() -> None:
    given = {"category": ["cs.CL"], "author": ["Doe, Jane"], "from": "2024-01-01", "has_code": "false"}
    assert FilterParameters.model_validate(given).filters() == Filters(
        categories=("cs.CL",), authors=("Doe, Jane",), since=date(2024, 1, 1), has_code=False
    )


def test_every_facet_is_counted_and_shown() -> None:
    assert list(Facets.model_fields) == list(FACETS)
    shown = facets({id_: [(2024, 3), (2023, 2)] for id_ in FACETS}, Here(()))
    assert {facet.title for facet in shown} == {facet.title for facet in FACETS.values()}


def test_every_facet_counts_a_field_with_an_index() -> None:
    """Qdrant refuses to count a field without one."""
    assert {facet.field for facet in FACETS.values()} <= PAPER_FIELDS.keys()


def test_the_documentation_of_the_query_names_every_operator() -> None:
    description = Question.model_fields["q"].description or ""
    assert all(operator.example in description for _, operator in OPERATORS.values())


def test_ends_of_one_range_are_one_condition() -> None:
    must = where(Filters(since=date(2024, 1, 1), until=date(2024, 1, 31))).must
    assert isinstance(must, list)
    # that the paper is not withdrawn, the range, that the paper has a date, and that it ends before
    assert len(must) == 4
    undated = where(Filters(since=date(2024, 1, 1), until=date(2024, 1, 31)), Filters(undated="include")).must
    assert undated == [condition for condition in must if getattr(condition, "key", "") != "year"]
