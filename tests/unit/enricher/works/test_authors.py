"""The authors of a sighting: a single text that names all of them is split, whatever its source calls a list."""

import pytest

from services.enricher.works.sighting import prepare
from services.fetcher.sources.files.jsonl import parse_line
from shared.papers.events import Item


def authors(*names: str) -> tuple[str, ...]:
    """Return the authors of a sighting with these names."""
    return prepare(Item(source="file", id="x:1", title="Folding", authors=names)).authors


@pytest.mark.parametrize(
    ("names", "found"),
    (
        (("Ada Origami", "Bo Fold"), ("Ada Origami", "Bo Fold")),
        (("Origami, Ada", "Fold, Bo"), ("Origami, Ada", "Fold, Bo")),
        (("Crane and Sons", "Bo Fold"), ("Crane and Sons", "Bo Fold")),
        (("Ada Origami, Bo Fold",), ("Ada Origami", "Bo Fold")),
        (("Origami, Ada",), ("Origami, Ada",)),
        (("Ada Origami &amp; Bo Fold",), ("Ada Origami", "Bo Fold")),
        ((r"{\L}ukasz Fold and J\"{o}rg Origami",), ("Łukasz Fold", "Jörg Origami")),
        (("{Crane and Sons, Inc.} and Fold, Bo",), ("Crane and Sons, Inc.", "Fold, Bo")),
        (("{Sinéad &#233;} and Fold, B.",), ("Sinéad é", "Fold, B.")),
        (("Ada~Origami and <b>Bo</b> Fold",), ("Ada Origami", "Bo Fold")),
        ((":", "Ada Origami"), ("Ada Origami",)),
        ((), ()),
    ),
)
def test_the_authors_of_a_sighting(names: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert authors(*names) == found


@pytest.mark.parametrize(
    "written", ('"Origami, A.; Fold, B."', '"Origami, A. and Fold, B."', '["Origami, A., Fold, B."]')
)
def test_a_line_of_an_import_may_have_all_authors_in_one_text(written: str) -> None:
    item, notes = parse_line(b'{"title": "Folding", "authors": %b}' % written.encode(), 1, "file")
    assert item
    assert notes == []
    assert prepare(item).authors == ("Origami, A.", "Fold, B.")


def test_a_text_of_three_thousand_names_is_read_whole() -> None:
    names = [f"Fold{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}, A." for n in range(3_000)]
    item, _ = parse_line(b'{"title": "Folding", "authors": "%b"}' % ", ".join(names).encode(), 1, "file")
    assert item
    assert prepare(item).authors == tuple(names)
