"""References to journals and proceedings: read whole, or not at all."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.papers.journal_references import JournalReference as J
from shared.papers.journal_references import read_reference


@pytest.mark.parametrize(
    ("text", "reference"),
    (
        ("Phys. Fold. D 98, 030001 (2019)", J("Phys. Fold. D", "98", None, "030001", 2019)),
        ("J. High Fold Phys. 05 (2020) 123", J("J. High Fold Phys.", "05", None, "123", 2020)),
        ("Nature 123 (2001) 4-9", J("Nature", "123", None, "4-9", 2001)),
        ("Nature 123 (2001) 4–9.", J("Nature", "123", None, "4-9", 2001)),
        ("MNRAF, 500, 1234-1245 (2021)", J("MNRAF", "500", None, "1234-1245", 2021)),
        ("Phys.Fold.D67:043508,2003", J("Phys.Fold.", "D67", None, "043508", 2003)),
        ("Astrofold.J.871:120,2019", J("Astrofold.J.", "871", None, "120", 2019)),
        ("Fold Letters B, Volume 790, 10 March 2019, Pages 1-7", J("Fold Letters B", "790", None, "1-7", 2019)),
        ("Folds, Volume 35, Issue 4, 15 February 2019, Pages 5–7", J("Folds", "35", "4", "5-7", 2019)),
        ("FOLDMA 15 (2019), 001, 20 pages", J("FOLDMA", "15", None, "001", 2019)),
        ("PoS(FOLD2019)123", J("PoS", "FOLD2019", None, "123", None)),
        ("PoS FOLD2019 (2020) 123", J("PoS", "FOLD2019", None, "123", 2020)),
        ("Nucl.Fold. B586 (2000) 3-38", J("Nucl.Fold.", "B586", None, "3-38", 2000)),
        ("JHEF 0503:025,2005", J("JHEF", "0503", None, "025", 2005)),
        ("JHEF05(2020)123", J("JHEF", "05", None, "123", 2020)),
        ("Fold & Crease 640, A10 (2020)", J("Fold & Crease", "640", None, "A10", 2020)),
        ("Fold & Crease, Volume 640, id.A10, 2020", J("Fold & Crease", "640", None, "A10", 2020)),
        ("Trans. Fold. Theory, vol. 12, no. 3, pp. 4-9, Mar. 2020", J("Trans. Fold. Theory", "12", "3", "4-9", 2020)),
        ("J. Fold. 12 (2026), no. 3, 4-9", J("J. Fold.", "12", "3", "4-9", 2026)),
        ("J. Fold. 12(3), 4-9 (2026)", J("J. Fold.", "12", "3", "4-9", 2026)),
        ("J. Fold. 12(3):4-9, 2026", J("J. Fold.", "12", "3", "4-9", 2026)),
        ("J Fold 2026;12(3):4-9", J("J Fold", "12", "3", "4-9", 2026)),
        ("J Fold. 2026 Mar;12(3):4-9", J("J Fold.", "12", "3", "4-9", 2026)),
        ("Мат. журн., 200:3 (2009), 5-20", J("Мат. журн.", "200", "3", "5-20", 2009)),
        ("Журнал складок, 2009, т. 64, вып. 3, с. 5-20", J("Журнал складок", "64", "3", "5-20", 2009)),
        ("J. Plis Appl., tome 12, n° 3, p. 4-9, 2020", J("J. Plis Appl.", "12", "3", "4-9", 2020)),
        ("Ann. Falten, Bd. 12, H. 3, S. 4-9 (1920)", J("Ann. Falten", "12", "3", "4-9", 1920)),
        ("Revista de Pliegues, vol. 12, núm. 3, pp. 4-9, 2020", J("Revista de Pliegues", "12", "3", "4-9", 2020)),
        ("Fold. Commun. 11, Article number: 123 (2020)", J("Fold. Commun.", "11", None, "123", 2020)),
        ("Fold ONE 15(3): e0230000 (2020)", J("Fold ONE", "15", "3", "e0230000", 2020)),
        ("2D Folds 5, 015001 (2018)", J("2D Folds", "5", None, "015001", 2018)),
        ("Folds 2020, 22(3), 300", J("Folds", "22", "3", "300", 2020)),
        ("J. Stat. Fold. (2020) 013101", J("J. Stat. Fold.", None, None, "013101", 2020)),
        ("J. Stat. Fold. P05012 (2010)", J("J. Stat. Fold.", None, None, "P05012", 2010)),
        ("Nature 123, 4 (2001), doi:10.1234/xyz", J("Nature", "123", None, "4", 2001)),
        ("Fold Review Letters 130, 000001", J("Fold Review Letters", "130", None, "000001", None)),
        ("Journal of Folding, 1(1)", J("Journal of Folding", "1", "1", None, None)),
        ("FoldIPS 2024", J("FoldIPS", None, None, None, 2024)),
        ("Fold Review Letters", J("Fold Review Letters", None, None, None, None)),
        ("Folds & Cranes", J("Folds & Cranes", None, None, None, None)),
        ("Proc. Natl. Acad. Fold. 117 (2020) 1-9", J("Proc. Natl. Acad. Fold.", "117", None, "1-9", 2020)),
    ),
)
def test_a_reference_to_a_journal_is_read(text: str, reference: J) -> None:
    assert read_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "name", "series", "volume", "pages", "year"),
    (
        ("Proceedings of the 4th FOLD, PMLR 2:1-20, 2023", "Proceedings of the 4th FOLD", "PMLR", "2", "1-20", 2023),
        ("In: Proc. of the Fold Workshop (2023), pp. 4-9", "Proc. of the Fold Workshop", None, None, "4-9", 2023),
        ("In Proceedings of FOLD 2023, pages 4–9", "Proceedings of FOLD", None, None, "4-9", 2023),
        ("In: Paper and Cranes, pp. 4-9 (2023)", "Paper and Cranes", None, None, "4-9", 2023),
        ("Proceedings of the 3rd Workshop", "Proceedings of the 3rd Workshop", None, None, None, None),
        ("Lecture Notes in Folding, vol. 123, pp. 1-20 (2020)", "Lecture Notes in Folding", None, "123", "1-20", 2020),
        ("Actes du colloque des plis, p. 4-9, 2020", "Actes du colloque des plis", None, None, "4-9", 2020),
        ("Труды конференции, с. 4-9 (2020)", "Труды конференции", None, None, "4-9", 2020),
    ),
)  # fmt: skip
def test_a_reference_to_proceedings_is_read(
    text: str, name: str, series: str | None, volume: str | None, pages: str | None, year: int | None
) -> None:
    assert read_reference(text) == J(name, volume, None, pages, year, series, proceedings=True)


@pytest.mark.parametrize(
    "text",
    (
        "To appear in Annals of Folds",
        "Accepted by Fold Letters",
        "submitted to J. Fold. 12",
        "Nature 123, 4 (2001); Erratum ibid. 124, 5",
        "Fold. Lett. 130 (2023) 000001 [Erratum: 131, 1]",
        "J. Fold. 12 (2020) 4-9; J. Crane 13 (2021) 5-6",
        "Lecture Notes in Folding 12345, pp. 1-20, Crane Press 2020",
        "Chapter 3 of the Book of Folds",
        "Journal 45 pages",
        "arXiv:2401.00001",
        "12 (2020) 4-9",
        "J. Fold. 1, 2, 3, 4, 5",
        "J. Fold. vol. 1, vol. 2",
        "???",
        "",
    ),
)
def test_what_is_not_understood_whole_is_not_read(text: str) -> None:
    assert read_reference(text) is None


@given(st.text(alphabet=st.sampled_from("JFold. ,;:()-0123456789vnop№т"), max_size=60))
def test_no_number_is_lost_or_made(text: str) -> None:
    """INVARIANT: the digits of what is read are those of the text."""
    if found := read_reference(text):
        parts = (found.name, found.volume, found.number, found.pages, str(found.year or ""), found.series)
        assert sorted(filter(str.isdigit, "".join(filter(None, parts)))) == sorted(filter(str.isdigit, text))


@pytest.mark.parametrize("piece", ("1 ", "(", "a", "J. 1, ", "vol. ", "1-", "Mar ", "(2020)", "J.1", ". "))
def test_hostile_texts_are_read_in_time(piece: str) -> None:
    before = time.process_time()
    read_reference("J. Fold. " + piece * 50_000)
    assert time.process_time() - before < 1
