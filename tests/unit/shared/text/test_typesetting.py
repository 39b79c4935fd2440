"""Texts with formulas for pages, mail and Markdown."""

import pytest

from shared.text.formula import mail_html, markup
from shared.text.typesetting import MAX_TYPESET, Part, formulas_in, markdown, split_tex, typeset

PLAIN = "Folds of y² at $3 & p_max < 1"
TEX = r"Folds of $y^2$ at \$3 & $p_{\max} < 1$"
SQUARE = "<math><msup><mi>y</mi><mn>2</mn></msup></math>"


def test_parts_are_texts_and_formulas_with_their_readings() -> None:
    parts = list(split_tex(TEX))
    assert parts == [
        Part("Folds of "), Part("y²", "y^2"), Part(" at $3 & "), Part("p_max < 1", r"p_{\max} < 1"),
    ]  # fmt: skip


def test_formulas_have_their_places_in_the_plain_text() -> None:
    assert [PLAIN[each.start : each.end] for each in formulas_in(PLAIN, TEX)] == ["y²", "p_max < 1"]


@pytest.mark.parametrize("tex", (None, "Unfolds of $y^2$", "$y$ " * (MAX_TYPESET + 1)))
def test_texts_that_differ_have_no_formulas(tex: str | None) -> None:
    assert formulas_in("Folds of y²", tex) == ()


def test_a_page_has_mathml_and_mail_has_indices() -> None:
    formulas = formulas_in(PLAIN, TEX)
    assert typeset(PLAIN, formulas, markup).startswith(f"Folds of {SQUARE} at $3 &amp; <math>")
    assert typeset(PLAIN, formulas, mail_html) == "Folds of y<sup>2</sup> at $3 &amp; p<sub>max</sub> &lt; 1"


@pytest.mark.parametrize(
    ("marks", "html"),
    (
        ([[0, 5]], f"<mark>Folds</mark> of {SQUARE} at"),
        ([[9, 10]], f"Folds of <mark>{SQUARE}</mark> at"),
        ([[6, 10], [10, 11]], f"Folds <mark>of {SQUARE}</mark> at"),
        ([[6, 14]], f"Folds <mark>of {SQUARE} at</mark>"),
    ),
)
def test_a_mark_within_a_formula_is_about_all_of_it(marks: list[list[int]], html: str) -> None:
    assert typeset(PLAIN[:14], formulas_in(PLAIN, TEX), markup, marks) == html


def test_a_part_of_a_text_shows_the_formulas_within_it() -> None:
    formulas = formulas_in(PLAIN, TEX)
    assert typeset("of y² at", formulas, markup, start=6) == f"of {SQUARE} at"
    assert typeset("of y", formulas, markup, start=6) == "of y"


def test_what_is_typed_into_a_text_stays_text() -> None:
    plain, tex = "<b>x</b> <img/>", r"<b>x</b> $\text{<img/>}$"
    assert typeset(plain, formulas_in(plain, tex), markup) == (
        "&lt;b&gt;x&lt;/b&gt; <math><mtext>&lt;img/&gt;</mtext></math>"
    )


def test_markdown_has_latex_between_dollars() -> None:
    assert markdown(TEX, lambda text: text.upper()) == r"FOLDS OF $y^2$ AT $3 & $p_{\max} \lt  1$"


@pytest.mark.parametrize("tex", ("[y](javascript:alert(1))", "`y`", r"\href{//y.example}{y}", "[y]: z"))
def test_a_formula_that_could_be_a_link_in_markdown_is_read(tex: str) -> None:
    assert markdown(f"${tex}$", lambda _: "(read)") == "(read)"
