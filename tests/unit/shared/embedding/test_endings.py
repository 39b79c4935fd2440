import pytest

from shared.embedding.embedder import endings


@pytest.mark.parametrize(
    ("abstract", "last"),
    [
        ("We fold. It is hard. We find a fold.", ["It is hard.", "We find a fold."]),
        ("We. We fold. We find. Code: https://example.org/fold.", ["We fold.", "We find."]),
        ("We fold. We find. Our code is on GitHub.", []),
        ("", []),
        ("we fold . " * 60, []),
        ("See www.example.org", []),
    ],
)
def test_the_last_sentences_that_say_something_are_the_endings(abstract: str, last: list[str]) -> None:
    assert endings(abstract) == last
