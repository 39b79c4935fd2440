"""The identity of a work: which ids it has, and when two sightings are of one."""

from typing import Any

import pytest

from services.enricher.identity import differ, fingerprint, identifiers, public_ids, title_key, work_id
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
def test_identifiers_in_their_one_spelling(fields: dict[str, Any], known: dict[str, str]) -> None:
    assert identifiers(item(**fields)) == known


@pytest.mark.parametrize(
    ("fields", "own"),
    (
        ({"id": "https://arxiv.org/abs/2401.00001v3", "identifiers": {"doi": "10.1000/x"}}, "arXiv:2401.00001"),
        ({"id": "note-7", "identifiers": {"doi": "10.1000/X"}}, "doi:10.1000/x"),
        ({"id": " note-7 "}, "note-7"),
    ),
)
def test_the_id_of_a_work(fields: dict[str, Any], own: str) -> None:
    seen = item(**fields)
    assert work_id(seen, identifiers(seen)) == own


def test_without_any_id_it_is_a_hash_of_title_and_first_author() -> None:
    one, same, other = item(id=" "), item(id=""), item(id="", authors=("Cy Crease",))
    assert work_id(one, {}).startswith("pw:")
    assert work_id(one, {}) == work_id(same, {})
    assert work_id(one, {}) != work_id(other, {})


def test_it_can_be_asked_for_by_every_id() -> None:
    seen = item(id="oai:arXiv.org:2401.00001v2", identifiers={"doi": "10.1000/X"})
    assert public_ids(seen, identifiers(seen)) == ("arXiv:2401.00001", "doi:10.1000/x")
    note = item(id="note-7", identifiers={"doi": "10.1000/x"})
    assert public_ids(note, identifiers(note)) == ("doi:10.1000/x", "note-7")


def key(title: str, *authors: str) -> str | None:
    return title_key(item(title=title, authors=authors))


def test_the_title_key_forgives_spelling() -> None:
    told = key("Folding Crânes: with a Robot-Arm", "Ada Origami", "Bo Fold")
    assert told
    assert told == key("folding cranes with a robot arm!", "A. Origami")
    assert told == key("Folding cranes with a robot arm", "Origami, Ada")
    assert told != key("Folding cranes with a robot arm", "Bo Fold")
    assert told != key("Folding cranes with two robot arms", "Ada Origami")
    assert told != key("Folding cranes with a robot arm")


def test_a_short_title_identifies_nothing() -> None:
    assert key("Introduction", "Ada Origami") is None
    assert key("…?!", "Ada Origami") is None


def test_two_papers_of_one_archive_differ() -> None:
    assert differ({"arxiv": "2401.00001"}, {"arxiv": "2401.00002"})
    assert not differ({"arxiv": "2401.00001"}, {"arxiv": "2401.00001"})
    assert not differ({"arxiv": "2401.00001", "doi": "10.1/a"}, {"doi": "10.1/b"})


def test_a_fingerprint_keeps_title_and_abstract_apart() -> None:
    assert fingerprint("a", "b") == fingerprint("a", "b")
    assert len({fingerprint("a", "b"), fingerprint("a b", ""), fingerprint("", "a b"), fingerprint("ab", "")}) == 4
