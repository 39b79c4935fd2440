"""What is a publication: DOIs and venues."""

import pytest

from shared.papers.publication import is_preprint, is_venue, journal_doi


@pytest.mark.parametrize(
    ("venue", "published"),
    [
        ("Sample Letters", True),
        ("NeurIPS 2024 oral", True),
        ("To appear in the Journal of Kites", True),
        ("J. Fold. 12 (2026) 3-14", True),
        ("Review of Kites", True),
        ("Journal of Submitted Manuscripts", True),
        ("Accepted at ICML 2026", True),
        ("Halcyon Proceedings", True),
        ("Under review for TMLR", False),
        ("Under review as a conference paper at ICLR 2026", False),
        ("Currently under review at J. Kite", False),
        ("Rejected by TMLR", False),
        ("Decision pending for TMLR", False),
        ("Submitted to Physical Review D", False),
        ("submitted", False),
        ("(submitted to J. Fold.)", False),
        ("ICLR 2024 Workshop on Kites Submitted", False),
        ("ICLR 2025 Conference Withdrawn Submission", False),
        ("In preparation", False),
        ("Paper in revision", False),
        ("Manuscript submitted for publication", False),
        ("Soumis à J. Cerf-Volant", False),
        ("Eingereicht bei J. Drachen", False),
        ("arXiv preprint arXiv:2401.00001", False),
        ("CoRR 2023", False),
        ("bioRxiv", False),
        ("Research Square", False),
        ("n/a", False),
        ("--", False),
        ("", False),
    ],
)
def test_a_venue_is_told_from_an_archive_and_from_a_state(venue: str, *, published: bool) -> None:
    assert is_venue(venue) is published


@pytest.mark.parametrize(
    ("doi", "preprint"),
    [
        ("10.1101/2026.01.05.900001", True),
        ("10.1101/gr.900001.126", False),
        ("10.64898/2026.01.05.900001", True),
        ("10.21203/rs.3.rs-9/v1", True),
        ("10.31234/osf.io/abcde", True),
        ("10.2139/ssrn.99", True),
        ("10.1002/essoar.99", True),
        ("10.1002/kite.99", False),
        ("10.99990/kite.1", False),
    ],
)
def test_the_doi_of_a_preprint_is_told_from_that_of_a_journal(doi: str, *, preprint: bool) -> None:
    assert is_preprint(doi) is preprint
    assert journal_doi({"doi": doi}) == (None if preprint else doi)
