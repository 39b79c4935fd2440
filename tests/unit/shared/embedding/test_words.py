"""The words of texts, as phrases, searches, subscriptions and highlights see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.embedding.vectors import spans, typed_words, words

# A text, what is found in it, and what is not.
TEXTS = (
    ("Layers of WS_2 on glass", "WS2; WS₂; WS$_2$; WS<sub>2</sub>; ws2", "WS; S2; WS3"),
    ("SO₂ and SO2", "SO2 and SO2; SO$_2$", "SO"),
    ("Al_2O_3 grains", r"Al2O3; Al₂O₃; Al$_2$O$_3$; \ce{Al2O3} grains", "Al; O3"),
    ("Bounds of x² and 10⁻³ metres", "x^2; x2; x^{2}; 10^-3 metres", "x"),
    ("A C++17 compiler", "C++; C++17; a c++ 17 compiler", "C; C#"),
    ("Tools in C#, F# and ASP.NET", "C#; f#; .NET; asp .net", "C; F; NET"),
    ("R&D at AT&T", "R&D; AT&T; r&d at", "R; D"),
    ("Vitamin C", "c", "C++; C#"),
    ("Schröter and Schroter", "Schroter and Schröter; SCHRÖTER", "Schr"),
    ("Die Straße nach Łódź", "strasse; Lodz; łódź", "stra"),
    ("eﬃcient ｗｉｄｅ ﾃｽﾄ", "efficient wide; テスト", ""),
    ("soft\u00adhyphen and zero\u200bwidth", "softhyphen; zerowidth", "soft"),
    ("𝐅𝐥𝐚𝐦𝐞 of 𝒩", "flame of n", ""),
    ("non‑linear β-sheets", "non-linear; non linear; β-sheets", "nonlinear"),
    ("基于图神经网络的推荐", "神经网络; 图神经; 推荐", "神网"),
    ("音声認識の研究", "音声認識; 認識", "識認"),
    ("강화학습을 이용한", "강화학습; 이용", "학강"),
    ("GPT模型 and データ", "gpt模型; 模型; データ", "模"),
    ("foo_bar baz", "foo_bar; foobar", "foo; bar"),
)


@pytest.mark.parametrize(("text", "found", "missing"), TEXTS)
def test_a_text_has_these_phrases_and_not_those(text: str, found: str, missing: str) -> None:
    line = f" {' '.join(words(text))} "
    assert [one for one in found.split("; ") if f" {' '.join(typed_words(one))} " not in line] == []
    assert [one for one in filter(None, missing.split("; ")) if f" {' '.join(typed_words(one))} " in line] == []


@pytest.mark.parametrize("text", [text for text, _, _ in TEXTS])
def test_words_have_the_same_spelling_with_their_places(text: str) -> None:
    found = list(spans(text))
    assert [word for word, _, _ in found] == words(text)
    assert all(words(text[start:end]) == [word] for word, start, end in found)


def test_a_place_covers_the_signs_of_a_word() -> None:
    text = "On MoS_2, C++ and Łódź"
    assert [text[start:end] for _, start, end in spans(text)] == ["On", "MoS_2", "C++", "and", "Łódź"]


@given(st.text(max_size=300))
def test_any_text_has_words_in_their_order_within_it(text: str) -> None:
    found = list(spans(text))
    assert [word for word, _, _ in found] == words(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found)
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)
    assert all(" " not in word and word for word in words(text))
