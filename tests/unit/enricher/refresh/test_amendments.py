"""How works are amended by the answers of providers."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.providers.facts import Facts, Repository
from services.enricher.refresh.amendments import amend
from services.enricher.works.work import Work
from shared.papers.paper import ChangeKind, CodeLink, Links, Paper, Signals, Tldr
from tests.support import NOW, examples

URL = "https://github.com/fold/cranes"
LATER = NOW + timedelta(hours=3)


def work(**fields: Any) -> Work:
    base: dict[str, Any] = {
        "id": "arXiv:2401.00001",
        "title": "Robot arms that fold paper cranes",
        "abstract": "We fold cranes.",
        "identifiers": {"arxiv": "2401.00001"},
    }
    paper = Paper(**{**base, **fields})
    return Work(paper=paper, aliases=(paper.id,), text_source="arxiv")


def facts(**said: Any) -> Facts:
    return Facts(provider="crossref", **said)


def kinds(before: Work, said: Facts) -> list[ChangeKind]:
    return [change.kind for change in amend(before, said, NOW)[1]]


COUNTS = st.none() | st.integers(0, 3)
SAID = st.builds(
    Facts,
    provider=st.just("x"),
    title=st.sampled_from([None, "Robot arms folding cranes", "Gravitational waves from afar"]),
    signals=st.builds(Signals, citations=COUNTS, stars=COUNTS, upvotes=COUNTS),
    venue=st.sampled_from([None, "Folds", "arXiv.org"]),
    published=st.sampled_from([None, "10.1000/j", "10.1101/1"]),
    retracted=st.sampled_from([None, "10.1000/notice"]),
    abstract=st.sampled_from([None, "Another abstract."]),
    tldr=st.sampled_from([None, "A robot folds cranes.", " <b> </b> "]),
    repositories=st.sampled_from([(), (Repository(asked=URL, url="https://github.com/new/cranes", stars=3),)]),
    oddities=st.sampled_from([(), ("odd",)]),
)
WORKS = st.builds(
    work,
    abstract=st.sampled_from(["", "We fold cranes."]),
    venue=st.sampled_from([None, "Folds"]),
    identifiers=st.sampled_from([{"arxiv": "2401.00001"}, {"arxiv": "2401.00001", "doi": "10.1000/j"}]),
    links=st.sampled_from([Links(), Links(code=(CodeLink(url=URL),))]),
)


@examples(300)
@given(WORKS, SAID)
def test_the_same_answer_again_changes_nothing(before: Work, said: Facts) -> None:
    """INVARIANT: an answer may be applied twice, as after an enricher was killed between two transactions."""
    once, _ = amend(before, said, NOW)
    again, changes = amend(once, said, LATER)
    assert again is once
    assert changes == ()


@examples(300)
@given(WORKS, st.lists(SAID, max_size=5))
def test_a_work_keeps_its_id_and_makes_each_change_once(before: Work, said: list[Facts]) -> None:
    """INVARIANT: in any order of answers, the changes `published` and `withdrawn` are made once at most."""
    reported: list[ChangeKind] = []
    now = before
    for each in said:
        now, changes = amend(now, each, NOW)
        reported += [change.kind for change in changes]
    assert (now.paper.id, now.paper.title) == (before.paper.id, before.paper.title)
    assert reported.count(ChangeKind.PUBLISHED) <= 1
    assert reported.count(ChangeKind.WITHDRAWN) <= 1
    assert ChangeKind.CODE_ADDED not in reported
    assert len(now.paper.links.code) <= len(before.paper.links.code)
    assert set(before.aliases) <= set(now.aliases)


def test_an_empty_answer_changes_nothing() -> None:
    before = work()
    assert amend(before, facts(), NOW) == (before, ())


def test_a_doi_or_a_venue_makes_the_published_change() -> None:
    amended, changes = amend(work(), facts(published="10.1000/j", venue="Folds"), NOW)
    assert [change.version for change in changes] == ["10.1000/j"]
    assert amended.aliases == ("arXiv:2401.00001", "doi:10.1000/j")
    assert amended.paper.life[-1].kind is ChangeKind.PUBLISHED
    assert amend(work(), facts(venue="Folds"), NOW)[1][0].version == "Folds"


@pytest.mark.parametrize("venue", ("Corrosion Science", "Preprinting", "OSFAC"))
def test_the_name_of_an_archive_within_a_word_is_no_archive(venue: str) -> None:
    assert amend(work(), facts(venue=venue), NOW)[0].paper.venue == venue


@pytest.mark.parametrize(
    "venue", ("arXiv.org", "bioRxiv", "CoRR", "CoRR abs/2401.00001", "Research Square", "ChemRxiv", "Preprints.org")
)
def test_the_venue_of_an_archive_makes_no_change(venue: str) -> None:
    assert amend(work(), facts(venue=venue), NOW)[1] == ()


def test_a_preprint_keeps_its_doi_beside_that_of_the_journal_version() -> None:
    amended, _ = amend(work(identifiers={"doi": "10.1101/2024.01.02.1"}), facts(published="10.1000/j"), NOW)
    assert amended.paper.identifiers == {"doi": "10.1101/2024.01.02.1", "published": "10.1000/j"}


def test_its_own_doi_as_the_published_one_makes_no_change() -> None:
    before = work(identifiers={"doi": "10.1000/j"})
    assert amend(before, facts(published="10.1000/j"), NOW) == (before, ())


def test_an_answer_about_a_paper_of_another_title_is_ignored() -> None:
    said = facts(title="Gravitational waves", signals=Signals(citations=9), retracted="10.1/n", venue="Waves")
    amended, changes = amend(work(), said, NOW)
    assert changes == ()
    assert amended.paper.signals == Signals()
    assert "Gravitational waves" in amended.paper.oddities[0]


def test_two_links_to_one_repository_become_one() -> None:
    links = Links(code=(CodeLink(url=URL), CodeLink(url="https://github.com/New/Cranes", stars=5)))
    moved = Repository(asked=URL, url="https://github.com/new/cranes", stars=7, archived=False)
    amended, changes = amend(work(links=links), facts(repositories=(moved,)), NOW)
    assert amended.paper.links.code == (CodeLink(url="https://github.com/new/cranes", stars=7, archived=False),)
    assert changes == ()


def test_a_tldr_is_kept_with_its_source_and_does_not_become_the_gist() -> None:
    amended, changes = amend(work(gist=None), Facts(provider="semantic-scholar", tldr="A <i>robot</i> folds."), NOW)
    assert amended.paper == work(gist=None, tldr=Tldr(text="A robot folds.", source="semantic-scholar")).paper
    assert changes == ()


def test_a_tldr_is_bounded_and_stays_after_an_answer_without_one() -> None:
    amended, _ = amend(work(), facts(tldr="fold " * 200), NOW)
    assert amended.paper.tldr
    assert len(amended.paper.tldr.text) <= 500
    assert amend(amended, facts(), LATER) == (amended, ())


def test_signals_alone_change_no_text() -> None:
    amended, changes = amend(work(), facts(signals=Signals(stars=9)), NOW)
    assert amended.fingerprint == work().fingerprint
    assert [change.kind for change in changes] == [ChangeKind.SIGNALS]


def test_oddities_are_unique_and_bounded() -> None:
    now = work()
    for number in range(40):
        now, _ = amend(now, facts(oddities=(f"odd {number}", "odd 1")), NOW)
    assert len(now.paper.oddities) == 10
    assert kinds(now, facts(oddities=("one more",))) == []
