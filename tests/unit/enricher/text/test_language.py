"""The language of a text, where it is certain."""

import socket

import pytest

from services.enricher.text.extraction import language

ENGLISH = "We fold paper cranes with a robot arm that learns the steps from a few videos, and show that it is fast."


@pytest.mark.parametrize(
    ("text", "code"),
    (
        (ENGLISH, "en"),
        ("Wir falten Kraniche aus Papier mit einem Roboterarm, der die Schritte aus wenigen Filmen lernt.", "de"),
        ("Nous plions des grues en papier avec un bras robotique qui apprend les plis à partir de vidéos.", "fr"),
        ("Wij vouwen kraanvogels van papier met een robotarm die het vouwen van enkele films leert.", "nl"),
        ("我们用机械臂折叠纸鹤,它从几段视频中学习折叠的步骤,并且可以推广到新的纸张,这是一个非常有用的方法。", "zh"),
        ("Мы складываем бумажных журавлей роботом, который учится этому по нескольким видеозаписям.", "ru"),
    ),
)
def test_a_certain_language_is_returned(text: str, code: str) -> None:
    assert language("", text) == code


@pytest.mark.parametrize("text", ("", "Cranes", "Folding cranes 2401", "x_1 + x_2 = 0.3 " * 30, "🙂" * 200))
def test_short_text_and_symbols_have_no_language(text: str) -> None:
    assert language("", text) is None


def test_the_language_is_that_of_the_abstract_and_not_of_the_title() -> None:
    assert language("Kraniche falten mit einem Roboterarm aus Papier und Draht", ENGLISH * 2) == "en"


def test_the_model_is_never_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: the model is part of the package, so detection works without a network."""

    def refuse(*_: object) -> None:
        pytest.fail("it looked for a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    language.__globals__["_detector"].cache_clear()
    assert language("", "Vi folder traner av papir med en robotarm som lærer av noen få filmer hjemme.") in {"no", None}
    assert language.__globals__["_detector"].cache_info().currsize == 1
