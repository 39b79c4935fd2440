"""Properties of merging for any sightings."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.enricher.works.merging import merge
from services.enricher.works.sighting import Sighting, prepare
from services.enricher.works.work import Work
from services.fetcher.sources.registry import TRUST
from shared.papers.events import Item
from shared.papers.paper import CodeLink, Signals
from tests.support import NOW, examples

DAYS = st.sampled_from([None, "2024-01-02", "2024-05-06T07:08:09Z", "2023-12-31"])
COUNTS = st.none() | st.integers(0, 5)
TEXTS = st.sampled_from(
    ["Folding cranes with arms", "Folding $x^2$ cranes", "FOLDING CRANES WITH ARMS!", "A code: github.com/a/b"]
)


def items(source: str, *ids: str) -> st.SearchStrategy[Item]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "source": st.just(source),
        "id": st.sampled_from(ids),
        "title": TEXTS,
        "abstract": TEXTS | st.just(""),
        "authors": st.sampled_from([(), ("Ada Origami",), ("Origami, Ada", "Bo Fold")]),
        "categories": st.sampled_from([(), ("cs.RO",), ("cs.LG", "cs.RO")]),
        "published": DAYS,
        "updated": DAYS,
        "version": st.none() | st.integers(1, 3),
        "url": st.sampled_from([None, "https://x.example/1"]),
        "code": st.sampled_from([(), (CodeLink(url="https://github.com/a/c"),)]),
        "identifiers": st.sampled_from([{}, {"doi": "10.1000/a"}, {"s2": "7"}]),
        "signals": st.builds(Signals, upvotes=COUNTS, citations=COUNTS),
        "announced": st.sampled_from([None, "new", "cross", "replace"]),
        "withdrawn": st.booleans(),
        "trust": st.just(TRUST.get(source, 0)),
    }
    return st.builds(Item, **fields)


ARXIV = items("arxiv", "arXiv:2401.00001", "oai:arXiv.org:2401.00001v2")
OTHER = items("huggingface", "arXiv:2401.00001")
SIGHTINGS = st.lists(ARXIV | OTHER, min_size=1, max_size=6)


def merged(sightings: list[Sighting], work: Work | None = None) -> Work:
    for seen in sightings:
        work = merge(work, seen, NOW).work
    assert work
    return work


@examples(200)
@given(SIGHTINGS)
def test_merging_a_sighting_again_changes_nothing(seen: list[Item]) -> None:
    """INVARIANT: merging is idempotent, whatever came before."""
    prepared = [prepare(each) for each in seen]
    work = merged(prepared)
    again = merge(work, prepared[-1], NOW)
    assert again.unchanged
    assert again.work == work


@examples(200)
@given(ARXIV, OTHER)
def test_the_order_of_two_sources_does_not_change_identity(one: Item, other: Item) -> None:
    """INVARIANT: the order of sightings decides neither the sources of a work nor its ids."""
    first, second = prepare(one), prepare(other)
    there, back = merged([first, second]), merged([second, first])
    assert there.paper.id == back.paper.id
    assert there.paper.identifiers == back.paper.identifiers
    assert set(there.aliases) == set(back.aliases)
    assert {(ref.source, ref.id) for ref in there.paper.sources} == {(ref.source, ref.id) for ref in back.paper.sources}
    assert (there.paper.title, there.paper.status) == (back.paper.title, back.paper.status)
    assert (there.paper.published, there.paper.updated) == (back.paper.published, back.paper.updated)
    assert set(there.paper.categories) == set(back.paper.categories)


@examples(100)
@given(SIGHTINGS)
def test_every_change_increments_the_revision(seen: list[Item]) -> None:
    """INVARIANT: a revision number stands for one state of a work, and grows."""
    work: Work | None = None
    for each in seen:
        result = merge(work, prepare(each), NOW)
        assert result.unchanged or result.work.revision == (work.revision + 1 if work else 1)
        assert result.changes == () or not result.unchanged
        work = result.work
