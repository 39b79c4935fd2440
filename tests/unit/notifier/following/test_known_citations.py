"""What is new in what a provider says about citations, and what an adapter reads of a stranger's JSON."""

from typing import Any

import pytest

from services.notifier.following.known_citations import MAX_CITING, MAX_FOUND, MAX_SEEN, CitedPaper, KnownCitations
from services.notifier.following.port import Item
from services.notifier.following.scholar_citations import cited_paper, scholar_name

KEY = "649def34f8be52c8b66281af98ae884c09aef38b"


def mine(count: int, key: str = KEY, title: str = "Cranes") -> CitedPaper:
    return CitedPaper(key=key, title=title, count=count)


def item(key: str, *ids: str) -> Item:
    return Item(key=key, ids=ids, title=key)


def test_the_first_look_at_each_paper_only_remembers() -> None:
    known = KnownCitations().with_citing(mine(1), [item("a")])
    assert known.found == ()
    known = known.with_citing(mine(2), [item("b"), item("a")])
    assert [one.item.key for one in known.found] == ["b"]
    known = known.with_citing(mine(9, "other", "Boats"), [item("c"), item("b")])
    assert [(one.item.key, one.cited) for one in known.found] == [("b", ("Cranes",))]


def test_a_first_citation_is_found_and_an_unchanged_number_asks_nothing() -> None:
    known = KnownCitations().with_citing(mine(0), [])
    assert not known.asks(mine(0))
    assert known.asks(mine(1))
    assert [one.item.key for one in known.with_citing(mine(1), [item("a")]).found] == ["a"]


def test_a_citing_paper_is_the_same_by_its_key_or_its_first_id() -> None:
    known = KnownCitations().with_citing(mine(2), [item("a"), item("b", "doi:10.5555/b")])
    again = [item("a", "arXiv:2603.00001"), item("merged", "doi:10.5555/b", "arXiv:2603.00002")]
    assert known.with_citing(mine(3), again).found == ()


def test_a_list_without_papers_of_a_cited_one_is_asked_for_again_and_hides_nothing() -> None:
    known = KnownCitations().with_citing(mine(5), [])
    assert known.asks(mine(5))
    known = known.with_citing(mine(5), [item("a")])
    assert known.found == ()
    known = known.with_citing(mine(6), [])
    assert known.asks(mine(6))
    assert [one.item.key for one in known.with_citing(mine(6), [item("b"), item("a")]).found] == ["b"]


def test_what_moves_up_in_a_list_that_does_not_hold_all_is_not_new() -> None:
    page = [item(f"{number}") for number in range(MAX_CITING + 3)]
    known = KnownCitations().with_citing(mine(900), page[:MAX_CITING])
    assert known.with_citing(mine(898), page[2 : MAX_CITING + 2]).found == ()
    newer = [item("newest"), *page[:5], item("newer"), *page[5 : MAX_CITING - 2]]
    assert [one.item.key for one in known.with_citing(mine(902), newer).found] == ["newer", "newest"]
    short = KnownCitations().with_citing(mine(2), page[:2]).with_citing(mine(3), [*page[:2], item("older")])
    assert [one.item.key for one in short.found] == ["older"]


def test_a_paper_that_cites_several_is_found_once_with_their_titles_and_is_not_awaited_again() -> None:
    known = KnownCitations().with_citing(mine(0), []).with_citing(mine(0, "other", "Boats"), [])
    known = known.with_citing(mine(1), [item("a", "doi:10.5555/a")])
    told = known.found[0].model_copy(update={"indexed": True})
    known = known.model_copy(update={"found": (told,)}).with_citing(
        mine(1, "other", "Boats"), [item("a", "doi:10.5555/a")]
    )
    assert known.awaited == ()
    assert known.titles() == {"doi:10.5555/a": b'["Cranes","Boats"]'}


def test_what_is_kept_is_bounded() -> None:
    known = KnownCitations().with_citing(mine(0), [])
    for start in range(0, 1_000, 200):
        known = known.with_citing(
            mine(start + 1), [item(f"{start + n}", f"doi:10.5555/{start + n}") for n in range(200)]
        )
    assert len(known.seen[KEY].marks) == MAX_SEEN
    assert [one.item.key for one in known.found][-1] == "800", "the page begins with the newest"
    assert len(known.found) == MAX_FOUND
    many = KnownCitations(seen={f"{n}": known.seen[KEY] for n in range(500)})
    kept = many.among([mine(1, "499")]).seen
    assert (len(kept), next(iter(kept))) == (200, "499")


@pytest.mark.parametrize(
    ("one", "name"),
    (
        (item("x", "doi:10.5555/A", "arXiv:2603.00001"), "ARXIV:2603.00001"),
        (item(KEY, "doi:10.5555/a"), "DOI:10.5555/a"),
        (item(KEY), KEY),
        (item("733536"), None),
        (item("733536", "openreview:abc"), None),
    ),
)
def test_a_paper_is_asked_about_by_a_name_that_semantic_scholar_knows(one: Item, name: str | None) -> None:
    assert scholar_name(one) == name


@pytest.mark.parametrize(
    "row",
    (
        None,
        [],
        {"paperId": KEY},
        {"paperId": "../secrets", "citationCount": 1},
        {"paperId": KEY, "citationCount": True},
        {"paperId": KEY, "citationCount": -1},
        {"paperId": KEY, "citationCount": 2**64 - 1},
        {"paperId": [KEY], "citationCount": 1},
    ),
)
def test_a_row_of_another_shape_is_no_paper(row: Any) -> None:
    assert cited_paper(row) is None


def test_a_title_has_no_characters_that_hide_or_turn_others() -> None:
    row = {"paperId": KEY, "citationCount": 7, "title": "Folding\0 soft\u00adly\n\u202ecranes\u2028\x7f and 紙鶴"}
    assert cited_paper(row) == mine(7, title="Folding softly cranes and 紙鶴")
    assert cited_paper(row | {"title": "\0\u200b"}) == mine(7, title="without a title")


def test_a_paper_without_a_usable_title_is_still_asked_about() -> None:
    assert cited_paper({"paperId": KEY, "citationCount": 7, "title": None}) == mine(7, title="without a title")
