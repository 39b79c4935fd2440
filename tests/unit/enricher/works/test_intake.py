"""One work under many ids: which sightings join, which do not, and which changes they make."""

from datetime import timedelta
from typing import Any

import pytest

from services.enricher.works.merging import merge
from services.enricher.works.sighting import prepare
from services.enricher.works.uniting import unite
from shared.papers.events import Item
from shared.papers.paper import ChangeKind, Signals
from tests.support import NOW, item
from tests.unit.enricher.works.local_enricher import LocalEnricher

TITLE = "On the art of folding paper cranes with a robot arm"
ARXIV, DOI, PREPRINT, FORUM = "2401.00001", "10.1000/cranes", "10.1101/2024.01.02.573890", "aB_3-x"


def seen(source: str, name: str, title: str = TITLE, **fields: Any) -> Item:
    return item(source=source, id=name, title=title, **fields)


@pytest.fixture
def enricher() -> LocalEnricher:
    return LocalEnricher()


def test_every_kind_of_id_resolves_to_one_work(enricher: LocalEnricher) -> None:
    """INVARIANT: a second sighting adds a source and never makes a second alert."""
    other = "Cranes, folded by an arm: the art of it on paper"
    enricher.see(
        seen("arxiv", f"arXiv:{ARXIV}v1", identifiers={"doi": DOI}),
        seen("huggingface", f"https://huggingface.co/papers/{ARXIV}"),
        seen("crossref", f"https://doi.org/{DOI.upper()}", other, identifiers={"openreview": FORUM}),
        seen("openreview", f"https://openreview.net/forum?id={FORUM}", other, authors=("Bo Fold",)),
        seen("biorxiv", f"doi:{PREPRINT}v2", identifiers={"published": DOI}),
        seen("blog", "https://blog.example/1", authors=("A. Origami",)),
    )
    names = (f"arXiv:{ARXIV}", f"doi:{DOI}", f"doi:{PREPRINT}", f"openreview:{FORUM}", "https://blog.example/1")
    assert enricher.named(names) == dict.fromkeys(names, f"arXiv:{ARXIV}")
    (work,) = enricher.works.values()
    assert set(work.aliases) == set(names)
    assert len(work.paper.sources) == 6
    assert enricher.news == ["new"]


def test_a_better_id_renames_a_work_and_the_old_one_still_resolves(enricher: LocalEnricher) -> None:
    enricher.see(seen("blog", "https://blog.example/1"))
    (event,) = enricher.see(seen("arxiv", f"arXiv:{ARXIV}"))
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.merged == ("https://blog.example/1",)
    assert event.aliases == (f"arXiv:{ARXIV}", "https://blog.example/1")
    assert (event.changes, event.revision) == ((), 2)
    assert list(enricher.works) == [f"arXiv:{ARXIV}"]
    assert enricher.named(["https://blog.example/1"]) == {"https://blog.example/1": f"arXiv:{ARXIV}"}


def test_the_first_id_of_a_work_stays_whatever_it_is_called_later(enricher: LocalEnricher) -> None:
    (begun,) = enricher.see(seen("blog", "https://blog.example/1"))
    (published,) = enricher.see(seen("crossref", f"doi:{DOI}"))
    (posted,) = enricher.see(seen("arxiv", f"arXiv:{ARXIV}"))
    assert [event.paper.id for event in (begun, published, posted)] == [
        "https://blog.example/1",
        f"doi:{DOI}",
        f"arXiv:{ARXIV}",
    ]
    assert begun.paper.first_id is None
    assert {event.paper.first_id for event in (published, posted)} == {"https://blog.example/1"}
    (revised,) = enricher.see(seen("arxiv", f"arXiv:{ARXIV}", abstract="Better.", version=2, trust=3))
    assert revised.paper.first_id == "https://blog.example/1"


@pytest.mark.parametrize("first", (f"arXiv:{ARXIV}", f"doi:{DOI}"))
def test_joined_works_keep_the_first_id_of_the_one_that_was_seen_first(first: str) -> None:
    names = sorted((f"arXiv:{ARXIV}", f"doi:{DOI}"), key=lambda name: name != first)
    titles = (TITLE, "Cranes of paper, folded by robot arms")
    both = [prepare(seen("any", name, title)) for name, title in zip(names, titles, strict=True)]
    one, other = [merge(None, each, NOW + timedelta(days=day)).work for day, each in enumerate(both)]
    for works in ((one, other), (other, one)):
        joined = unite(works, NOW)
        assert joined
        assert joined.paper.id == f"arXiv:{ARXIV}"
        assert (joined.paper.first_id or joined.paper.id) == first


def two_works(enricher: LocalEnricher) -> None:
    enricher.see(seen("arxiv", f"arXiv:{ARXIV}"), seen("arxiv", f"arXiv:{ARXIV}", abstract="Better.", version=2))
    enricher.see(seen("crossref", f"doi:{DOI}", "Cranes of paper, folded by robot arms", authors=("Bo Fold",)))
    assert len(enricher.works) == 2


def test_later_evidence_joins_two_works_without_a_change(enricher: LocalEnricher) -> None:
    two_works(enricher)
    (event,) = enricher.see(seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI}))
    assert event.merged == (f"doi:{DOI}",)
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.changes == ()
    assert event.revision == 3, "it is higher than both"
    assert event.paper.identifiers == {"arxiv": ARXIV, "doi": DOI}
    assert {ref.source for ref in event.paper.sources} == {"arxiv", "crossref", "semantic"}
    assert [happened.kind for happened in event.paper.life] == [ChangeKind.REVISED, ChangeKind.PUBLISHED]
    assert enricher.named([f"doi:{DOI}", "s2:7"]) == {f"doi:{DOI}": f"arXiv:{ARXIV}", "s2:7": f"arXiv:{ARXIV}"}
    assert enricher.see(seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI})) == []
    title = "Cranes of paper, folded by robot arms"
    (again,) = enricher.see(seen("blog", "https://blog.example/1", title, authors=("Bo Fold",)))
    assert again.paper.id == f"arXiv:{ARXIV}", "its earlier title resolves to it too"


def test_title_and_author_join_two_works(enricher: LocalEnricher) -> None:
    two_works(enricher)
    (event,) = enricher.see(seen("crossref", f"doi:{DOI}", TITLE))
    assert event.merged == (f"doi:{DOI}",)
    assert event.changes == ()


def test_a_join_keeps_the_more_trusted_text_and_the_counters_of_both(enricher: LocalEnricher) -> None:
    enricher.see(seen("crossref", f"doi:{DOI}", "Cranes!!", abstract="", authors=(), signals=Signals(citations=4)))
    enricher.see(seen("arxiv", f"arXiv:{ARXIV}", signals=Signals(upvotes=3)))
    (event,) = enricher.see(
        seen("semantic", "s2:7", identifiers={"arxiv": ARXIV, "doi": DOI}, signals=Signals(upvotes=5))
    )
    assert event.paper.title == TITLE
    assert event.paper.signals == Signals(upvotes=5, citations=4)
    assert [(change.kind, change.fields) for change in event.changes] == [(ChangeKind.SIGNALS, ("upvotes",))]


def test_two_papers_of_one_archive_are_never_joined(enricher: LocalEnricher) -> None:
    first, second = f"arXiv:{ARXIV}", "arXiv:2401.00002"
    enricher.see(seen("arxiv", first, identifiers={"doi": DOI}))
    (event,) = enricher.see(seen("arxiv", second, "Folding cranes with robot arms, part two", identifiers={"doi": DOI}))
    assert event.paper.id == second
    assert event.paper.oddities == (f"arxiv gives doi:{DOI}, but that is {first}, another paper of the same archive",)
    assert event.paper.identifiers == {"arxiv": "2401.00002"}
    assert event.merged == ()
    assert enricher.named([f"doi:{DOI}"]) == {f"doi:{DOI}": first}
    assert (
        enricher.see(seen("arxiv", second, "Folding cranes with robot arms, part two", identifiers={"doi": DOI})) == []
    )


def test_a_doi_that_points_to_another_title_joins_nothing(enricher: LocalEnricher) -> None:
    enricher.see(seen("crossref", f"doi:{DOI}", "On the migration of herring gulls", authors=("Cy Wing",)))
    (event,) = enricher.see(seen("arxiv", f"arXiv:{ARXIV}", identifiers={"doi": DOI}))
    assert event.paper.id == f"arXiv:{ARXIV}"
    assert event.paper.oddities == (f"arxiv gives doi:{DOI}, but that is doi:{DOI}, which has another title",)
    assert event.aliases == (f"arXiv:{ARXIV}",)
    assert len(enricher.works) == 2


def test_a_paper_whose_only_doi_belongs_to_another_gets_an_id_and_keeps_it(enricher: LocalEnricher) -> None:
    enricher.see(seen("arxiv", f"arXiv:{ARXIV}", identifiers={"doi": DOI}))
    gulls = seen("crossref", f"doi:{DOI}", "Gulls", authors=("Cy Wing",))
    (event,) = enricher.see(gulls)
    assert event.paper.id.startswith("pw:")
    assert event.paper.oddities
    assert enricher.see(gulls) == []
    assert len(enricher.works) == 2


def test_papers_that_are_published_as_each_other_make_no_circle(enricher: LocalEnricher) -> None:
    first, second = "10.31234/osf.io/a", "10.1000/b"
    enricher.see(
        seen("crossref", f"doi:{first}", identifiers={"published": second}),
        seen("crossref", f"doi:{second}", identifiers={"published": first}),
        seen("crossref", f"doi:{first}", identifiers={"published": first}),
    )
    assert enricher.named([f"doi:{first}", f"doi:{second}"]) == dict.fromkeys(
        [f"doi:{first}", f"doi:{second}"], f"doi:{first}"
    )
    assert enricher.news == ["new"]


def test_a_preprint_joins_its_journal_version(enricher: LocalEnricher) -> None:
    preprint = seen("biorxiv", f"doi:{PREPRINT}", version=1)
    enricher.see(preprint)
    (event,) = enricher.see(seen("biorxiv", f"doi:{PREPRINT}", version=1, identifiers={"published": DOI}))
    assert [(change.kind, change.version) for change in event.changes] == [(ChangeKind.PUBLISHED, DOI)]
    assert event.paper.identifiers == {"doi": PREPRINT, "published": DOI}
    (also,) = enricher.see(seen("crossref", f"doi:{DOI}", venue="Annals of Folding"))
    assert also.paper.id == f"doi:{PREPRINT}"
    assert also.paper.venue == "Annals of Folding"
    assert enricher.news == ["new", "published"], "a venue after the DOI makes no second change"


def test_a_short_title_or_another_author_joins_nothing(enricher: LocalEnricher) -> None:
    enricher.see(seen("blog", "blog:1", "Introduction"), seen("blog", "blog:2", "Introduction"))
    enricher.see(seen("blog", "blog:3"), seen("blog", "blog:4", authors=("Bea Origami",)))
    assert set(enricher.works) == {"blog:1", "blog:2", "blog:3", "blog:4"}


def test_a_shared_title_resolves_to_the_better_id(enricher: LocalEnricher) -> None:
    other = LocalEnricher()
    first, second = seen("arxiv", "arXiv:2401.00001"), seen("arxiv", "arXiv:2401.00002")
    enricher.see(first, second)
    other.see(second, first)
    assert enricher.aliases == other.aliases
    (event,) = other.see(seen("blog", "https://blog.example/1"))
    assert event.paper.id == "arXiv:2401.00001"


def test_a_feed_that_links_to_arxiv_is_one_more_sighting(enricher: LocalEnricher) -> None:
    """INVARIANT: its words never replace those of the archive, and nobody is alerted about them."""
    enricher.see(seen("arxiv", f"arXiv:{ARXIV}", trust=3, published="2024-01-02", version=1))
    blog = seen("blog", f"arXiv:{ARXIV}", "Weekly links", abstract="I did not like it.", authors=("Ann Blogger",))
    enricher.see(blog.model_copy(update={"published": "2026-06-01", "url": f"https://arxiv.org/abs/{ARXIV}"}))
    (work,) = enricher.works.values()
    assert (work.paper.title, work.paper.published, work.text_source) == (TITLE, "2024-01-02", "arxiv")
    assert [ref.source for ref in work.paper.sources] == ["arxiv", "blog"]
    assert enricher.news == ["new"]


def test_an_id_without_a_scheme_is_local(enricher: LocalEnricher) -> None:
    """INVARIANT: two files that number their papers join none; a paper that is seen again under its number is one."""
    other = "Lattice computations on graphics processors"
    enricher.see(seen("file", "1"), seen("file", "1", other, authors=("Bo Fold",)))
    enricher.see(seen("file", "1", other, authors=("Bo Fold",)), seen("file", "1", f"{TITLE}, revised"))
    assert sorted(work.paper.title for work in enricher.works.values()) == [other, f"{TITLE}, revised"]
    assert [name for name in enricher.works if name == "1"] == ["1"]


def test_orcids_tell_first_authors_apart_and_together(enricher: LocalEnricher) -> None:
    """One title and one initial name a work; who the person is, an iD says better than a name."""
    ada, anna = "0000-0002-1825-0097", "0000-0001-5109-3700"
    enricher.see(seen("blog", "https://blog.example/1", authors=("Ada Origami",), orcids={"Ada Origami": ada}))
    enricher.see(seen("wiki", "https://wiki.example/1", authors=("Ada Origami",), orcids={"Ada Origami": anna}))
    assert len(enricher.works) == 2
    enricher.see(
        seen("club", "https://club.example/1", authors=("Adelheid Origami",), orcids={"Adelheid Origami": ada})
    )
    assert len(enricher.works) == 2
