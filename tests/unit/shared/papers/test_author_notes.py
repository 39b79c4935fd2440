"""Names without what sources write beside them."""

import pytest

from shared.papers.author_lists import split_authors
from shared.papers.author_notes import without_notes


@pytest.mark.parametrize(
    ("text", "names"),
    (
        ("jane.roe@example.org (Jane Roe)", ("Jane Roe",)),
        ("jane@example.org (Jane Roe), bo@example.org (Bo Crane)", ("Jane Roe", "Bo Crane")),
        ("Jane Roe), bo@example.org (Bo Crane", ("Jane Roe", "Bo Crane")),  # as feedparser takes out the first address
        ("Jane Roe <jane@example.org>, Bo Crane [bo@example.org]", ("Jane Roe", "Bo Crane")),
        ("no-reply@example.org", ()),
        ("Jane Roe (ORCID: 0000-0002-1825-0097)", ("Jane Roe",)),
        ("https://orcid.org/0000-0002-1825-0097 Jane Roe", ("Jane Roe",)),
        ("Jane Roe1,2, Bo Crane2 and Cy Fold3", ("Jane Roe", "Bo Crane", "Cy Fold")),
        ("Jane Roe, Bo Crane, on behalf of the FOLD Collaboration", ("Jane Roe", "Bo Crane", "FOLD Collaboration")),
        ("Crane2", ("Crane2",)),
        ("FOLD Run 2 Team", ("FOLD Run 2 Team",)),
        ("Experiment E906 Collaboration", ("Experiment E906 Collaboration",)),
    ),
)
def test_what_stands_beside_names_is_dropped(text: str, names: tuple[str, ...]) -> None:
    assert split_authors(text) == names


@pytest.mark.parametrize("text", ("@" * 10_000, "a@" * 5_000, "0000-" * 2_000, "a1,2," * 2_000, "(" * 10_000 + "@"))
def test_no_list_of_names_takes_long(text: str) -> None:
    assert len(without_notes(text)) <= len(text)
