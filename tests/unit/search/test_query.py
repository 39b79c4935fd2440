import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.query import Query, parse


@pytest.mark.parametrize(
    ("text", "query"),
    (
        ("", Query("")),
        ("  protein   folding ", Query("protein folding")),
        ('"sparse attention"', Query("sparse attention", ("sparse attention",))),
        ('long "sparse  attention" documents', Query("long sparse attention documents", ("sparse attention",))),
        ('"one" and "two" and "one"', Query("one and two and one", ("one", "two"))),
        ("“curly quotes” too", Query("curly quotes too", ("curly quotes",))),
        ('never "closed', Query("never closed")),
        ('"" "!?" x', Query("!? x")),
        ("2401.00001", Query("", work="arXiv:2401.00001")),
        ("https://arxiv.org/pdf/2401.00001v3", Query("", work="arXiv:2401.00001")),
        ("hep-th/9901001v2", Query("", work="arXiv:hep-th/9901001")),
        ("doi:10.1000/ABC(1)", Query("", work="doi:10.1000/abc(1)")),
        ("https://doi.org/10.48550/arXiv.2401.00001", Query("", work="arXiv:2401.00001")),
        ("after 2401.00001 came", Query("after 2401.00001 came")),
    ),
)
def test_a_query_is_read(text: str, query: Query) -> None:
    assert parse(text) == query


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    assert '"' not in query.text
    assert all(phrase.strip() for phrase in query.phrases)
