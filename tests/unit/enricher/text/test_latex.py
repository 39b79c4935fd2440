"""The budget of LaTeX: what would take long stays as it is, and the rest of the text is still converted."""

import random
import sys

import pytest

from services.enricher.text.clean import clean_text
from services.enricher.text.latex import MAX_CONVERTED, MAX_SOURCE

LONGEST = 20_000
MAX_CALLS = 200_000
"""Calls of functions: a few hundredths of a second. Without the budget these texts take minutes or more."""
POISONS = {
    "fractions": "\\frac{" * 16,
    "colors": "\\textcolor{" * 16,
    "definitions": "\\newcommand{" * 16,
    "roots": "\\sqrt[" * 16,
    "environments": "\\newenvironment{" * 16,
    "nested hats": "\\hat{" * 24 + "x" + "}" * 24,
    "nested accents": "\\'{" * 24 + "x" + "}" * 24,
    "accents of brackets": "{[\\ketbra[a]{[1\\'" * 52,
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
def test_a_formula_over_the_budget_stays_as_it_is(kind: str) -> None:
    poison = f"${POISONS[kind]}$"
    clean = cleaned(f"Folding $\\alpha$ cranes {poison} at dawn")
    assert clean.startswith("Folding α cranes ")
    assert clean.endswith(" at dawn")


def test_a_formula_of_ordinary_depth_is_converted() -> None:
    assert clean_text("$\\frac{1}{1+\\frac{1}{1+\\frac{1}{1+\\hat{\\alpha}}}}$", LONGEST) == "1/1+1/1+1/1+α̂"


def test_the_rest_of_a_text_stays_when_much_of_it_is_latex() -> None:
    formulas = [f"$\\alpha_{{{number}}} + \\beta$" for number in range(MAX_CONVERTED // 10)]
    clean = clean_text(" and ".join(formulas), LONGEST)
    assert clean.startswith("α_0 + β and α_1 + β and")
    assert clean.endswith("+ \\beta$")


def test_a_macro_with_a_long_argument_stays() -> None:
    text = "\\textbf{" + "a" * 250 + "}" + "{b}" * MAX_SOURCE
    assert clean_text(text, LONGEST) == text


PIECES = (
    "\\frac{", "\\frac", "\\sqrt[", "\\textcolor{", "\\newcommand{", "\\hat{", "\\'{", "\\H", "\\left(", "\\right)",
    "\\begin{array}", "\\end{array}", "\\begin{", "\\item[", "\\\\[", "\\verb|", "\\text{", "\\(", "\\)", "\\[", "\\]",
    "{", "}", "[", "]", "^{", "_", "&", "%", "\n", "\\", "a", "é", "{a}", "[a]{", "\\mbox{", "\\footnote{", "\\cite{",
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
