"""Exports as libraries of reference managers read them: pybtex, rispy and citeproc-py."""

import json
from collections.abc import Iterator
from typing import Any

import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from pybtex.database import parse_string

from shared.export.paper_files import whole
from shared.papers.paper import Author, Paper
from tests.unit.shared.export.hard_cases import HARD_CASES

NAMES = ("Ada Origami", "van der Fold, Jan", "Crease, C., Jr.", "World Paper Organization", "García Ejemplo, Gabriel")
WORK = Paper(
    id="arXiv:2401.00001",
    title="Folding {cranes} at 5%",
    authors=tuple(Author(name=name) for name in NAMES),
    published="2024-01-02",
    categories=("cs.RO",),
    identifiers={"arxiv": "2401.00001", "doi": "10.1234/fold_1"},
    venue="J. Fold. & Crease 98, 4-9 (2025)",
)
PAPERS = [paper.model_dump(mode="json") for paper in (WORK, *HARD_CASES)]


def test_pybtex_reads_every_entry_and_the_parts_of_names() -> None:
    entries = parse_string(whole("bibtex", PAPERS).decode(), "bibtex").entries
    assert len(entries) == len(PAPERS)
    entry = entries["origami2025folding"]
    people = [(" ".join(p.first_names), " ".join(p.prelast_names), " ".join(p.last_names), " ".join(p.lineage_names))
              for p in entry.persons["author"]]  # fmt: skip
    assert people == [
        ("Ada", "", "Origami", ""),
        ("Jan", "van der", "Fold", ""),
        ("C.", "", "Crease", "Jr."),
        ("", "", "{World Paper Organization}", ""),
        ("Gabriel", "", "García Ejemplo", ""),
    ]
    assert {**entry.fields}.items() >= {
        "journal": r"J. Fold. \& Crease", "volume": "98", "pages": "4--9", "year": "2025", "doi": "10.1234/fold_1",
        "eprint": "2401.00001", "archiveprefix": "arXiv", "primaryclass": "cs.RO",
    }.items()  # fmt: skip


def test_rispy_reads_every_record() -> None:
    records = rispy.loads(whole("ris", PAPERS).decode())
    assert [record["title"] for record in records] == [" ".join(paper["title"].split()) for paper in PAPERS]
    first = records[0]
    assert first["authors"] == [
        "Origami, Ada", "van der Fold, Jan", "Crease, C., Jr.", "World Paper Organization", "García Ejemplo, Gabriel",
    ]  # fmt: skip
    named = ("type_of_reference", "secondary_title", "volume", "start_page", "end_page", "year", "doi")
    assert [first[name] for name in named] == ["JOUR", "J. Fold. & Crease", "98", "4", "9", "2025", "10.1234/fold_1"]


def test_a_preprint_in_ris_has_the_tags_that_zotero_reads_as_id_and_language() -> None:
    preprint = WORK.model_copy(update={"venue": None, "language": "en"}).model_dump(mode="json")
    (record,) = rispy.loads(whole("ris", [preprint]).decode())
    named = ("type_of_reference", "accession_number", "language", "date", "year")
    assert [record[name] for name in named] == ["UNPB", "arXiv:2401.00001", "en", "2024/01/02", "2024"]


def test_citeproc_cites_every_item() -> None:
    items = json.loads(whole("csl", PAPERS))
    cited = list(bibliography(items))
    assert len(cited) == len(PAPERS)
    text = cited[0]
    assert text.startswith("Origami, A. et al. (2025)")
    assert "J. Fold. & Crease, 98, pp. 4–9" in text


def bibliography(items: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the entry of each item in a style; the library compares ids without their case, so that each is alone."""
    for item in items:
        source = CiteProcJSON([item])
        made = CitationStylesBibliography(
            CitationStylesStyle("harvard-cite-them-right", validate=False), source, formatter.plain
        )
        made.register(Citation([CitationItem(next(iter(source)))]))
        (entry,) = made.bibliography()
        yield str(entry)
