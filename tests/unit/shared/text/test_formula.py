"""One formula: its readings in Unicode and HTML, its MathML, and LaTeX that is made to break or to take long."""

import time

import pytest

from shared.text.formula import MAX_FORMULA, mail_html, markup, read_mathml, reading, sign_of
from shared.text.math_styles import Latex, Reading, in_unicode

READINGS = (
    (r"y^2 + z_3", "y² + z₃"),
    (r"10^{-4}\,M_\odot\,{\rm yr}^{-1}", "10⁻⁴ M⊙ yr⁻¹"),
    (r"L_\odot{\rm pc}^{-2}", "L⊙ pc⁻²"),
    (r"450\,\mu{\rm m}", "450 μm"),
    (r"[\mu{\rm Jy}]", "[μJy]"),
    (r"F_{\rm UV}\times{\rm Age}", "F_UV × Age"),
    (r"7\times", "7×"),
    (r"\frac{p-q}{r}", "(p-q)/r"),
    (r"\tfrac{3}{4}, \dfrac12, \sfrac{2}{3}, \nicefrac{1}{5}", "3/4, 1/2, 2/3, 1/5"),
    (r"\frac{1}{4\pi}", "1/(4π)"),
    (r"u\unicode{x2605}v, 5\unicode{x25}\unicode{x5C}\unicode{x0}", "u★v, 5%"),
    (r"3\,\r{A}, 4\arcdeg, M_\sun, R_\earth, S\slash N, 2\,\degreeCelsius", "3 Å, 4°, M⊙, R⊕, S/N, 2 °C"),
    (r"\frac{1}{3}ku, \tfrac14(p+q), \frac{1}{2}\frac{p}{q+r}, 2\frac{1}{2}", "1/3 ku, 1/4 (p+q), 1/2 p/(q+r), 2 1/2"),
    (r"\frac{p}{q}+|\frac12|, \left(\frac{p}{q}\right)^2", "p/q+|1/2|, (p/q)²"),
    (r"e^{-\frac{y^2}{4}}", "e^(-y²/4)"),
    (r"\binom{m}{j}", "(m choose j)"),
    (r"\sqrt{7}, \sqrt[3]{y}, \sqrt[4]{y+1}, \sqrt[n]{2y}", "√7, ∛y, ∜(y+1), ⁿ√(2y)"),
    (r"\|A\|_2 + \left\|b\right\|", "‖A‖₂ + ‖b‖"),
    (r"\mathbf{Origami} \in \mathbb{Q}^{2,3}", "Origami ∈ ℚ^(2,3)"),
    (r"\boldsymbolβ + \boldsymbol{\phi}", "β + φ"),
    (r"\mathcal{L}(q \log q)", "ℒ(q log q)"),
    (r"D^0_s \to K^+\pi^-", "D⁰ₛ → K⁺π⁻"),
    (r"D_s^0", "Dₛ⁰"),
    (r"\ce{Fe2O3} + \ch{H2SO4}", "Fe₂O₃ + H₂SO₄"),
    (r"{\rm Ca_2RuO_4}", "Ca₂RuO₄"),
    (r"\hat{y}_{t+1}, \bar{z}, \vec{u}, \dot{m}, \tilde\Omega", "ŷₜ₊₁, z̄, u⃗, ṁ, Ω̃"),
    (r"p_{jk}, T_{\max}, n^{O(1)}, A^\top", "p_jk, T_max, n^(O(1)), A^⊤"),
    (r"45^\circ, g'', A^{*}, A^\dagger", "45°, g″, A*, A†"),
    (r"\log(m) + \sin x", "log(m) + sin x"),
    (r"T_{\rm c} = 90^{+5}_{-4}\,\mbox{K}", "T_c = 90⁺⁵₋₄ K"),
    (r"\begin{pmatrix}1&0\\0&1\end{pmatrix}", "(1, 0; 0, 1)"),
    (r"y \in \{0,1\}", "y ∈ {0,1}"),
    (r"a \text{ if } b", "a if b"),
    (r"20% \& more # 1", "20% & more # 1"),
    (r"\crane{y} + \fold", "y + fold"),
    (r"{\cal N}=8", "𝒩=8"),
    (r"x\mapsto y, \lvert x\rvert, \Gamma\backslash H, \frac{\partial u}{\partial t}", "x↦y, |x|, Γ∖H, ∂u/(∂t)"),
    (r"a \leq b, a\leq b, 7^{\prime\prime}", "a ≤ b, a≤b, 7′′"),
    (r"\mathbb{R}^{n\times d}", "ℝ^(n×d)"),
)


@pytest.mark.parametrize(("tex", "text"), READINGS)
def test_a_formula_is_read_in_unicode(tex: str, text: str) -> None:
    assert reading(tex) == text


@pytest.mark.parametrize(
    ("tex", "text"),
    (
        (r"{y", "y"),
        (r"y}", "y"),
        (r"\left(y", "(y"),
        (r"y_a_b \leq \alpha", "y_a_b ≤ α"),
        (r"\frac", ""),
        (r"y^", "y^"),
    ),
)
def test_broken_latex_is_read_as_far_as_possible(tex: str, text: str) -> None:
    assert reading(tex) == text


def test_html_for_mail_has_plain_elements_only() -> None:
    assert mail_html(r"x^{a,b}_{\rm max} < \frac{1}{2}") == "x<sup>a,b</sup><sub>max</sub> &lt; 1/2"
    assert mail_html(r"\text{<b onclick=x>}") == "&lt;b onclick=x&gt;"


def test_mathml_has_known_elements_and_attributes_only() -> None:
    assert markup("D^0_s") == "<math><msubsup><mi>D</mi><mi>s</mi><mn>0</mn></msubsup></math>"
    assert markup(r"\text{<script>}") == "<math><mtext>&lt;script&gt;</mtext></math>"
    coloured = markup(r"\textcolor{red}{y}\textbf{bold}\hspace{1cm}")
    assert coloured is not None
    assert not any(part in coloured for part in ("style", "class", "span", "<b>"))


@pytest.mark.parametrize(
    "tex",
    (
        r"\href{javascript:alert(1)}{y}",
        r"\crane{y}",
        r"\def\a{b}\a",
        "^{" * 100 + "}" * 100,
        "y" * (2 * MAX_FORMULA + 1),
    ),
)
def test_what_is_no_formula_has_no_mathml(tex: str) -> None:
    assert markup(tex) is None


@pytest.mark.parametrize(
    "part",
    (
        *(
            "(",
            r"\bigl|",
            r"\langle ",
            "⟨",
            "[",
            r"\{",
            r"\sqrt[",
            r"{(",
            r"\frac{[",
            r"\left(",
            r"\lvert ",
            r"\lVert{}",
        ),
        *(r"\hat\pmod ", r"^\pod ", "[0,1)", "(a]", r"\bigl)", r"\rangle\langle "),
    ),
)
@pytest.mark.parametrize("end", ("", ")" * 20, "}" * 60))
def test_open_brackets_take_no_time(part: str, end: str) -> None:
    """INVARIANT: math-core takes twice the time for each bracket whose end it does not find: for ever."""
    started = time.thread_time()
    reading(part * 60 + end)
    markup(part * 60 + end)
    assert time.thread_time() - started < 1


def test_signs_have_readings_and_macros_of_authors_have_none() -> None:
    assert [sign_of(name) for name in ("alpha", "leq", "infty", "crane", "Msun")] == ["α", "≤", "∞", "", "M⊙"]


@pytest.mark.parametrize(
    ("source", "text", "tex"),
    (
        ("<math><msub><mi>MoTe</mi><mn>2</mn></msub></math>", "MoTe₂", r"{\mathrm{MoTe}}_{2}"),
        ("<mml:math><mml:mfrac><mml:mi>a</mml:mi><mml:mn>2</mml:mn></mml:mfrac></mml:math>", "a/2", r"\frac{a}{2}"),
        ("<math><msqrt><mi>&alpha;</mi></msqrt><mo>&lt;</mo><mn>1</mn></math>", "√α<1", r"\sqrt{α}\lt 1"),
        ("<math><mroot><mi>x</mi><mn>3</mn></mroot></math>", "∛x", r"\sqrt[3]{x}"),
        (
            "<math><mmultiscripts><mi>C</mi><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts></math>",
            "₆¹⁴C",
            "{}_{6}^{14}C",
        ),
        ("<math><mfenced><mi>a</mi><mi>b</mi></mfenced></math>", "(a,b)", "(a,b)"),
        (
            '<math><semantics><mi>x</mi><annotation encoding="TeX">y</annotation></semantics></math>',
            "x",
            "x",
        ),
        ('<math><mover accent="true"><mi>x</mi><mo>¯</mo></mover></math>', "x̄", r"\overset{¯}{x}"),
        ("<math><mtext>50% of $5</mtext></math>", "50% of $5", r"\text{50\% of \$5}"),
        ("<math><mi>x</math>", None, None),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><math><mi>&b;</mi></math>", None, None),
        ("<math>" + "<mrow>" * 100 + "</mrow>" * 100 + "</math>", None, None),
    ),
)
def test_mathml_of_publishers_is_read(source: str, text: str | None, tex: str | None) -> None:
    assert read_mathml(source, Reading()) == text
    assert read_mathml(source, Latex()) == tex


def test_an_index_is_in_unicode_where_all_of_it_is() -> None:
    indices = (("_", "2"), ("^", "-3"), ("^", "a+1"), ("_", "b"), ("_", "eff"), ("^", "(n)"), ("^", "a,b"), ("_", "i"))
    assert [in_unicode(*each) for each in indices] == ["₂", "⁻³", "ᵃ⁺¹", "_b", "_eff", "^(n)", "^(a,b)", "ᵢ"]
