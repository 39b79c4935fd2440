"""Rulings of an operator: a wrong join is undone, a missing one made, and both last."""

from typing import Any

import pytest

from services.enricher.providers.facts import Facts
from services.enricher.refresh.amendments import Amendments
from services.enricher.works.intake import KnownWorks
from services.enricher.works.parts import MAX_PARTS, parts_of
from services.enricher.works.records import pack, unpack
from services.enricher.works.rulings import groups, join, split
from services.enricher.works.trending import UNMEASURED
from services.enricher.works.work import Work
from shared.errors import ConfigurationError
from shared.papers.events import Item
from shared.papers.paper import Signals
from tests.support import NOW, item
from tests.unit.enricher.works.local_enricher import LocalEnricher

TITLE = "A census of tin boats on small lakes"
ARXIV, DOI, OTHER = "arXiv:2601.00001", "doi:10.99990/boat.1", "doi:10.31234/osf.io/tin"


def seen(name: str, **fields: Any) -> Item:
    return item(**{"source": "arxiv" if name.startswith("arXiv:") else "journal", "id": name, "title": TITLE} | fields)


PREPRINT = seen(ARXIV, abstract="We count boats.", trust=3, version=1, signals=Signals(upvotes=3))
JOURNAL = seen(DOI, abstract="We count tin.", authors=("A. Origami", "Bo Fold"), venue="J. Boat", trust=1)


class Desk:
    """An enricher, with an operator who rules on its works."""

    def __init__(self, *items: Item) -> None:
        self.enricher = LocalEnricher()
        self.enricher.see(*items)

    def split(self, name: str, *leaving: str) -> tuple[Work, Work | None]:
        known = KnownWorks(self.enricher.works, self.enricher.aliases)
        work = self.work(name)
        done = split(work, leaving or [name], NOW)
        for each in filter(None, done):
            known.put(each, {work.paper.id} - {one.paper.id for one in filter(None, done)})
        for loose in () if done[1] else leaving or [name]:
            known.release(loose)
        self._keep(known)
        return done

    def join(self, one: str, other: str) -> Work:
        known = KnownWorks(self.enricher.works, self.enricher.aliases)
        works = self.work(one), self.work(other)
        united = join(*works, NOW)
        known.put(united, {work.paper.id for work in works} - {united.paper.id})
        self._keep(known)
        return united

    def work(self, name: str) -> Work:
        found = KnownWorks(self.enricher.works, self.enricher.aliases).find(name)
        assert found
        return unpack(name, pack(found))

    def _keep(self, known: KnownWorks) -> None:
        works = {name: work for name, work in self.enricher.works.items() if name not in known.removed}
        self.enricher.works = works | {name: unpack(name, pack(work)) for name, work in known.written.items()}
        aliases = self.enricher.aliases | known.claimed
        self.enricher.aliases = {alias: name for alias, name in aliases.items() if alias not in known.released}


def test_a_split_gives_each_part_what_was_seen_under_its_ids() -> None:
    desk = Desk(PREPRINT, JOURNAL)
    assert list(desk.enricher.works) == [ARXIV]
    kept, gone = desk.split(DOI)
    assert gone
    assert (kept.paper.id, kept.paper.abstract, kept.paper.venue) == (ARXIV, "We count boats.", None)
    assert (gone.paper.id, gone.paper.abstract, gone.paper.venue) == (DOI, "We count tin.", "J. Boat")
    assert [author.name for author in gone.paper.authors] == ["A. Origami", "Bo Fold"]
    assert (kept.aliases, gone.aliases) == ((ARXIV,), (DOI,))
    assert (kept.paper.identifiers, gone.paper.identifiers) == ({"arxiv": "2601.00001"}, {"doi": DOI[4:]})
    assert kept.paper.signals == Signals(upvotes=3)
    assert gone.paper.keywords, "what follows from a text is found again"
    assert [{ref.source for ref in work.paper.sources} for work in (kept, gone)] == [{"arxiv"}, {"journal"}]
    assert min(kept.revision, gone.revision) > 1, "the index takes both"


@pytest.mark.parametrize("again", [(PREPRINT, JOURNAL), (JOURNAL, PREPRINT, JOURNAL)])
def test_what_was_split_stays_apart_and_tells_nobody(again: tuple[Item, ...]) -> None:
    desk = Desk(PREPRINT, JOURNAL)
    desk.split(DOI)
    assert desk.enricher.see(*again) == []
    both = seen(ARXIV, abstract="We count boats.", trust=3, version=1, identifiers={"doi": DOI[4:]})
    (event,) = desk.enricher.see(both)
    assert event.changes == ()
    assert event.paper.oddities == (f"arxiv gives {DOI}, but that is {DOI}, which was split off",)
    assert desk.enricher.named([ARXIV, DOI]) == {ARXIV: ARXIV, DOI: DOI}
    (blog,) = desk.enricher.see(seen("https://blog.example/1", abstract="A blog."))
    assert blog.paper.id == ARXIV, "one with the title belongs to one of them, and joins them not"
    assert len(desk.enricher.works) == 2


def test_the_part_with_the_better_id_can_leave() -> None:
    desk = Desk(PREPRINT, JOURNAL)
    kept, gone = desk.split(ARXIV, ARXIV)
    assert gone
    assert (kept.paper.id, gone.paper.id) == (DOI, ARXIV)
    assert kept.paper.first_id == ARXIV, "the entries of feeds stay those of the work"
    assert gone.paper.first_id not in (None, ARXIV)
    assert desk.enricher.see(PREPRINT, JOURNAL) == []


def test_a_doi_that_a_source_gave_by_mistake_leaves_alone() -> None:
    wrong = seen(ARXIV, identifiers={"doi": DOI[4:]}, trust=3)
    desk = Desk(wrong)
    kept, gone = desk.split(DOI)
    assert gone is None
    assert (kept.aliases, kept.paper.identifiers) == ((ARXIV,), {"arxiv": "2601.00001"})
    assert desk.enricher.see(wrong) == []
    (event,) = desk.enricher.see(JOURNAL)
    assert event.paper.id == DOI
    (odd,) = desk.enricher.see(wrong)
    assert (odd.changes, len(odd.paper.oddities)) == ((), 1)
    assert desk.enricher.see(wrong, JOURNAL) == []


def test_a_record_without_parts_is_split_by_its_sources() -> None:
    desk = Desk(PREPRINT, JOURNAL)
    old = desk.work(ARXIV).model_copy(update={"parts": ()})
    desk.enricher.works = {ARXIV: old}
    _, gone = desk.split(DOI)
    assert gone
    assert gone.paper.title == TITLE
    (event,) = desk.enricher.see(JOURNAL)
    assert (event.paper.abstract, event.changes) == ("We count tin.", ()), "the next sighting corrects the text"


def test_a_join_lasts_against_what_sources_say() -> None:
    second = seen("arXiv:2601.00002", title="Counting boats of tin, once more", abstract="Again.", trust=3)
    desk = Desk(PREPRINT, second)
    assert len(desk.enricher.works) == 2
    united = desk.join(ARXIV, "arXiv:2601.00002")
    assert (united.paper.id, united.aliases) == (ARXIV, (ARXIV, "arXiv:2601.00002"))
    assert desk.enricher.see(PREPRINT, second) == []
    assert list(desk.enricher.works) == [ARXIV]
    kept, gone = desk.split("arXiv:2601.00002")
    assert gone
    assert gone.paper.title == "Counting boats of tin, once more"
    assert "arXiv:2601.00002" not in kept.joined
    again = desk.join("arXiv:2601.00002", ARXIV)
    assert again.apart == ()
    assert desk.enricher.see(second, PREPRINT) == []


def test_a_provider_does_not_join_what_was_split() -> None:
    desk = Desk(PREPRINT, JOURNAL)
    desk.split(DOI)
    known = KnownWorks(desk.enricher.works, desk.enricher.aliases)
    amendments = Amendments(known, UNMEASURED, NOW)
    amendments.add(ARXIV, Facts(provider="crossref", published=DOI[4:]))
    assert known.removed == set()
    assert "doi" not in desk.work(ARXIV).paper.identifiers
    assert all("doi" not in work.paper.identifiers for name, work in known.written.items() if name == ARXIV)


def test_what_cannot_be_split_is_refused_in_a_sentence() -> None:
    desk = Desk(PREPRINT, JOURNAL)
    work = desk.work(ARXIV)
    with pytest.raises(ConfigurationError, match=r"has no id doi:10\.9/x: its ids are"):
        split(work, ["doi:10.9/x"], NOW)
    with pytest.raises(ConfigurationError, match="Nothing would stay"):
        split(work, [ARXIV, DOI], NOW)
    with pytest.raises(ConfigurationError, match="seen under one id only"):
        groups(Desk(PREPRINT).work(ARXIV), ARXIV, ())


def test_the_own_id_of_a_work_names_all_its_other_parts() -> None:
    desk = Desk(PREPRINT, JOURNAL, seen(OTHER, trust=1))
    work = desk.work(ARXIV)
    assert groups(work, ARXIV, ()) == [frozenset({DOI}), frozenset({OTHER})]
    assert groups(work, DOI, ()) == [[DOI]]
    assert groups(work, ARXIV, [DOI, OTHER]) == [[DOI, OTHER]]


def test_a_work_under_one_id_stores_no_parts_and_one_under_many_a_few() -> None:
    again = seen(ARXIV, source="huggingface")
    assert Desk(PREPRINT, again).work(ARXIV).parts == ()
    many = [seen(f"https://blog.example/{number}") for number in range(2 * MAX_PARTS)]
    work = Desk(PREPRINT, *many).work(ARXIV)
    assert len(work.parts) == MAX_PARTS
    assert len(parts_of(work)) == 2 * MAX_PARTS + 1
