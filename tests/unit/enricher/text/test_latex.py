"""LaTeX in texts: accents, letters, braces, macros of authors, and texts that are made to take long."""

import random
import sys

import pytest

from services.enricher.text.clean import clean_text, read_text
from services.enricher.text.held_formulas import MAX_FORMULAS

LONGEST = 20_000
MAX_CALLS = 200_000
"""Calls of functions: a few hundredths of a second."""
POISONS = {
    "fractions": "\\frac{" * 16,
    "colors": "\\textcolor{" * 16,
    "definitions": "\\newcommand{" * 16,
    "roots": "\\sqrt[" * 16,
    "environments": "\\newenvironment{" * 16,
    "nested hats": "\\hat{" * 24 + "x" + "}" * 24,
    "nested accents": "\\'{" * 24 + "x" + "}" * 24,
    "accents of brackets": "{[\\ketbra[a]{[1\\'" * 52,
    "braces": "{" * 450 + "}" * 450,
    "a macro that is itself": "\\def\\crane{\\crane\\crane}\\crane",
    "macros that double": "".join(f"\\def\\{a}{{\\{b}\\{b}}}" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "\\a",
}


class TooManyCallsError(Exception):
    """Cleaning a text takes too many calls."""


def cleaned(text: str) -> str:
    """Clean a text, and count the calls that it takes: they are the same on every machine, unlike the time."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event.endswith("call")
        if calls > MAX_CALLS:
            raise TooManyCallsError(text)

    sys.setprofile(count)
    try:
        return clean_text(text, LONGEST)
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("kind", POISONS)
def test_a_formula_that_is_made_to_take_long_disturbs_nothing_about_it(kind: str) -> None:
    clean = cleaned(f"Folding $\\alpha$ cranes ${POISONS[kind]}$ at dawn")
    assert clean.startswith("Folding α cranes ")
    assert clean.endswith(" at dawn")
    assert len(clean) < 2_000


def test_formulas_beyond_the_bound_stay_as_they_are() -> None:
    formulas = [f"$\\alpha_{{{number}}}$" for number in range(MAX_FORMULAS + 2)]
    clean = clean_text(" and ".join(formulas), LONGEST)
    assert clean.startswith("α₀ and α₁ and")
    assert clean.endswith(f"and $α_{MAX_FORMULAS + 1}$".replace(f"_{MAX_FORMULAS + 1}", "₁₀₀₁"))


@pytest.mark.parametrize(
    ("source", "readable"),
    (
        (
            r"{\v C}ech, {\H o}, \v{s}, \~n, {\'\i}, \c{S}, \k{a}, \.Z, \r u, \=a, \u{g}, \d{h}",
            "Čech, ő, š, ñ, í, Ş, ą, Ż, ů, ā, ğ, ḥ",
        ),
        (
            r"\o rsted, {\O}re, \L ukasz, stra{\ss}e, \AE on, \aa l, {\OE}uvre, \dj ak",
            "ørsted, Øre, Łukasz, straße, Æon, ål, Œuvre, đak",
        ),
        (r"{D}eep {F}olding for {BERT}", "Deep Folding for BERT"),
        (r"1{,}182 cases, R$^{2}${=}0.86 and 256{\times}256 at {\sim}5", "1,182 cases, R²=0.86 and 256×256 at ∼5"),
        (r"over {0,1} and {1, ..., n}, not {a longer remark}", "over {0,1} and {1, ..., n}, not a longer remark"),
        (r"a word}two, an end} and {a beginning", "a word two, an end and a beginning"),
        (r"see \textit{E.~coli} {\bf now}, {\em vs.}\ \underline{then}", "see E. coli now, vs. then"),
        (r"\textcolor{red}{Folded} as in \citep[see][]{doe} of Sect.~\ref{s}", "Folded as in of Sect."),
        (r"\emph{The \textbf{whole} crane}\footnote{Of \emph{paper}.}", "The whole crane (Of paper.)"),
        (r"CO\textsubscript{2} and 10\textsuperscript{-3} and m^{2}", "CO₂ and 10⁻³ and m²"),
        (r"\ion{Fe}{2}, [\ion{O}{iii}] and $\ion{C}{4}$", "Fe II, [O III] and C IV"),
        (r"[O{\sc iii}], H\,{\sc i}, Ca~\textsc{ii} and $\rm C\,{\sc iv}$", "[O III], H I, Ca II and C IV"),
        (r"{\sc Crane} and \textsc{ivory}", "Crane and ivory"),
        (r"On \texorpdfstring{$u^2$}{u2} cranes", "On u² cranes"),
        (r"As \begin{equation} F=mu^2 \label{f} \end{equation} holds", "As F=mu² holds"),
        (r"As \begin{align*} u&=v\\ p&=q^2\end{align*} hold", "As u=v; p=q² hold"),
        (r"\ifmmode \bar{x}\else \v{R}\fi{}ezan and $\ifmmode a\else b\fi$", "Řezan and a"),
        (r"\LaTeX{}ing with \TeX\ and \BibTeX, \copyright\ 2026", "LaTeXing with TeX and BibTeX, © 2026"),
        (r"\crane and {\fold} by \Paper{} and \make{x}", "crane and fold by Paper and x"),
        (r"\alpha-helix at 5 \mu m, \sim 3 and \mathbb{R}", "α-helix at 5 μm, ∼ 3 and ℝ"),
        (r"Costs \$3 and \$4, 5\% of \#1 \& \_x", "Costs $3 and $4, 5% of #1 & _x"),
    ),
)  # fmt: skip
def test_latex_of_text_becomes_unicode(source: str, readable: str) -> None:
    assert clean_text(source, LONGEST) == readable


@pytest.mark.parametrize(
    ("source", "tex"),
    (
        (r"At \$5 per $\mu$m", r"At \$5 per $\mu$m"),
        (r"\emph{Folded} \( x_i \) and $$ y^2 $$", r"Folded $x_i$ and $y^2$"),
        (r"\frac{a+b}{c} of H<sub>2</sub>O", r"$\frac{a+b}{c}$ of H$_{2}$O"),
        (r"no formulas, \'etude", None),
        (r"\$x and \$y", r"\$x and \$y"),
        ("from $5 to $10", None),
    ),
)
def test_formulas_keep_their_latex(source: str, tex: str | None) -> None:
    assert read_text(source, LONGEST).tex == tex


PIECES = (
    "\\frac{", "\\frac", "\\sqrt[", "\\textcolor{", "\\newcommand{", "\\hat{", "\\'{", "\\H", "\\left(", "\\right)",
    "\\begin{array}", "\\end{array}", "\\begin{", "\\item[", "\\\\[", "\\verb|", "\\text{", "\\(", "\\)", "\\[", "\\]",
    "{", "}", "[", "]", "^{", "_", "&", "%", "\n", "\\", "a", "é", "{a}", "[a]{", "\\mbox{", "\\footnote{", "\\cite{",
    "$", "\\$", "<sub>", "</sub>", "<math>", "</math>", "<mi>", "\\ce{", "{0,1}", " and ", "5", "\\def\\a", "\\a",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_mixture_of_macros_takes_long(seed: int) -> None:
    """INVARIANT: whatever is repeated and nested, a text is clean within a moment."""
    pick = random.Random(seed)
    for _ in range(40):
        unit = "".join(pick.choices(PIECES, k=pick.choice((1, 2, 3, 6))))
        closing = pick.choice(("", "}", "]", "}{a}")) * pick.choice((0, 20))
        text = pick.choice(("${}$", "{}", "\\[{}\\]", "{{\\em {}}}")).format(unit * (900 // len(unit)) + closing)
        assert len(cleaned(text)) <= LONGEST


@pytest.mark.parametrize("seed", range(4))
def test_a_clean_text_is_read_as_itself(seed: int) -> None:
    """INVARIANT: what is exported with its LaTeX is imported as the same text with the same LaTeX."""
    pick = random.Random(seed)
    for _ in range(400):
        first = read_text(" ".join(pick.choices(PIECES, k=8)), LONGEST)
        again = read_text(first.tex or first.plain, LONGEST)
        assert again == first
