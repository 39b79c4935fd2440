"""Properties of identity for any sightings in any order."""

from hypothesis import given
from hypothesis import strategies as st

from shared.papers.events import Item
from tests.support import examples
from tests.unit.enricher.works.local_enricher import LocalEnricher

TITLES = {1: "On folding paper cranes with a robot arm", 2: "On folding paper cranes with an arm", 3: "Paper"}
PEOPLE = {1: ("Ada Origami",), 2: ("Origami, A.", "Bo Fold"), 3: ()}
DOIS = ("10.1000/a", "10.31234/osf.io/b", "10.1101/2024.01.02.573890")  # two journals would contradict each other


def sightings(*arxiv: str) -> st.SearchStrategy[list[Item]]:
    """Return sightings that share ids and titles in any way; with one arXiv id they do not contradict each other."""
    ids = st.sampled_from([f"arXiv:{name}" for name in arxiv] + [f"doi:{name}" for name in DOIS] + ["b:1", "b:2", ""])
    items = st.builds(
        Item,
        source=st.sampled_from(["arxiv", "blog", "crossref"]),
        id=ids,
        title=st.sampled_from(list(TITLES.values())),
        abstract=st.sampled_from(["", "One.", "Two."]),
        authors=st.sampled_from(list(PEOPLE.values())),
        version=st.none() | st.integers(1, 3),
        url=st.none() | st.sampled_from([f"https://arxiv.org/abs/{name}" for name in arxiv] + ["https://x.example"]),
        identifiers=st.dictionaries(st.sampled_from(["doi", "published"]), st.sampled_from(DOIS), max_size=2)
        | st.fixed_dictionaries({"openreview": st.sampled_from(["x", "y"])}),
    )
    trust = {"arxiv": 3, "crossref": 2}
    trusted = items.map(lambda item: item.model_copy(update={"trust": trust.get(item.source, 0)}))
    return st.lists(trusted, min_size=1, max_size=7)


def partition(items: list[Item]) -> dict[str, frozenset[str]]:
    enricher = LocalEnricher()
    enricher.see(*items)
    return {work.paper.id: frozenset(work.aliases) for work in enricher.works.values()}


@examples(400)
@given(sightings("2401.00001"), st.randoms(use_true_random=False))
def test_the_order_of_sightings_does_not_matter(items: list[Item], random: object) -> None:
    """INVARIANT: the same sightings in any order give the same works, under the same ids, with the same aliases."""
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert partition(items) == partition(shuffled)


@examples(400)
@given(sightings("2401.00001", "2401.00002", "2401.00003"), st.randoms(use_true_random=False))
def test_contradictions_do_not_change_the_ids_of_works(items: list[Item], random: object) -> None:
    """INVARIANT: the ids of works are the same in any order, even where sources contradict each other."""
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert partition(items).keys() == partition(shuffled).keys()


@examples(300)
@given(sightings("2401.00001", "2401.00002"))
def test_every_id_resolves_to_exactly_one_work(items: list[Item]) -> None:
    """INVARIANT: every id that a work ever had resolves to a work, and only one work lists it."""
    enricher = LocalEnricher()
    names: set[str] = set()
    for each in items:
        enricher.see(each)
        listed = [alias for work in enricher.works.values() for alias in work.aliases]
        assert len(listed) == len(set(listed))
        names |= set(listed)
        assert set(enricher.named(names)) == names
        assert all(
            enricher.named([alias])[alias] == work.paper.id
            for work in enricher.works.values()
            for alias in work.aliases
        )
        assert all(name == work.paper.id == work.aliases[0] for name, work in enricher.works.items())
    assert None not in enricher.named(names).values()


@examples(300)
@given(sightings("2401.00001", "2401.00002"))
def test_a_work_is_new_once_and_its_revisions_grow(items: list[Item]) -> None:
    """INVARIANT: repeated sightings change nothing, a lost point is reported once, a revision is one state."""
    enricher = LocalEnricher()
    enricher.see(*items)
    revisions: dict[str, int] = {}
    gone: list[str] = []
    for event in enricher.published:
        gone += event.merged
        before = [revisions.get(name, 0) for name in (event.paper.id, *event.merged)]
        assert event.revision > max(before)
        assert event.paper.id not in gone
        revisions[event.paper.id] = event.revision
    assert len(gone) == len(set(gone))
    published = [
        event.paper.id for event in enricher.published if any(change.kind == "new" for change in event.changes)
    ]
    assert len(published) == len(set(published))
    assert enricher.see(items[-1]) == []
