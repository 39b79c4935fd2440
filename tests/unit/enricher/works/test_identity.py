"""The identity of a work: its ids, and when two sightings belong to one work."""

from typing import Any

import pytest

from services.enricher.works.work import (
    assign_dois,
    fallback_id,
    fingerprint,
    identifiers,
    identifiers_conflict,
    merge_identifiers,
    public_ids,
    title_key,
    titles_differ,
)
from tests.support import item


@pytest.mark.parametrize(
    ("fields", "known"),
    (
        ({"id": "arXiv:2401.00001"}, {"arxiv": "2401.00001"}),
        ({"id": "https://x.example/1", "url": "https://arxiv.org/abs/2401.00001v3"}, {"arxiv": "2401.00001"}),
        ({"id": "10.48550/arXiv.2401.00001"}, {"arxiv": "2401.00001"}),
        ({"id": "x", "identifiers": {"doi": "10.48550/arXiv.2401.00001"}}, {"arxiv": "2401.00001"}),
        ({"id": "x", "identifiers": {"arxiv": "2401.00001v2"}}, {"arxiv": "2401.00001"}),
        ({"id": "arXiv:2401.00001", "identifiers": {"arxiv": "rubbish"}}, {"arxiv": "2401.00001"}),
        ({"id": "x", "identifiers": {"arxiv": "rubbish", "doi": "rubbish"}}, {}),
        ({"id": "https://doi.org/10.1000/ABC"}, {"doi": "10.1000/abc"}),
        (
            {"id": "arXiv:2401.00001", "identifiers": {"doi": "https://doi.org/10.1000/ABC", "s2": "77"}},
            {"arxiv": "2401.00001", "doi": "10.1000/abc", "s2": "77"},
        ),
    ),
)
def test_identifiers_have_a_canonical_spelling(fields: dict[str, Any], known: dict[str, str]) -> None:
    assert identifiers(item(**fields)) == known


def own(**fields: Any) -> str:
    seen = item(**fields)
    return public_ids(seen, identifiers(seen))[0]


@pytest.mark.parametrize(
    ("fields", "name"),
    (
        ({"id": "https://arxiv.org/abs/2401.00001v3", "identifiers": {"doi": "10.1000/x"}}, "arXiv:2401.00001"),
        ({"id": "https://huggingface.co/papers/2401.00001"}, "arXiv:2401.00001"),
        ({"id": "note-7", "identifiers": {"doi": "10.1000/X"}}, "doi:10.1000/x"),
        ({"id": "doi:10.1101/2024.01.02.573890v2"}, "doi:10.1101/2024.01.02.573890"),
        (
            {"id": "10.1101/2024.01.02.573890", "identifiers": {"published": "10.1000/x"}},
            "doi:10.1101/2024.01.02.573890",
        ),
        ({"id": "https://openreview.net/forum?id=aB-7"}, "openreview:aB-7"),
        ({"id": " note-7 "}, "note-7"),
    ),
)
def test_the_id_of_a_work_is_its_best_identifier(fields: dict[str, Any], name: str) -> None:
    assert own(**fields) == name


def test_without_any_id_a_work_gets_a_hash_of_title_and_first_author() -> None:
    assert own(id=" ").startswith("pw:")
    assert own(id=" ") == own(id="") == fallback_id(item())
    assert own(id="") != own(id="", authors=("Cy Crease",))


def test_every_id_of_an_item_is_public() -> None:
    seen = item(id="oai:arXiv.org:2401.00001v2", identifiers={"doi": "10.1000/X"})
    assert public_ids(seen, identifiers(seen)) == ("arXiv:2401.00001", "doi:10.1000/x")
    note = item(id="note-7", identifiers={"doi": "10.1000/x"})
    assert public_ids(note, identifiers(note)) == ("doi:10.1000/x", "note-7")


def key(title: str, *authors: str) -> str | None:
    return title_key(item(title=title, authors=authors))


def test_the_title_key_ignores_spelling() -> None:
    published = key("Folding Crânes: with a Robot-Arm", "Ada Origami", "Bo Fold")
    assert published
    assert published == key("folding cranes with a robot arm!", "A. Origami")
    assert published == key("Folding cranes with a robot arm", "Origami, Ada")
    assert published != key("Folding cranes with a robot arm", "Bo Fold")
    assert published == key("Folding cranes with a robot arm", "Origami Ada")
    assert published != key("Folding cranes with two robot arms", "Ada Origami")
    assert published != key("Folding cranes with a robot arm")


def test_a_short_title_identifies_nothing() -> None:
    assert key("Introduction", "Ada Origami") is None
    assert key("…?!", "Ada Origami") is None


def test_the_title_key_has_an_initial_and_no_retraction_notice() -> None:
    title = "Folding cranes with a robot arm"
    assert key(title, "Ada Origami") != key(title, "Bea Origami")
    assert key(title, "Ada Origami") == key(f"WITHDRAWN: {title}", "Ada Origami")
    assert key(title, "Ada Origami") == key(f"[Retracted] {title}", "Ada Origami")


def test_a_preprint_has_its_own_doi_and_that_of_the_journal() -> None:
    preprint, journal = "10.1101/2024.01.02.573890", "10.1000/x"
    assert assign_dois(journal, preprint) == assign_dois(preprint, journal) == {"doi": preprint, "published": journal}
    assert assign_dois(journal, "10.1000/y") == {"doi": journal}
    assert assign_dois() == {}
    assert merge_identifiers({"doi": journal}, {"doi": preprint, "s2": "7"}) == {
        "doi": preprint,
        "published": journal,
        "s2": "7",
    }


@pytest.mark.parametrize(
    ("title", "other", "plainly"),
    (
        ("Folding cranes with a robot arm", "Folded cranes: robots with arms", False),
        ("Folding cranes", "Folding cranes, and what comes of it in the long run", False),
        ("Folding cranes with a robot arm", "On the migration of herring gulls", True),
        ("The of and", "On the migration of herring gulls", False),
    ),
)
def test_clearly_different_titles_are_recognized(title: str, other: str, *, plainly: bool) -> None:
    assert titles_differ(title, other) is titles_differ(other, title) is plainly


def test_two_ids_of_one_archive_conflict() -> None:
    assert identifiers_conflict({"arxiv": "2401.00001"}, {"arxiv": "2401.00002"})
    assert not identifiers_conflict({"arxiv": "2401.00001"}, {"arxiv": "2401.00001"})
    assert not identifiers_conflict({"arxiv": "2401.00001", "doi": "10.1/a"}, {"doi": "10.1/b"})


def test_a_fingerprint_separates_title_and_abstract() -> None:
    assert fingerprint("a", "b") == fingerprint("a", "b")
    assert len({fingerprint("a", "b"), fingerprint("a b", ""), fingerprint("", "a b"), fingerprint("ab", "")}) == 4
