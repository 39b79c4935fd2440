"""Items of one feed that share an id."""

from services.fetcher.sources.feeds.distinct import distinct
from services.fetcher.sources.port import Refusal
from shared.papers.events import Item


def item(own: str, title: str, url: str | None = None, version: int | None = None) -> Item:
    return Item(source="lab", id=own, title=title, url=url, version=version)


def ids(*items: Item) -> list[str]:
    return [each.id for each in distinct(items)[0]]


def test_items_that_share_a_guid_are_named_after_their_links() -> None:
    shared = "https://lab.example/"
    assert ids(item(shared, "Pools", f"{shared}1"), item(shared, "Dunes", f"{shared}2")) == [f"{shared}1", f"{shared}2"]


def test_items_that_share_a_guid_and_a_link_are_named_after_their_titles() -> None:
    shared = "https://lab.example/accepted"
    assert ids(item(shared, "Pools", shared), item(shared, "Dunes", shared)) == ["lab:Pools", "lab:Dunes"]


def test_the_link_that_is_also_the_shared_guid_names_no_item() -> None:
    shared = "https://lab.example/accepted"
    assert ids(item(shared, "Pools", shared), item(shared, "Dunes", f"{shared}/2")) == ["lab:Pools", f"{shared}/2"]


def test_versions_of_a_paper_of_an_archive_stay_in_order() -> None:
    one, two = item("arXiv:2501.00001", "Pools", version=1), item("arXiv:2501.00001", "Pools, revised", version=2)
    assert distinct([one, two]) == ([one, two], [])


def test_a_repetition_is_taken_once_and_told() -> None:
    one, other = item("lab:1", "Pools"), item("lab:2", "Dunes")
    note = Refusal("“Pools”", "listed again without a difference; taken once", cleaned=True)
    assert distinct([one, other, one.model_copy()]) == ([one, other], [note])
