"""What of a paper is embedded."""

import pytest

from shared.embedding.embedder import text_of


@pytest.mark.parametrize(
    ("title", "abstract", "text"),
    (("A title", "An abstract.", "A title\nAn abstract."), ("A title", "", "A title"), ("", "", "")),
)
def test_the_embedded_text_of_a_paper(title: str, abstract: str, text: str) -> None:
    assert text_of(title, abstract) == text
