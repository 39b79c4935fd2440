from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.query.filters import Filters
from services.search.query.parser import MAX_CONDITIONS, Query, QueryError, parse


@pytest.mark.parametrize(
    ("text", "query"),
    (
        ("", Query("")),
        ("  protein   folding ", Query("protein folding")),
        ('"sparse attention"', Query("sparse attention", Filters(phrases=("sparse attention",)))),
        (
            'long "sparse  attention" documents',
            Query("long sparse attention documents", Filters(phrases=("sparse attention",))),
        ),
        ('"one" and "two" and "one"', Query("one and two and one", Filters(phrases=("one", "two")))),
        ("“curly quotes” too", Query("curly quotes too", Filters(phrases=("curly quotes",)))),
        ('never "closed', Query("never closed")),
        ('"" "!?" x', Query("!? x")),
        ("2401.00001", Query(wanted=Filters(ids=("arXiv:2401.00001",)))),
        ("https://arxiv.org/pdf/2401.00001v3", Query(wanted=Filters(ids=("arXiv:2401.00001",)))),
        ("hep-th/9901001v2", Query(wanted=Filters(ids=("arXiv:hep-th/9901001",)))),
        ("doi:10.1000/ABC(1)", Query(wanted=Filters(ids=("doi:10.1000/abc(1)",)))),
        ("https://doi.org/10.48550/arXiv.2401.00001", Query(wanted=Filters(ids=("arXiv:2401.00001",)))),
        ("after 2401.00001 came", Query("after 2401.00001 came")),
    ),
)
def test_queries_are_parsed(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "wanted"),
    (
        ('author:"Jane Doe"', Filters(authors=("Jane Doe",))),
        ('author:"Doe, Jane" author:roe', Filters(authors=("Doe, Jane", "roe"))),
        ("cat:cs.CL CAT:cs.IR", Filters(categories=("cs.CL", "cs.IR"))),
        ("source:arxiv", Filters(sources=("arxiv",))),
        ("id:2401.00001v2", Filters(ids=("arXiv:2401.00001",))),
        ("year:2021", Filters(years=(2021,))),
        ("year:2021-2023", Filters(years=(2021, 2022, 2023))),
        ("year:2021..2022", Filters(years=(2021, 2022))),
        ("after:2023", Filters(since=date(2023, 1, 1))),
        ("after:2023-06", Filters(since=date(2023, 6, 1))),
        ("after:2023-06-15", Filters(since=date(2023, 6, 15))),
        ("before:2024", Filters(until=date(2023, 12, 31))),
        ("after:2023 before:2024", Filters(since=date(2023, 1, 1), until=date(2023, 12, 31))),
        ("after:2022 after:2023", Filters(since=date(2023, 1, 1))),
        ("-before:2023", Filters(since=date(2023, 1, 1))),
        ("has:code", Filters(has_code=True)),
    ),
)
def test_operators_are_filters_and_not_words(text: str, wanted: Filters) -> None:
    assert parse(text) == Query("", wanted)


def test_words_of_a_title_operator_rank() -> None:
    assert parse('title:"graph networks" survey') == Query("graph networks survey", Filters(titles=("graph networks",)))


@pytest.mark.parametrize(
    ("text", "unwanted"),
    (
        ("-recurrent", Filters(phrases=("recurrent",))),
        ('-"long documents"', Filters(phrases=("long documents",))),
        ("-cat:cs.CV -author:doe", Filters(categories=("cs.CV",), authors=("doe",))),
        ("-has:code", Filters(has_code=True)),
        ("-id:2401.00001", Filters(ids=("arXiv:2401.00001",))),
    ),
)
def test_a_minus_excludes(text: str, unwanted: Filters) -> None:
    assert parse(f"attention {text}") == Query("attention", Filters(), unwanted)
    assert parse(text) == Query("", Filters(), unwanted)


@pytest.mark.parametrize(
    "text",
    (
        "colour:red",
        "https://example.org/x",
        "author:",
        "author:!!",
        "after:yesterday",
        "after:2023-13",
        "year:20",
        "year:2023-2021",
        "year:1000-9999",
        "before:0001",
        "has:wings",
        "state-of-the-art pre- and post-training",
        "x - y",
        "-!?",
        "a:b:c",
    ),
)
def test_terms_that_no_operator_reads_stay_words(text: str) -> None:
    assert parse(text) == Query(text)


@pytest.mark.parametrize("text", ("after:2024 before:2023", "after:2024-05-01 before:2024-05-01"))
def test_dates_that_contradict_each_other_are_refused(text: str) -> None:
    with pytest.raises(QueryError, match="contradict"):
        parse(text)


def test_too_many_conditions_are_refused() -> None:
    most = " ".join(f"-w{n}" for n in range(MAX_CONDITIONS))
    assert len(parse(most).unwanted.phrases) == MAX_CONDITIONS
    with pytest.raises(QueryError, match="33 conditions"):
        parse(f"{most} -more")


def test_direction_marks_are_removed_from_a_query() -> None:
    assert parse("\u202egninrael\u202c \u200b\ufeff") == Query("gninrael")


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    """INVARIANT: but for its dates and its length no text is refused, and no quote is left in the words."""
    try:
        query = parse(text)
    except QueryError:
        return
    assert '"' not in query.text
    assert all(phrase.strip() for phrase in query.wanted.phrases + query.unwanted.phrases)


def test_a_query_names_at_most_ten_authors() -> None:
    names = [f"author:Doe{'abcdefghijk'[n]}" for n in range(11)]
    assert len(parse(" ".join(names[:10])).wanted.authors) == 10
    with pytest.raises(QueryError, match="11 authors"):
        parse(" ".join([*names[:10], f"-{names[10]}"]))


def test_an_operator_whose_value_cannot_be_read_is_noted() -> None:
    query = parse("after:notadate note:this year:2024 robots")
    assert query.text == "after:notadate note:this robots"
    assert query.notes == ("“after:notadate” was searched as words. The operator is written as in after:2023-06.",)
