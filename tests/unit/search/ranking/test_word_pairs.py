import pytest

from services.search.ranking.second_look import MAX_PAIRS, word_pairs


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("graph neural networks", [("graph", "neural"), ("neural", "networks")]),
        ("theory of black holes", [("black", "holes")]),
        ("Black-holes: BLACK holes", [("black", "holes"), ("holes", "black")]),
        ("CO<sub>2</sub> capture", [("co2", "capture")]),
        ("holes", []),
        ("", []),
        ("the of and", []),
    ],
)
def test_neighbouring_words_are_pairs(text: str, pairs: list[tuple[str, str]]) -> None:
    assert word_pairs(text) == pairs


def test_a_long_query_has_no_more_than_the_most_pairs() -> None:
    assert len(word_pairs(" ".join(f"word{number}" for number in range(500)))) == MAX_PAIRS
