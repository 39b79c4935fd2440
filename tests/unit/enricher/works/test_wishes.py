from typing import Any

from services.enricher.works.intake import KnownWorks, wish_of
from services.enricher.works.work import Work
from shared.board.rows import PictureWish
from shared.papers.paper import Links, Paper, SourceRef

ARXIV = {"arxiv": "2401.00001"}
SEEN = (SourceRef(source="arxiv", id="arXiv:2401.00001", version=2), SourceRef(source="hf", id="x", version=7))


def work(work_id: str = "arXiv:2401.00001", **fields: Any) -> Work:
    base: dict[str, Any] = {"title": "Cranes", "published": "2024-01-02", "identifiers": ARXIV, "sources": SEEN}
    return Work(paper=Paper(id=work_id, **{**base, **fields}), aliases=(work_id,), text_source="arxiv")


def test_a_wish_names_every_place_of_a_picture() -> None:
    links = Links(project="https://cranes.example/", thumbnail="https://cdn.example/1.png")
    assert wish_of(work(links=links).paper) == PictureWish(
        thumbnail="https://cdn.example/1.png",
        project="https://cranes.example/",
        arxiv="2401.00001v2",
        published=1_704_153_600,
    )


def test_the_version_at_arxiv_is_left_out_where_it_is_unknown() -> None:
    wish = wish_of(work(sources=()).paper)
    assert wish
    assert wish.arxiv == "2401.00001"


def test_a_year_counts_from_its_first_day() -> None:
    wish = wish_of(work(published="2024").paper)
    assert wish
    assert wish.published == 1_704_067_200


def test_some_papers_have_no_wish() -> None:
    assert wish_of(work(identifiers={}).paper) is None
    assert wish_of(work(published=None).paper) is None
    assert wish_of(work(status="withdrawn").paper) is None


def test_a_wish_is_new_with_a_new_work_and_with_a_new_place() -> None:
    before = work()
    known = KnownWorks({before.paper.id: before}, {})
    known.put(before.model_copy(update={"revision": 2}))
    assert known.wishes == {}
    known.put(work(links=Links(project="https://cranes.example/")))
    known.put(work("arXiv:2401.00002"))
    assert list(known.wishes) == ["arXiv:2401.00001", "arXiv:2401.00002"]


def test_withdrawn_works_and_those_that_became_part_of_another_lose_theirs() -> None:
    known = KnownWorks({}, {})
    known.put(work("arXiv:2401.00002", status="withdrawn"))
    known.put(work("arXiv:2401.00003"), lost=["pw:3"])
    assert known.unwished == ["arXiv:2401.00002", "pw:3"]
