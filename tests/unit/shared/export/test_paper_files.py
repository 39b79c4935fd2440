"""Files of many papers: each paper once under a key of its own, in parts of any size."""

import orjson
import pytest
from bibtexparser.entrypoint import parse_string
from hypothesis import given
from hypothesis import strategies as st

from shared.export.paper_files import FORMATS, File, FormatId, Keys, whole
from shared.papers.paper import Author, Paper
from tests.unit.shared.export.hard_cases import HARD_CASES

DUMPED = [paper.model_dump(mode="json") for paper in HARD_CASES]


def test_every_entry_has_a_key_of_its_own() -> None:
    library = parse_string(whole("bibtex", DUMPED).decode())
    assert library.failed_blocks == []
    keys = [entry.key for entry in library.entries]
    assert len(set(map(str.lower, keys))) == len(keys) == len(HARD_CASES)
    assert keys[:4] == [
        "origami2024folding",
        "origami2024folding-arxiv240100002",
        "origami2024folding-doi101234foldingthree",
        "origami2024folding-pw",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_no_character_is_left_out(form: FormatId) -> None:
    """Biber refuses a file with one, and XML made of it is not well-formed."""
    paper = HARD_CASES[0].model_copy(update={"title": "Fol\ufdd0d\ufffei\U0001ffffng twice"})
    assert "Folding twice" in whole(form, [paper.model_dump()]).decode()


def test_papers_whose_ids_look_alike_have_keys_too() -> None:
    keys = Keys()
    alike = [
        Paper(id=name, title="Folding") for name in ("doi:10.1/a-b", "doi:10.1/ab", "doi:10.1/a.b", "doi:10.1/a_b")
    ]
    assert len({keys.next(paper) for paper in alike}) == len(alike)


@given(st.lists(st.builds(Paper, id=st.text(min_size=1), title=st.text()), unique_by=lambda paper: paper.id))
def test_no_key_comes_twice(papers: list[Paper]) -> None:
    """INVARIANT: whatever papers are called, their keys differ, and have no sign that would end an entry."""
    keys = Keys()
    made = [keys.next(paper) for paper in papers]
    assert len(set(made)) == len(made)
    assert all(key.replace("-", "").isalnum() and key.isascii() for key in made)


@pytest.mark.parametrize("form", ("bibtex", "ris", "csl", "jsonl"))
@pytest.mark.parametrize("size", (1, 3, 100))
def test_a_file_is_the_same_in_parts_of_any_size(form: FormatId, size: int) -> None:
    file = File(form)
    parts = [file.part(DUMPED[start : start + size]) for start in range(0, len(DUMPED), size)]
    assert b"".join([*parts, file.end()]) == whole(form, DUMPED)


def test_csl_is_a_list_however_many_there_are() -> None:
    assert orjson.loads(whole("csl", [])) == []
    assert [item["id"] for item in orjson.loads(whole("csl", DUMPED))] == [paper.id for paper in HARD_CASES]


def test_a_list_of_authors_of_any_length_is_written() -> None:
    crowd = Paper(id="pw:1", title="x", authors=tuple(Author(name=f"Ada Origami{n}") for n in range(5_000)))
    assert (
        len(parse_string(whole("bibtex", [crowd.model_dump()]).decode()).entries[0]["author"].split(" and ")) == 5_000
    )
