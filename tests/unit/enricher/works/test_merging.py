"""Merging of sightings: the work after it, and its changes."""

from typing import Any

import pytest

from services.enricher.works.changes import MAX_LIFE_EVENTS
from services.enricher.works.merging import Merged, merge
from services.enricher.works.records import pack, unpack
from services.enricher.works.sighting import prepare
from services.enricher.works.uniting import unite
from services.enricher.works.work import Work, enriched_event
from shared.export.citation import bibtex
from shared.papers.paper import Appearance, Change, ChangeKind, CodeLink, Signals, Tldr
from tests.support import NOW, item

TITLE = "On the art of folding paper cranes with a robot arm"
LATER = NOW.replace(year=2027)


def sight(before: Work | None, **fields: Any) -> Merged:
    return merge(before, prepare(item(**{"title": TITLE, "version": 1, **fields})), LATER if before else NOW)


def begun(**fields: Any) -> Work:
    return sight(None, **fields).work


def kinds(merged: Merged) -> list[str]:
    return [change.kind.value for change in merged.changes]


def test_a_work_never_seen_is_new() -> None:
    merged = sight(None, identifiers={"doi": "10.1000/X"}, abstract="See https://github.com/ada/cranes.")
    assert merged.changes == (Change(kind=ChangeKind.NEW, version="v1"),)
    paper = merged.work.paper
    assert paper.id == "arXiv:2401.00001"
    assert paper.identifiers == {"arxiv": "2401.00001", "doi": "10.1000/x"}
    assert merged.work.aliases == ("arXiv:2401.00001", "doi:10.1000/x")
    assert [link.url for link in paper.links.code] == ["https://github.com/ada/cranes"]
    assert paper.links.pdf == "https://arxiv.org/pdf/2401.00001"
    assert paper.sources[0].seen_at == "2026-03-04T05:06:07Z"
    assert merged.work.revision == 1


@pytest.mark.parametrize(
    ("fields", "kind"),
    (
        ({"announced": "replace"}, "revised"),
        ({"announced": "replace-cross"}, "revised"),
        ({"announced": "cross"}, "new"),
        ({"announced": "new"}, "new"),
        ({"withdrawn": True}, "withdrawn"),
    ),
)
def test_the_first_sighting_makes_the_new_change(fields: dict[str, Any], kind: str) -> None:
    assert kinds(sight(None, **fields)) == [kind]


def test_a_backfilled_work_makes_no_change() -> None:
    first = sight(None, announced="backfill")
    assert first.changes == ()
    assert not first.unchanged
    again = sight(first.work, announced="backfill", abstract="Other words.", version=2)
    assert again.changes == ()
    assert again.work.paper.abstract == "Other words."
    assert kinds(sight(again.work, announced="replace", abstract="Newer words.", version=3)) == ["revised"]
    assert kinds(sight(again.work, announced="backfill", withdrawn=True, version=2)) == ["withdrawn"]


def test_the_same_sighting_changes_nothing() -> None:
    work = begun()
    again = sight(work)
    assert again.unchanged
    assert again.work == work
    assert again.changes == ()


def test_another_text_of_the_same_source_is_a_revision() -> None:
    merged = sight(
        begun(), version=2, title=TITLE + ", revisited", abstract="We fold better.", authors=("Ada Origami",)
    )
    fields = ("title", "abstract", "authors")
    assert merged.changes == (Change(kind=ChangeKind.REVISED, version="v2", fields=fields),)
    assert merged.work.paper.title == TITLE + ", revisited"
    assert merged.work.revision == 2
    assert merged.work.paper.sources[0].version == 2
    assert merged.work.paper.sources[0].seen_at == "2026-03-04T05:06:07Z"


def test_without_versions_the_text_makes_a_revision_unique() -> None:
    first = sight(begun(version=None), version=None, abstract="Once.")
    second = sight(first.work, version=None, abstract="Twice.")
    assert kinds(first) == kinds(second) == ["revised"]
    assert first.changes[0].version != second.changes[0].version


def test_a_change_of_spelling_is_kept_but_is_no_revision() -> None:
    merged = sight(begun(), title=TITLE.upper() + "!")
    assert merged.changes == ()
    assert not merged.unchanged
    assert merged.work.paper.title == TITLE.upper() + "!"


def test_the_text_of_a_better_source_replaces_ours_without_a_revision() -> None:
    work = begun(source="blog", id="https://blog.example/1", abstract="Cranes!", version=None)
    merged = sight(work, source="arxiv")
    assert merged.changes == ()
    assert merged.work.paper.abstract.startswith("We fold cranes")
    assert merged.work.text_source == "arxiv"


def test_a_tldr_stays_when_a_better_source_replaces_the_text() -> None:
    before = begun(source="huggingface")
    tldr = Tldr(text="A robot folds.", source="semantic-scholar")
    before = before.model_copy(update={"paper": before.paper.model_copy(update={"tldr": tldr})})
    after = sight(before, abstract="Other words.").work
    assert after.text_source == "arxiv"
    assert after.paper.tldr == tldr


def test_a_less_trusted_source_does_not_change_the_text() -> None:
    merged = sight(
        begun(), source="huggingface", title="CRANES!!!", abstract="Other words.", signals=Signals(upvotes=3)
    )
    assert merged.work.paper.title == TITLE
    assert merged.work.paper.abstract.startswith("We fold cranes")
    assert kinds(merged) == ["signals"]


def test_a_less_trusted_source_fills_missing_fields() -> None:
    work = begun(abstract="", authors=())
    paper = sight(work, source="blog", version=None).work.paper
    assert paper.abstract.startswith("We fold cranes")
    assert [author.name for author in paper.authors] == ["Ada Origami", "Bo Fold"]


def test_a_field_that_was_missing_before_is_no_revision() -> None:
    merged = sight(begun(abstract="", authors=()))
    assert merged.changes == ()
    assert merged.work.paper.abstract.startswith("We fold cranes")


def test_an_older_version_that_arrives_late_does_not_replace_the_text() -> None:
    """INVARIANT: sightings out of order leave the newest text."""
    work = begun(version=3, abstract="The third version.")
    merged = sight(work, version=1, abstract="The first version.")
    assert merged.unchanged
    assert merged.work.paper.abstract == "The third version."


def test_an_older_version_under_another_id_does_not_replace_the_text() -> None:
    work = sight(
        begun(source="blog", id="blog:a", version=1), source="blog", id="blog:b", version=3, abstract="Third."
    ).work
    assert sight(work, source="blog", id="blog:a", version=2, abstract="Second.").work.paper.abstract == "Third."


def test_a_second_source_is_added_without_a_change() -> None:
    merged = sight(begun(), source="blog", id="https://blog.example/1", url="https://blog.example/1", version=None)
    assert merged.changes == ()
    assert not merged.unchanged
    assert [(ref.source, ref.url) for ref in merged.work.paper.sources] == [
        ("arxiv", None),
        ("blog", "https://blog.example/1"),
    ]
    assert merged.work.aliases == ("arXiv:2401.00001", "https://blog.example/1")


def test_categories_of_a_cross_list_are_added() -> None:
    merged = sight(begun(), categories=("cs.RO", "cs.LG"), announced="cross")
    assert merged.work.paper.categories == ("cs.RO", "cs.LG")
    assert merged.changes == ()


def test_code_is_added_once_and_keeps_its_stars() -> None:
    starred = CodeLink(url="https://github.com/ada/cranes", stars=5)
    merged = sight(begun(), source="blog", code=(starred,))
    assert merged.changes == (Change(kind=ChangeKind.CODE_ADDED, version="https://github.com/ada/cranes"),)
    again = sight(merged.work, source="blog", code=(CodeLink(url=starred.url),))
    assert again.unchanged
    assert again.work.paper.links.code == (starred,)


def test_addresses_of_repositories_ignore_case() -> None:
    work = begun(code=(CodeLink(url="https://github.com/Ada/Cranes", stars=5),))
    again = sight(work, source="blog", code=(CodeLink(url="https://github.com/ada/cranes"),))
    assert again.changes == ()
    assert again.work.paper.links.code == (CodeLink(url="https://github.com/Ada/Cranes", stars=5),)


def test_a_doi_publishes_an_arxiv_paper_once() -> None:
    merged = sight(begun(), source="crossref", id="10.1000/X", identifiers={"arxiv": "2401.00001"})
    assert merged.changes == (Change(kind=ChangeKind.PUBLISHED, version="10.1000/x"),)
    assert sight(merged.work, source="crossref", id="10.1000/X", identifiers={"arxiv": "2401.00001"}).unchanged


def test_a_work_is_withdrawn_once_and_stays_so() -> None:
    merged = sight(begun(), version=2, withdrawn=True)
    assert merged.changes == (Change(kind=ChangeKind.WITHDRAWN, version="v2"),)
    assert merged.work.paper.status == "withdrawn"
    assert sight(merged.work, version=2).work.paper.status == "withdrawn"


def test_a_new_version_with_the_same_text_is_a_revision_without_fields() -> None:
    merged = sight(begun(), version=2)
    assert merged.changes == (Change(kind=ChangeKind.REVISED, version="v2"),)
    assert sight(merged.work, version=2).unchanged
    unnumbered = begun(version=None)
    assert sight(unnumbered, version=1).changes == ()
    assert kinds(sight(unnumbered, version=2, announced="replace")) == ["revised"]
    assert sight(begun(), source="blog", version=9).changes == ()


def test_revisions_of_authors_alone_have_different_versions() -> None:
    first = sight(begun(version=None), version=None, authors=("Ada Origami",))
    second = sight(first.work, version=None, authors=("Ada Origami", "Cy Crease"))
    assert [change.fields for merged in (first, second) for change in merged.changes] == [("authors",), ("authors",)]
    assert first.changes[0].version != second.changes[0].version


def test_the_changes_of_a_work_follow_its_history() -> None:
    work = sight(begun(), version=2, abstract="Better.", signals=Signals(upvotes=1)).work
    work = sight(work, source="blog", venue="Annals of Folding", code=(CodeLink(url="https://github.com/a/b"),)).work
    work = sight(work, version=3, abstract="Better.", withdrawn=True).work
    assert [(event.kind.value, event.version, event.fields) for event in work.paper.life] == [
        ("revised", "v2", ("abstract",)),
        ("code_added", "https://github.com/a/b", ()),
        ("published", "Annals of Folding", ()),
        ("withdrawn", "v3", ()),
    ]
    assert {event.at for event in work.paper.life} == {"2027-03-04T05:06:07Z"}
    for version in range(4, 40):
        work = sight(work, version=version).work
    assert len(work.paper.life) == MAX_LIFE_EVENTS
    assert work.paper.life[-1].version == "v39"


def test_a_venue_publishes_a_work_unless_it_is_an_archive() -> None:
    published = sight(begun(), source="semantic", venue="Annals of Folding")
    assert published.changes == (Change(kind=ChangeKind.PUBLISHED, version="Annals of Folding"),)
    assert published.work.paper.venue == "Annals of Folding"
    later = sight(published.work, source="crossref", id="10.1000/X", identifiers={"arxiv": "2401.00001"})
    assert later.changes == (), "it was published before"
    assert sight(begun(), source="semantic", venue="arXiv.org").work.paper.venue is None
    assert sight(begun(), source="biorxiv", identifiers={"doi": "10.1101/2024.01.02.573890"}).changes == ()


def test_new_stars_of_a_known_repository_are_a_change_of_signals() -> None:
    def starred(before: Work | None, stars: int | None, source: str = "huggingface") -> Merged:
        return sight(before, source=source, code=(CodeLink(url="https://github.com/a/b", stars=stars),))

    work = starred(begun(), 5).work
    moved = starred(work, 7)
    assert kinds(moved) == ["signals"]
    assert moved.work.paper.links.code == (CodeLink(url="https://github.com/a/b", stars=7),)
    assert starred(moved.work, None, "blog").work.paper.links.code[0].stars == 7


def test_every_change_of_the_counters_has_its_own_version() -> None:
    first = sight(begun(), signals=Signals(upvotes=4))
    second = sight(first.work, signals=Signals(upvotes=5))
    assert first.changes == sight(begun(), signals=Signals(upvotes=4)).changes, (
        "the same counters at the same moment have the same version"
    )
    assert first.changes[0].version != second.changes[0].version


def test_a_withdrawn_work_does_not_trend() -> None:
    work = begun().model_copy(update={"paper": begun().paper.model_copy(update={"trending": 2.0})})
    withdrawn = sight(work, version=2, withdrawn=True)
    assert enriched_event(work, (), NOW).paper.trending == 2.0
    assert enriched_event(withdrawn.work, withdrawn.changes, NOW).paper.trending is None


def test_two_ids_in_one_source_do_not_revise_each_other_in_turn() -> None:
    """INVARIANT: a source that shows a work twice with different texts makes no revisions by that."""
    one = {"source": "openreview", "id": "openreview:a", "abstract": "One.", "version": None}
    two = {"source": "openreview", "id": "openreview:b", "abstract": "Two.", "version": None}
    work = begun(**one)
    for _ in range(2):
        for place in (two, one):
            merged = sight(work, **place)
            assert merged.changes == ()
            work = merged.work
    assert work.paper.abstract == "One."


def test_signals_change_and_an_unknown_counter_stays_unknown() -> None:
    work = begun(signals=Signals(upvotes=3, citations=2))
    merged = sight(work, signals=Signals(upvotes=4))
    assert kinds(merged) == ["signals"]
    assert merged.work.paper.signals == Signals(upvotes=4, citations=2)
    assert merged.work.fingerprint == work.fingerprint


def test_what_a_source_of_less_trust_writes_adds_no_code_but_what_it_states_does() -> None:
    """INVARIANT: the repository that a blog links to in its words is not that of the paper."""
    work, words = begun(), "We tried https://github.com/blog/notes with this paper."
    merged = sight(work, source="blog", trust=0, abstract=words)
    assert merged.changes == ()
    assert merged.work.paper.links.code == ()
    assert kinds(sight(work, version=2, abstract=words)) == ["revised", "code_added"]
    blog = begun(source="blog", trust=0, abstract=words, code=(CodeLink(url="https://github.com/c/d"),))
    assert [link.url for link in sight(blog, abstract="Folded.").work.paper.links.code] == ["https://github.com/c/d"]
    assert [link.url for link in unite((blog, work), NOW).paper.links.code] == ["https://github.com/c/d"]
    stated = sight(work, source="huggingface", trust=1, abstract=words, code=(CodeLink(url="https://github.com/a/b"),))
    assert [link.url for link in stated.work.paper.links.code] == ["https://github.com/a/b"]


def test_a_work_is_read_back_as_it_was_stored() -> None:
    work = sight(begun(signals=Signals(upvotes=3)), source="blog", code=(CodeLink(url="https://x.example/y"),)).work
    assert unpack("", pack(work)) == work


ORCID = "0000-0002-1825-0097"


def test_a_preprint_and_its_journal_keep_where_and_when_it_appeared_there() -> None:
    preprint = {"source": "biorxiv", "id": "doi:10.1101/2025.12.01.1", "published": "2025-12-01", "version": None}
    journal: dict[str, Any] = {
        "source": "file", "id": "doi:10.1234/fold.5", "published": "2026-02-03", "venue": "Folding Letters",
        "version": None, "appeared": Appearance(volume="12", pages="4-9"),
    }  # fmt: skip
    expected = Appearance(volume="12", pages="4-9", year=2026)
    for first, second in ((preprint, journal), (journal, preprint)):
        work = merge(begun(**first), prepare(item(**{"title": TITLE, **second})), LATER).work
        assert work.paper.appeared == expected
        assert work.paper.published == "2025-12-01"
        cited = bibtex(work.paper)
        for field in ("year = {2026}", "volume = {12}", "pages = {4--9}", "doi = {10.1234/fold.5}"):
            assert field in cited
        assert "month" not in cited


@pytest.mark.parametrize(
    ("fields", "year"),
    (
        ({"id": "doi:10.1234/a", "venue": "Folding Letters"}, 2026),
        ({"id": "doi:10.1234/a", "venue": "Folding Letters 12 (2025) 4-9"}, None),
        ({"id": "doi:10.1234/a", "venue": None}, None),
        ({"id": "arXiv:2401.00001", "venue": "Folding Letters"}, None),
        ({"id": "doi:10.1101/2025.12.01.1", "venue": "Folding Letters"}, None),
        ({"id": "doi:10.1234/a", "venue": "Folding Letters", "appeared": Appearance(year=2024)}, 2024),
    ),
)
def test_the_date_of_an_item_of_no_archive_is_that_of_its_venue(fields: dict[str, Any], year: int | None) -> None:
    appeared = begun(**{"published": "2026-01-02", "version": None, **fields}).paper.appeared
    assert (appeared.year if appeared else None) == year


def test_authors_keep_their_orcid_when_another_source_does_not_give_it() -> None:
    work = begun(
        authors=("Ada Origami", "Bo Fold"), orcids={"Ada Origami": f"https://orcid.org/{ORCID}", "Bo Fold": "x"}
    )
    assert [author.orcid for author in work.paper.authors] == [ORCID, None]
    again = sight(work, version=2, authors=("A. Origami", "Bo Fold")).work
    assert [(author.name, author.orcid) for author in again.paper.authors] == [("A. Origami", ORCID), ("Bo Fold", None)]
