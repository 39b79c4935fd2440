"""Parsing of each provider's answers, also of malformed ones."""

from typing import Any

import pytest

from services.enricher.providers import crossref, github, huggingface, openalex
from services.enricher.providers import semantic_scholar as scholar
from services.enricher.providers.facts import Facts, Repository
from shared.errors import TransientError
from shared.papers.bounds import MAX_ABSTRACT, MAX_ID
from shared.papers.paper import Appearance, Author, Signals

WRONG: list[Any] = [None, 7, "no", [], {}, {"message": "Rate limited"}, {"results": {}}, {"message": {"items": 3}}]


def test_semantic_scholar_answers_in_the_order_of_the_request() -> None:
    row = {
        "paperId": "p1",
        "externalIds": {"ArXiv": "2401.00001", "DOI": "10.1000/Cranes"},
        "title": "Another title",
        "venue": "Robotics: Science and Folds",
        "citationCount": 12,
        "influentialCitationCount": 3,
        "tldr": {"model": "m", "text": "A robot folds cranes."},
    }
    by_arxiv, unknown, by_doi = scholar.parse([row, None, row], ["ARXIV:2401.00001", "ARXIV:1", "DOI:10.1000/cranes"])
    assert by_arxiv == Facts(
        provider="semantic-scholar",
        signals=Signals(citations=12, influential_citations=3),
        venue="Robotics: Science and Folds",
        published="10.1000/cranes",
        tldr="A robot folds cranes.",
    )
    assert unknown == Facts(provider="semantic-scholar")
    assert (by_doi.title, by_doi.published) == ("Another title", None)


def test_semantic_scholar_values_of_an_unexpected_kind_are_left_out() -> None:
    row = {"citationCount": -4, "influentialCitationCount": "7", "tldr": [], "venue": 9, "externalIds": "x"}
    assert scholar.parse([row, 5], ["ARXIV:1", "ARXIV:2"]) == [Facts(provider="semantic-scholar")] * 2


def test_semantic_scholar_must_send_a_row_for_each_paper() -> None:
    with pytest.raises(TransientError, match="1 rows for 2 papers"):
        scholar.parse([None], ["ARXIV:1", "ARXIV:2"])


def test_openalex_unrolls_an_abstract() -> None:
    assert openalex.unroll({"cranes": [1, 3], "We": [0], "fold": [2]}) == ("We cranes fold cranes", None)


def test_openalex_marks_missing_words_of_an_abstract() -> None:
    abstract, oddity = openalex.unroll({"We": [0], "cranes": [3]})
    assert abstract == "We … … cranes"
    assert oddity == "the abstract from openalex is incomplete: words missing: 2"


@pytest.mark.parametrize("index", ({}, {"a": None}, {"a": [-1, 10**12, "x", None, 2.5]}, {"a": 3}))
def test_openalex_invalid_positions_are_ignored(index: dict[str, Any]) -> None:
    assert openalex.unroll(index) == (None, None)


def test_openalex_knows_arxiv_by_its_doi() -> None:
    results = [
        {"doi": "https://doi.org/10.48550/arXiv.2401.00001", "title": "A", "cited_by_count": 4},
        {"doi": "https://doi.org/10.1000/B", "title": "B", "primary_location": {"source": {"display_name": "Folds"}}},
        {"doi": None, "title": "C"},
        "nonsense",
    ]
    found = openalex.parse({"results": results})
    assert found["10.48550/arxiv.2401.00001"] == Facts(provider="openalex", signals=Signals(citations=4))
    assert found["10.1000/b"] == Facts(provider="openalex", title="B", venue="Folds")
    assert len(found) == 2


def items(*rows: dict[str, Any]) -> dict[str, crossref.Registered]:
    return {each.doi: each for each in crossref.parse({"message": {"items": list(rows)}})}


ARTICLE = {"DOI": "10.1000/J", "title": ["On cranes"], "container-title": ["Folds"], "type": "journal-article"}


def test_crossref_returns_where_a_preprint_was_published() -> None:
    relation = {"is-preprint-of": [{"id-type": "doi", "id": "10.1000/J", "asserted-by": "subject"}]}
    records = items({"DOI": "10.1101/1", "title": ["On cranes"], "type": "posted-content", "relation": relation})
    found = crossref.facts({"doi": "10.1101/1"}, records)
    assert (found.title, found.published, found.venue) == ("On cranes", "10.1000/j", None)


@pytest.mark.parametrize(
    "given", ("10.48550/arXiv.2401.00001", "https://doi.org/10.48550/arXiv.2401.00001v2", "arXiv:2401.00001")
)
def test_crossref_finds_the_journal_of_an_arxiv_paper(given: str) -> None:
    records = items({**ARTICLE, "relation": {"has-preprint": [{"id": given}]}, "is-referenced-by-count": 5})
    found = crossref.facts({"arxiv": "2401.00001"}, records)
    assert (found.published, found.venue, found.title) == ("10.1000/j", "Folds", None)
    assert found.signals == Signals(citations=5)
    assert crossref.facts({"arxiv": "2401.00002"}, records) == Facts(provider="crossref")


def test_crossref_records_that_refer_to_each_other_make_no_circle() -> None:
    """Two records are each the preprint of the other, and one is that of itself."""
    first = {"DOI": "10.1101/1", "type": "posted-content", "relation": {"is-preprint-of": [{"id": "10.1101/2"}]}}
    second = {"DOI": "10.1101/2", "type": "posted-content", "relation": {"is-preprint-of": [{"id": "10.1101/1"}]}}
    itself = {"DOI": "10.1101/3", "type": "posted-content", "relation": {"is-preprint-of": [{"id": "10.1101/3"}]}}
    records = items(first, second, itself)
    assert crossref.facts({"doi": "10.1101/1", "published": "10.1101/2"}, records).published == "10.1101/2"
    assert crossref.facts({"doi": "10.1101/3"}, records).published is None


@pytest.mark.parametrize("kind", ("retraction", "withdrawal", "removal"))
def test_crossref_reports_a_retraction(kind: str) -> None:
    notice = {"DOI": "10.1000/notice", "update-to": [{"DOI": "10.1000/J", "type": kind}]}
    assert crossref.facts({"doi": "10.1000/j"}, items(ARTICLE, notice)).retracted == "10.1000/notice"
    updated = {**ARTICLE, "updated-by": [{"DOI": "10.1000/notice2", "type": kind.title()}]}
    assert crossref.facts({"doi": "10.1000/j"}, items(updated)).retracted == "10.1000/notice2"


def test_crossref_corrections_and_notices_themselves_are_not_retractions() -> None:
    correction = {"DOI": "10.1000/erratum", "update-to": [{"DOI": "10.1000/J", "type": "correction"}]}
    assert crossref.facts({"doi": "10.1000/j"}, items(ARTICLE, correction)).retracted is None
    notice = {
        "DOI": "10.1000/notice",
        "title": ["Retraction"],
        "update-to": [{"DOI": "10.1000/J", "type": "retraction"}],
    }
    assert crossref.facts({"doi": "10.1000/notice"}, items(notice)).retracted is None


def test_crossref_values_of_an_unexpected_kind_are_left_out() -> None:
    odd: dict[str, Any] = {
        "DOI": "10.1000/J",
        "title": [],
        "relation": {"is-preprint-of": [7, {"id": 3}]},
        "update-to": [None, {}],
    }
    worse = {"DOI": "10.1000/k", "relation": {"is-preprint-of": 7}, "update-to": True, "updated-by": 5}
    assert crossref.facts({"doi": "10.1000/j"}, items(odd, {"DOI": 5}, {}, worse)) == Facts(provider="crossref")


def test_an_id_over_the_bound_is_left_out_not_cut() -> None:
    long = f"10.1000/{'x' * MAX_ID}"
    assert items({**ARTICLE, "DOI": long}) == {}
    assert openalex.parse({"results": [{"doi": f"https://doi.org/{long}"}]}) == {}
    row = {"externalIds": {"DOI": long}, "citationCount": 1}
    assert scholar.parse([row], ["ARXIV:1"])[0].published is None


def test_openalex_an_abstract_has_a_bound() -> None:
    abstract, _ = openalex.unroll({"w" * 1_000 + str(place): [place] for place in range(1_000)})
    assert abstract is not None
    assert len(abstract) == MAX_ABSTRACT


def test_huggingface_counts() -> None:
    row = {
        "id": "2401.00001",
        "upvotes": 41,
        "numComments": 3,
        "numTotalModels": 2,
        "linkedDatasets": [{}],
        "title": "x",
    }
    expected = Signals(upvotes=41, comments=3, models=2, datasets=1)
    assert huggingface.parse(row).signals == expected
    wrapped = {"numComments": 3, "paper": {key: value for key, value in row.items() if key != "numComments"}}
    assert huggingface.parse(wrapped).signals == expected


def test_github_follows_a_renamed_repository() -> None:
    row = {"full_name": "new/Name", "stargazers_count": 812, "archived": True}
    asked = "https://github.com/old/name"
    assert github.parse(row, asked) == Repository(
        asked=asked, url="https://github.com/new/Name", stars=812, archived=True
    )
    same = "https://github.com/New/name"
    assert github.parse(row, same).url == same, "addresses ignore case"


@pytest.mark.parametrize("name", ("../etc", "a/b/c", "javascript:x", "a b/c", "", 7))
def test_github_refuses_an_invalid_repository_name(name: Any) -> None:
    with pytest.raises(TransientError, match="shape"):
        github.parse({"full_name": name}, "https://github.com/a/b")


@pytest.mark.parametrize(
    ("url", "name"),
    (
        ("https://github.com/a/b", "a/b"),
        ("https://gitlab.com/a/b", None),
        ("https://github.com/a/../../user", None),
        ("https://github.com/a/b?c", None),
    ),
)
def test_github_repositories_are_recognized_by_their_address(url: str, name: str | None) -> None:
    assert github.repository_name(url) == name


@pytest.mark.parametrize("answer", WRONG)
def test_an_answer_of_an_unexpected_shape_is_a_failure(answer: Any) -> None:
    with pytest.raises(TransientError):
        openalex.parse(answer)
    with pytest.raises(TransientError):
        crossref.parse(answer)
    with pytest.raises(TransientError):
        huggingface.parse(answer)
    with pytest.raises(TransientError):
        github.parse(answer, "https://github.com/a/b")
    with pytest.raises(TransientError):
        scholar.parse(answer, ["ARXIV:1"])


ORCID = "0000-0002-1825-0097"


def test_crossref_says_where_and_when_a_paper_appeared_and_who_its_authors_are() -> None:
    row: dict[str, Any] = {
        "DOI": "10.1234/a", "volume": "12", "issue": "3", "page": "4-9", "issued": {"date-parts": [[2026, 2]]},
        "author": [{"given": "Ada", "family": "Origami", "ORCID": f"http://orcid.org/{ORCID}"}, {"family": "Fold"}, 7],
    }  # fmt: skip
    found = crossref.facts({"doi": "10.1234/a"}, items(row))
    assert found.appeared == Appearance(volume="12", number="3", pages="4-9", year=2026)
    assert found.people == (Author(name="Ada Origami", orcid=ORCID),)
    assert crossref.facts({"doi": "10.1234/a"}, items({**row, "type": "posted-content"})).appeared is None


@pytest.mark.parametrize(
    "issued", (None, 7, {}, {"date-parts": None}, {"date-parts": [[None]]}, {"date-parts": [["a"]]})
)
def test_crossref_values_of_an_unexpected_kind_say_nothing_of_it(issued: Any) -> None:
    row = {"DOI": "10.1234/a", "volume": 7, "issue": [], "page": None, "issued": issued, "author": {"a": 1}}
    found = crossref.facts({"doi": "10.1234/a"}, items(row))
    assert (found.appeared, found.people) == (None, ())


def test_openalex_knows_the_orcid_of_authors() -> None:
    people = [{"author": {"display_name": "Ada Origami", "orcid": f"https://orcid.org/{ORCID}"}}, {"author": None}, 7]
    people.append({"author": {"display_name": "Bo Fold", "orcid": "https://orcid.org/0000-0000-0000-0000"}})
    (found,) = openalex.parse({"results": [{"doi": "https://doi.org/10.1234/a", "authorships": people}]}).values()
    assert found.people == (Author(name="Ada Origami", orcid=ORCID),)
