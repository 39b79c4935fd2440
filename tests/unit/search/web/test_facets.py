from services.search.query.filters import FACETS
from services.search.web.facets import SHOWN, Counts, facets
from services.search.web.urls import Here

COUNTS: dict[str, Counts] = {id_: [] for id_ in FACETS} | {
    "categories": [("cs.LG", 5), ("cs.CL", 2)],
    "authors": [("Ada Origami", 3), ("Bo Crane", 2), ("Cy Fold", 1)],
    "years": [(2023, 1), (2024, 6)],
    "has_code": [(False, 4), (True, 3)],
    "sources": [("arxiv", 7)],
}


def test_values_are_links_that_add_or_remove_a_filter() -> None:
    field, author, year, code = facets(COUNTS, Here((("q", "x"), ("category", "cs.CL"))))
    assert [(choice.label, choice.count, choice.chosen) for choice in field.choices] == [
        ("Machine Learning", 5, False),
        ("Computation and Language", 2, True),
    ]
    assert [choice.link for choice in field.choices] == ["/search?q=x&category=cs.CL&category=cs.LG", "/search?q=x"]
    assert [choice.label for choice in author.choices] == ["Ada Origami", "Bo Crane"]
    assert author.choices[0].link == "/search?q=x&category=cs.CL&author=Ada+Origami"
    assert [choice.label for choice in year.choices] == ["2024", "2023"]
    assert year.choices[0].link == "/search?q=x&category=cs.CL&from=2024-01-01&to=2024-12-31"
    assert [choice.label for choice in code.choices] == ["with code", "without code"]


def test_a_chosen_value_can_be_removed_even_if_it_is_the_only_one() -> None:
    here = Here((("source", "arxiv"), ("from", "2024-01-01"), ("to", "2024-12-31"), ("has_code", "true")))
    found = {facet.title: facet for facet in facets({**COUNTS, "years": [(2024, 1)]}, here)}
    assert found["Source"].choices[0].link == "/search?from=2024-01-01&to=2024-12-31&has_code=true"
    assert found["Year"].choices[0].link == "/search?source=arxiv&has_code=true"
    assert found["Code"].choices[0].link == "/search?source=arxiv&from=2024-01-01&to=2024-12-31"


def test_long_facets_unfold() -> None:
    many: Counts = [(f"c{n}", 1) for n in range(SHOWN + 2)]
    field = facets({**COUNTS, "categories": many}, Here(()))[0]
    assert len(field.first) == SHOWN
    assert [choice.label for choice in field.others] == [f"c{SHOWN}", f"c{SHOWN + 1}"]
