"""How ids and people are spelled."""

import pytest

from shared.papers.names import arxiv_id, canonical_id, doi, is_paper_id, openreview_id
from shared.papers.titles import fold


@pytest.mark.parametrize(
    ("text", "found"),
    (
        ("2401.00001", ("2401.00001", None)),
        (" 0704.0001v12 ", ("0704.0001", 12)),
        ("arXiv:2401.00001v3", ("2401.00001", 3)),
        ("ARXIV: 2401.00001", ("2401.00001", None)),
        ("arxiv 2401.00001", ("2401.00001", None)),
        ("oai:arXiv.org:2401.00001v2", ("2401.00001", 2)),
        ("https://arxiv.org/abs/2401.00001v12", ("2401.00001", 12)),
        ("http://export.arxiv.org/pdf/2401.00001.pdf", ("2401.00001", None)),
        ("https://www.arxiv.org/html/2401.00001v1/", ("2401.00001", 1)),
        ("arxiv.org/abs/2401.00001", ("2401.00001", None)),
        ("https://arxiv.org/abs/2401.00001?context=cs.RO", ("2401.00001", None)),
        ("https://arxiv.org/pdf/2401.00001v2#page=3", ("2401.00001", 2)),
        ("10.48550/arXiv.2401.00001", ("2401.00001", None)),
        ("https://doi.org/10.48550/ARXIV.2401.00001v2", ("2401.00001", 2)),
        ("doi:10.48550/arXiv.hep-th/9901001", ("hep-th/9901001", None)),
        ("hep-th/9901001v2", ("hep-th/9901001", 2)),
        ("oai:arXiv.org:cs/0112017", ("cs/0112017", None)),
        ("math.GT/0309136", ("math/0309136", None)),
        ("MATH/0309136v1", ("math/0309136", 1)),
        ("cond-mat.mes-hall/0309136", ("cond-mat/0309136", None)),
        ("https://arxiv.org/abs/math.GT/0309136v1", ("math/0309136", 1)),
        ("https://huggingface.co/papers/2401.00001", ("2401.00001", None)),
        ("huggingface.co/papers/2401.00001?ref=daily", ("2401.00001", None)),
    ),
)
def test_arxiv_ids_are_normalized(text: str, found: tuple[str, int | None]) -> None:
    assert arxiv_id(text) == found
    assert canonical_id(text) == f"arXiv:{found[0]}"
    assert doi(text) is None
    assert is_paper_id(text)


@pytest.mark.parametrize(
    "text",
    ("", "2401", "1234.56789", "2413.00001", "2401.001", "blog/1234567", "arxiv.org/list/cs.RO/new", "10.1000/x",
     "https://example.org/abs/2401.00001", "see arXiv:2401.00001", "2401.00001v", "cs/12", "2401.00001 and more"),
)  # fmt: skip
def test_an_invalid_arxiv_id_is_not_recognized(text: str) -> None:
    assert arxiv_id(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    (
        ("10.1000/XYZ", "10.1000/xyz"),
        ("doi: 10.1000/xyz", "10.1000/xyz"),
        ("DOI:10.1000/xyz.", "10.1000/xyz"),
        ("https://doi.org/10.1000/xyz,", "10.1000/xyz"),
        ("http://dx.doi.org/10.1016/S0140(99)00060-3", "10.1016/s0140(99)00060-3"),
        ("10.1000/xyz(1)", "10.1000/xyz(1)"),
        ("10.1000/xyz).", "10.1000/xyz"),
        ("10.64898/2026.01.02.123456", "10.64898/2026.01.02.123456"),
        ("10.1101/2024.01.02.573890v2", "10.1101/2024.01.02.573890"),
        ("https://www.biorxiv.org/content/10.1101/2024.01.02.573890v2.full.pdf", "10.1101/2024.01.02.573890"),
        ("https://www.medrxiv.org/content/10.1101/123456v1", "10.1101/123456"),
        ("https://doi.org/10.1101/gr.123456.111v2", "10.1101/gr.123456.111v2"),
    ),
)
def test_dois_are_normalized(text: str, name: str) -> None:
    assert doi(text) == name
    assert canonical_id(text) == f"doi:{name}"


@pytest.mark.parametrize("text", ("", "10.1/x", "10.1000/", "11.1000/x", "10.1000/a b"))
def test_an_invalid_doi_is_not_recognized(text: str) -> None:
    assert doi(text) is None


@pytest.mark.parametrize(
    "text",
    ("https://openreview.net/forum?id=aB_3-x", "https://openreview.net/pdf?id=aB_3-x", "openreview:aB_3-x",
     "https://openreview.net/forum?noteId=q&id=aB_3-x#all"),
)  # fmt: skip
def test_openreview_forums_are_normalized(text: str) -> None:
    assert openreview_id(text) == "aB_3-x"
    assert canonical_id(text) == "openreview:aB_3-x"


def test_an_invalid_forum_is_not_recognized() -> None:
    assert openreview_id("https://openreview.net/group?id=ICLR.cc") is None
    assert openreview_id("aB_3-x") is None


def test_any_other_id_is_unchanged() -> None:
    assert canonical_id("  https://x.example/A?b=1 ") == "https://x.example/A?b=1"
    assert not is_paper_id("paper cranes")


@pytest.mark.parametrize(
    ("text", "folded"),
    (
        ("Erdős–Rényi  GRAPHS!", "erdos renyi graphs"),
        ("Straße, İstanbul", "strasse istanbul"),
        ("ﬁne ½", "fine 1 2"),
        ("王伟 — 中文", "王伟 中文"),
        ("snake_case", "snake_case"),
        ("…", ""),
    ),
)
def test_names_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
