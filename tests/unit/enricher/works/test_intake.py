"""One work under many names: what joins sightings, what does not, and what is told of it."""

from typing import Any

import pytest

from shared.papers.events import Item
from shared.papers.paper import ChangeKind, Signals
from tests.support import item
from tests.unit.enricher.works.knowing import Desk

TITLE = "On the art of folding paper cranes with a robot arm"
ARXIV, DOI, PREPRINT, FORUM = "2401.00001", "10.1000/cranes", "10.1101/2024.01.02.573890", "aB_3-x"


def seen(source: str, name: str, title: str = TITLE, **fields: Any) -> Item:
    return item(source=source, id=name, title=title, **fields)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_every_kind_of_id_leads_to_one_work_that_is_told_once(desk: Desk) -> None:
    """INVARIANT: a second sighting is "also at", never a second alert."""
    other = "Cranes, folded by an arm: the art of it on paper"
    desk.see(
        seen("arxiv", f"arXiv:{ARXIV}v1", identifiers={"doi": DOI}),
        seen("huggingface", f"https://huggingface.co/papers/{ARXIV}"),
        seen("crossref", f"https://doi.org/{DOI.upper()}", other, identifiers={"openreview": FORUM}),
        seen("openreview", f"https://openreview.net/forum?id={FORUM}", other, authors=("Bo Fold",)),
        seen("biorxiv", f"doi:{PREPRINT}v2", identifiers={"published": DOI}),
        seen("blog", "https://blog.example/1", authors=("A. Origami",)),
    )
    names = (f"arXiv:{ARXIV}", f"doi:{DOI}", f"doi:{PREPRINT}", f"openreview:{FORUM}", "https://blog.example/1")
    assert desk.named(names) == dict.fromkeys(names, f"arXiv:{ARXIV}")
    (work,) = desk.works.values()
    assert set(work.aliases) == set(names)
    assert len(work.paper.sources) == 6
    assert desk.news == ["new"]


def test_a_better_id_renames_a_work_and_the_old_one_still_leads_to_it(desk: Desk) -> None:
    desk.see(seen("blog", "https://blog.example/1"))
    (event,) = desk.see(seen("arxiv", f"arXiv:{ARXIV}"))
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.merged == ("https://blog.example/1",)
    assert event.aliases == (f"arXiv:{ARXIV}", "https://blog.example/1")
    assert (event.changes, event.revision) == ((), 2)
    assert list(desk.works) == [f"arXiv:{ARXIV}"]
    assert desk.named(["https://blog.example/1"]) == {"https://blog.example/1": f"arXiv:{ARXIV}"}


def two_works(desk: Desk) -> None:
    desk.see(seen("arxiv", f"arXiv:{ARXIV}"), seen("arxiv", f"arXiv:{ARXIV}", abstract="Better.", version=2))
    desk.see(seen("crossref", f"doi:{DOI}", "Cranes of paper, folded by robot arms", authors=("Bo Fold",)))
    assert len(desk.works) == 2


def test_later_evidence_joins_two_works_and_nobody_is_alerted(desk: Desk) -> None:
    two_works(desk)
    (event,) = desk.see(seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI}))
    assert event.merged == (f"doi:{DOI}",)
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.changes == ()
    assert event.revision == 3, "it exceeds those of both"
    assert event.paper.identifiers == {"arxiv": ARXIV, "doi": DOI}
    assert {ref.source for ref in event.paper.sources} == {"arxiv", "crossref", "semantic"}
    assert [happened.kind for happened in event.paper.life] == [ChangeKind.REVISED, ChangeKind.PUBLISHED]
    assert desk.named([f"doi:{DOI}", "s2:7"]) == {f"doi:{DOI}": f"arXiv:{ARXIV}", "s2:7": f"arXiv:{ARXIV}"}
    assert desk.see(seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI})) == []
    title = "Cranes of paper, folded by robot arms"
    (again,) = desk.see(seen("blog", "https://blog.example/1", title, authors=("Bo Fold",)))
    assert again.paper.id == f"arXiv:{ARXIV}", "its earlier title leads to it too"


def test_a_title_and_author_join_two_works_too(desk: Desk) -> None:
    two_works(desk)
    (event,) = desk.see(seen("crossref", f"doi:{DOI}", TITLE))
    assert event.merged == (f"doi:{DOI}",)
    assert event.changes == ()


def test_the_more_trusted_words_survive_a_join_and_the_counters_of_both(desk: Desk) -> None:
    desk.see(seen("crossref", f"doi:{DOI}", "Cranes!!", abstract="", authors=(), signals=Signals(citations=4)))
    desk.see(seen("arxiv", f"arXiv:{ARXIV}", signals=Signals(upvotes=3)))
    (event,) = desk.see(seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI}, signals=Signals(upvotes=5)))
    assert event.paper.title == TITLE
    assert event.paper.signals == Signals(upvotes=5, citations=4)
    assert [(change.kind, change.fields) for change in event.changes] == [(ChangeKind.SIGNALS, ("upvotes",))]


def test_two_papers_of_one_archive_stay_two_whoever_says_they_are_one(desk: Desk) -> None:
    first, second = f"arXiv:{ARXIV}", "arXiv:2401.00002"
    desk.see(seen("arxiv", first, identifiers={"doi": DOI}))
    (event,) = desk.see(seen("arxiv", second, "Folding cranes with robot arms, part two", identifiers={"doi": DOI}))
    assert event.paper.id == second
    assert event.paper.oddities == (f"arxiv gives doi:{DOI}, but that is {first}, another paper of the same archive",)
    assert event.paper.identifiers == {"arxiv": "2401.00002"}
    assert event.merged == ()
    assert desk.named([f"doi:{DOI}"]) == {f"doi:{DOI}": first}
    assert desk.see(seen("arxiv", second, "Folding cranes with robot arms, part two", identifiers={"doi": DOI})) == []


def test_a_doi_that_points_to_another_title_joins_nothing(desk: Desk) -> None:
    desk.see(seen("crossref", f"doi:{DOI}", "On the migration of herring gulls", authors=("Cy Wing",)))
    (event,) = desk.see(seen("arxiv", f"arXiv:{ARXIV}", identifiers={"doi": DOI}))
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.paper.oddities == (f"arxiv gives doi:{DOI}, but that is doi:{DOI}, which has another title",)
    assert event.aliases == (f"arXiv:{ARXIV}",)
    assert len(desk.works) == 2


def test_what_has_only_a_doi_that_is_anothers_gets_an_id_of_ours_and_keeps_it(desk: Desk) -> None:
    desk.see(seen("arxiv", f"arXiv:{ARXIV}", identifiers={"doi": DOI}))
    gulls = seen("crossref", f"doi:{DOI}", "Gulls", authors=("Cy Wing",))
    (event,) = desk.see(gulls)
    assert event.paper.id.startswith("pw:")
    assert event.paper.oddities
    assert desk.see(gulls) == []
    assert len(desk.works) == 2


def test_published_as_in_a_circle(desk: Desk) -> None:
    first, second = "10.1000/a", "10.1000/b"
    desk.see(
        seen("crossref", f"doi:{first}", identifiers={"published": second}),
        seen("crossref", f"doi:{second}", identifiers={"published": first}),
        seen("crossref", f"doi:{first}", identifiers={"published": first}),
    )
    assert desk.named([f"doi:{first}", f"doi:{second}"]) == dict.fromkeys(
        [f"doi:{first}", f"doi:{second}"], f"doi:{first}"
    )
    assert desk.news == ["new"]


def test_a_preprint_that_a_journal_publishes(desk: Desk) -> None:
    preprint = seen("biorxiv", f"doi:{PREPRINT}", version=1)
    desk.see(preprint)
    (event,) = desk.see(seen("biorxiv", f"doi:{PREPRINT}", version=1, identifiers={"published": DOI}))
    assert [(change.kind, change.version) for change in event.changes] == [(ChangeKind.PUBLISHED, DOI)]
    assert event.paper.identifiers == {"doi": PREPRINT, "published": DOI}
    (also,) = desk.see(seen("crossref", f"doi:{DOI}", venue="Annals of Folding"))
    assert also.paper.id == f"doi:{PREPRINT}"
    assert also.paper.venue == "Annals of Folding"
    assert desk.news == ["new", "published"], "a venue after the DOI is no second news"


def test_a_short_title_or_another_author_joins_nothing(desk: Desk) -> None:
    desk.see(seen("blog", "blog:1", "Introduction"), seen("blog", "blog:2", "Introduction"))
    desk.see(seen("blog", "blog:3"), seen("blog", "blog:4", authors=("Bea Origami",)))
    assert set(desk.works) == {"blog:1", "blog:2", "blog:3", "blog:4"}


def test_of_two_papers_with_one_title_the_better_id_has_it_whoever_came_first(desk: Desk) -> None:
    other = Desk()
    first, second = seen("arxiv", "arXiv:2401.00001"), seen("arxiv", "arXiv:2401.00002")
    desk.see(first, second)
    other.see(second, first)
    assert desk.aliases == other.aliases
    (event,) = other.see(seen("blog", "https://blog.example/1"))
    assert event.paper.id == "arXiv:2401.00001"
