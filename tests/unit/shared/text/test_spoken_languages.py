"""The languages of summaries and of readers."""

import pytest

from shared.text.spoken_languages import accepted_languages, is_script_of


@pytest.mark.parametrize(
    ("header", "codes"),
    (
        ("", ()),
        ("de", ("de",)),
        ("en;q=0.5, de-AT, fr;q=0.8", ("de", "fr", "en")),
        ("de-DE,de;q=0.9,*;q=0.1", ("de",)),
        ("de;q=0, en", ("en",)),
        ("de;q=x, en;level=1", ()),
        ("x" * 10_000, ("x" * 500,)),
    ),
)
def test_the_preferred_languages_come_first(header: str, codes: tuple[str, ...]) -> None:
    assert accepted_languages(header) == codes


@pytest.mark.parametrize(
    ("code", "text", "is_so"),
    (
        ("en", "A robot folds cranes.", True),
        ("de", "Ein Roboter faltet Kraniche.", True),
        ("zh", "机器人用Transformer折纸鹤。", True),
        ("zh", "A robot folds cranes.", False),
        ("ru", "Робот складывает журавликов.", True),
        ("en", "Робот складывает журавликов.", False),
        ("ja", "ロボットが折り鶴を折る。", True),
        ("ko", "로봇이 종이학을 접는다.", True),
        ("en", "123 456", False),
    ),
)
def test_a_text_is_in_the_script_of_a_language(code: str, text: str, is_so: bool) -> None:  # a row
    assert is_script_of(code, text) is is_so
