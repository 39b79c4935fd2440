"""Formulas in the markup of publishers."""

import time

import pytest

from services.enricher.text.clean import Cleaned, read_text

MATHML = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msup><mml:mi>q</mml:mi><mml:mn>3</mml:mn></mml:msup></mml:math>'
DOCUMENT = r"\documentclass[12pt]{minimal}\usepackage{amsmath}\begin{document}$$\beta_3$$\end{document}"


@pytest.mark.parametrize(
    ("source", "plain", "tex"),
    (
        (f"of {MATHML} folds", "of q³ folds", "of $q^{3}$ folds"),
        (MATHML.replace("<", "&lt;").replace(">", "&gt;"), "q³", "$q^{3}$"),
        (MATHML.replace(' xmlns:mml="http://www.w3.org/1998/Math/MathML"', ""), "q³", "$q^{3}$"),
        ("a <tex-math>\\frac{a}{b} &lt; 1</tex-math> b", "a a/b < 1 b", r"a $\frac{a}{b} \lt 1$ b"),
        (f'<inline-formula><tex-math id="M1">{DOCUMENT}</tex-math></inline-formula>', "β₃", r"$\beta_3$"),
        ("<tex-math><![CDATA[\\(x_1\\)]]></tex-math>", "x₁", "$x_1$"),
        (f"<alternatives><tex-math>q^3</tex-math>{MATHML}</alternatives>", "q³", "$q^3$"),
        (f"<alternatives>{MATHML}<tex-math>q^3</tex-math></alternatives>", "q³", "$q^3$"),
        ("Al<sub>2</sub>O<jats:sub>3</jats:sub>, 10<sup>&#8722;4</sup>", "Al₂O₃, 10⁻⁴", "Al$_{2}$O$_{3}$, 10$^{−4}$"),
        ("T<sub>eff</sub>, x<sup><i>n</i></sup>", "T_eff, xⁿ", r"T$_{\mathrm{eff}}$, x$^{n}$"),
        ("1<sup>50%</sup>", "150%", None),
        ("a broken <math><mi>q</math> formula", "a broken q formula", None),
    ),
)
def test_formulas_of_publishers_become_latex(source: str, plain: str, tex: str | None) -> None:
    assert read_text(source, 1_000) == Cleaned(plain, tex)


def test_references_are_resolved_however_often_they_were_escaped() -> None:
    assert (
        read_text("Folds &amp;amp;amp; cranes at p &amp;lt; 1 of R&amp;D", 100).plain
        == "Folds & cranes at p < 1 of R&D"
    )


@pytest.mark.parametrize(
    "part", ("<math>", "<tex-math>", "<sub>", "</math>", "<math><mi>x</mi>", "<sup><i>", "<sub>x</sup>")
)
def test_open_markup_takes_linear_time(part: str) -> None:
    started = time.thread_time()
    read_text(part * (80_000 // len(part)), 20_000)
    assert time.thread_time() - started < 2
