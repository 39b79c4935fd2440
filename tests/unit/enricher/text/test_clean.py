"""Cleaning of the text that sources send. Every expectation is written by hand."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.text.clean import clean_text
from shared.papers.titles import fold
from tests.support import examples

LONGEST = 1_000


@pytest.mark.parametrize(
    ("source", "readable"),
    (
        ("$x_i \\leq 3$ and $\\alpha$-divergence", "xᵢ ≤ 3 and α-divergence"),
        ("in $O(n^{2})$ time", "in O(n²) time"),
        ("over $\\mathbb{R}^n$ with $\\mathcal{O}(n \\log n)$", "over ℝⁿ with 𝒪(n log n)"),
        ("inline \\(x^2\\) math", "inline x² math"),
        ('Erd\\H{o}s, G\\"odel, Poincar\\\'e, Gr\\"{o}bner', "Erdős, Gödel, Poincaré, Gröbner"),
        ('na\\"{\\i}ve {\\L}ukasiewicz', "naïve Łukasiewicz"),
        ("{\\em it}, {\\it Fermi}, \\textbf{bold}, \\emph{\\textbf{both}}", "it, Fermi, bold, both"),
        ("100\\% of R\\&D, a\\_b, 50\\,\\mu m", "100% of R&D, a_b, 50 μm"),
        ("claims \\cite{doe2020} hold, see~\\ref{sec:x}", "claims hold, see"),
        ("\\begin{itemize}\\item one\\end{itemize}", "* one"),
        ("see \\href{https://x.example/y}{our code}.", "see our code (https://x.example/y)."),
        ("``quoted'' words", "“quoted” words"),
        ("\\texttt{aurel} and \\textsf{AT1}\\footnote{Here.}", "aurel and AT1 (Here.)"),
        ("at 18{\\deg}, 2\\arcsec, 5\\kms (\\eg here)", "at 18°, 2″, 5 km/s (e.g. here)"),
        ("\\hi\\ masses of Mrk~509 at 100~km", "H I masses of Mrk 509 at 100 km"),
        ("pi_{0.5} at 10^{-3} and F_{u,v}", "pi_0.5 at 10⁻³ and F_(u,v)"),
        ("$n^{O(1)}$ and $x^{2d}$, $M_{i+1}$", "n^(O(1)) and x²ᵈ, Mᵢ₊₁"),
        ("$n\\log n$ and $\\frac12$", "n log n and 1/2"),
        ("$\\lesssim$$400~\\rm km~s^{-1}$ more", "≲400 km s⁻¹ more"),
        ("\\( f(x) = \\left(y\\right) \\) and \\[ z \\]", "f(x) = (y) and z"),
        ("risk\\-sensitive, 812{,}118", "risk-sensitive, 812,118"),
        ("P{\\tiny RO}, see \\href{https://x.example}{\\texttt{x}}", "PRO, see x (https://x.example)"),
        ("\\mathbf{\\texttt{D}}ual", "Dual"),
        (
            "we show that \\ours{} and {\\METHOD} beat \\sota, at $\\E[X]$",
            "we show that ours and METHOD beat sota, at E[X]",
        ),
        ("data\\footnote, see \\href{https://x.example}", "data, see https://x.example"),
        ("\\ours{x} at \\bf 5\\farcm4, $\\neg \\|x\\|$", "x at 5′.4, ¬‖x‖"),
        ("CO$_2$ and $\\sim$5 and $5\\times$ faster", "CO₂ and ∼5 and 5× faster"),
    ),
)
def test_latex_becomes_unicode(source: str, readable: str) -> None:
    assert clean_text(source, LONGEST) == readable


@pytest.mark.parametrize(
    "text",
    (
        "It costs $5 to $10 a day",
        "costs $5 and $10.",
        "$10k and $20k budgets",
        "between $10 million and $20 million",
        "US$3 or US$4",
        "$3.5B, $7B",
        "from $5-$10",
        "only $5",
        "50% $",
        "a < b, c > d and p<0.05",
        "if a<b and c>d then",
        "predict the <mask> token, then <eos>",
        "List<String> and vector<int>",
        "AT&T and R&D; x &c.",
        "naïve café 中文 العربية",
        "~7,000, 100~200, f''(x)",
    ),
)
def test_text_that_is_no_markup_stays(text: str) -> None:
    assert clean_text(text, LONGEST) == text


def test_a_price_does_not_swallow_the_math_after_it() -> None:
    assert clean_text("at $100 for $x^2$ units, $3n$ each", LONGEST) == "at $100 for x² units, 3n each"


@pytest.mark.parametrize(
    ("source", "readable"),
    (
        ("<p>One</p><p>Two</p>", "One Two"),
        ("<jats:title>Background</jats:title><jats:p>We</jats:p>", "Background We"),
        ("T<sub>2</sub> and <i>E. coli</i><br/>next", "T₂ and E. coli next"),
        ('<a href="https://x.example/?a>b" title=y>link</a>', "link"),
        ("p &lt; 0.05 &amp; q &gt; 1 &#945;", "p < 0.05 & q > 1 α"),
        ("&lt;b&gt;escaped once more&lt;/b&gt;", "escaped once more"),
        ("<i>x</i> when a<b we have more", "x when a<b we have more"),
        ("<script>alert(1)</script>Title", "Title"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Title", "Title"),
        ("<style>p {color: red}</style>Title<!-- unseen -->", "Title"),
        ("<![CDATA[raw]]> text", "raw text"),
        ("<iframe src='https://x.example'></iframe>Title", "Title"),
        ("<b>not closed", "not closed"),
    ),
)
def test_markup_is_removed(source: str, readable: str) -> None:
    assert clean_text(source, LONGEST) == readable


@pytest.mark.parametrize(
    ("source", "readable"),
    (
        ("pa\x00per", "paper"),
        ("right \u202eot\u202c left, \u2066isolated\u2069, \u200bnothing\ufeff", "right ot left, isolated, nothing"),
        ("half \ud83d a pair \udc00", "half a pair"),
        ("escaped &#x202e;&#1;&#xd800;controls", "escaped \ufffdcontrols"),
        ("<p>in&#x202e;side</p>", "inside"),
        ("two\r\n  lines\x0cand\x0ba\x85page", "two lines and a page"),
        ("e\u0301", "é"),
        ("zero\u200djoiner stays \U0001f469\u200d\U0001f52c", "zero\u200djoiner stays \U0001f469\u200d\U0001f52c"),
    ),
)
def test_unfit_characters_are_removed(source: str, readable: str) -> None:
    assert clean_text(source, LONGEST) == readable


def test_a_text_is_cut_to_the_maximum_length() -> None:
    assert clean_text("word " * 100, 12) == "word word wo"
    assert clean_text("word " * 100, 5) == "word"


HOSTILE = {
    "formulas": "".join(f"$\\a_{{{number}}}$ " for number in range(50_000)),
    "plain formulas": "$a$ " * 100_000,
    "open braces": "$" + "{" * 900 + "$",
    "open macros": "\\alpha{" * 50_000,
    "pairs in a macro": "\\a{" + "{}" * 100_000,
    "backslashes": "\\" * 300_000,
    "blanks": "\\a" + " " * 300_000,
    "angles": "<" * 300_000,
    "open tags": "<a " * 100_000,
    "open attributes": '<a b="' * 50_000,
    "nested tags": "<div>" * 60_000 + "x",
    "open scripts": "<script>" * 50_000,
    "open comments": "<!--" * 50_000,
    "prices": ("$5 " + "a" * 298) * 1_000,
    "ampersands": "&" * 300_000,
    "open citations": "\\cite{" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_cleaning_takes_linear_time(kind: str) -> None:
    """INVARIANT: no text takes long; quadratic patterns would take minutes for these."""
    started = time.thread_time()
    assert len(clean_text(HOSTILE[kind], 20_000)) <= 20_000
    assert time.thread_time() - started < 2


PIECES = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "<b>",
        "<script>",
        "<mask>",
        "$",
        "$$",
        "\\",
        "\\alpha",
        "\\'e",
        "{",
        "}",
        "&#",
        "&#x202e;",
        "&lt;",
        ";",
    ]
)
MARKED = st.lists(PIECES | st.text(st.characters(), max_size=5), max_size=30).map("".join)


@examples(300)
@given(MARKED, st.integers(0, 60))
def test_any_text_becomes_printable(text: str, longest: int) -> None:
    """INVARIANT: any text becomes bounded, without controls, surrogates and direction marks, with single spaces."""
    clean = clean_text(text, longest)
    assert len(clean) <= longest
    assert clean == clean.strip()
    assert "  " not in clean
    assert not {unicodedata.category(char) for char in clean} & {"Cc", "Cs"}
    assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    clean.encode()


@examples(200)
@given(st.text(st.characters(), max_size=40))
def test_fold_accepts_any_text_and_returns_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


def test_what_is_no_character_is_dropped() -> None:
    assert clean_text("fol\ufdd0d\ufffei\U0001ffffng &#xFFFE;twice", 100) == "folding twice"
