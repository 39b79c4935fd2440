"""LaTeX in titles and abstracts becomes plain Unicode, within a budget: what exceeds it stays as it is. Pure."""

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as default_macros
from pylatexenc.macrospec import MacroSpec

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it would log every broken formula

# Macros that the parser does not know, with an argument and without; many come from journals of astronomy.
_WITH_ARGUMENT = dict.fromkeys(["texttt", "textsf", "textup", "url", "ensuremath", "href", "mbox", "hbox"], "%s") | {
    "footnote": " (%s)"
}
_SYMBOLS = {
    "deg": "°", "degr": "°", "degree": "°", "arcsec": "″", "arcmin": "′", "micron": "μm", "um": "μm", "kms": " km/s",
    "msun": "M_⊙", "Msun": "M_⊙", "lsun": "L_⊙", "rsun": "R_⊙", "hi": "H I", "HI": "H I", "hii": "H II", "HII": "H II",
    "lya": "Lyα", "Lya": "Lyα", "halpha": "Hα", "Halpha": "Hα", "eg": "e.g.", "ie": "i.e.", "etal": "et al.",
    "etc": "etc.", "qquad": " ", "quad": " ", "left": "", "right": "", "big": "", "Big": "", "displaystyle": "",
    "neg": "¬", "bot": "⊥", "varTheta": "Θ", "dim": "dim", "angstrom": "Å", "pounds": "£", "farcm": "′.",
}  # fmt: skip
# Fonts and layout, which say nothing of their own.
_FONTS = (
    "rm bf it sf tt sc sl em cal frak bb bm mathbb mathbf mathcal mathrm scr textsc boldsymbol boldmath pmb color ion"
)
_SIZES = (
    "tiny scriptsize footnotesize small normalsize large Large textstyle scriptstyle limits nolimits strut mathstrut"
)
_DELIMITERS = (
    "bigl bigr bigg biggl biggr Bigl Bigr Bigg Biggl Biggr middle operatorname textcolor footnote footnotemark"
)
_LAYOUT = "centering hfill vfill bigskip smallskip indent linebreak pagebreak allowbreak nonumber notag protect relax"
_SWITCHES = frozenset(f"{_FONTS} {_SIZES} {_DELIMITERS} {_LAYOUT}".split())
_macros = default_macros()
_texts = default_texts()
_macros.add_context_category("ours", macros=[MacroSpec(name, "{") for name in _WITH_ARGUMENT], prepend=True)
_texts.add_context_category(
    "ours", macros=[MacroTextSpec(name, text) for name, text in (_WITH_ARGUMENT | _SYMBOLS).items()], prepend=True
)


def _own_name(node: Any) -> str:  # noqa: ANN401  # a node of pylatexenc
    """Return the name of a macro that the authors defined; one with an argument is dropped, as it may mean anything."""
    following = node.parsing_state.s[node.pos + node.len :][:2]
    with_argument = following[:1] in ("{", "*") and following != "{}"
    return "" if with_argument or node.macroname in _SWITCHES else node.macroname + node.macro_post_space


_texts.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_own_name))
# Math between dollars, but no prices: a digit opens math only if neither prose nor another digit follows before the
# next dollar or macro. Every pattern here is bounded, as the text is untrusted.
_PRICE = r"(?!\s?\d(?:[^$\\]{0,300}?\s[a-zA-Z]{2}|[^$]{0,300}\s\$|[^$]{0,300}\$\d))"
_MATH = re.compile(
    rf"\$\${_PRICE}[^$]{{1,1000}}\$\$|\${_PRICE}[^$]{{1,1000}}\$|\\\((?:[^\\]|\\[^()]){{1,500}}\\\)"
    r"|\\\[(?:[^\\]|\\[^\[\]]){1,500}\\\]"
)
# A macro with its arguments, an accent such as \'e, a thin space, an escaped sign.
_MACRO = re.compile(
    r"\{\\[a-zA-Z]{1,30}\}|\\[a-zA-Z]+\*?(?:\s{0,3}\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,100}\}){0,300}\}){0,300}\})*"
    r"|\{?\\[`'^\"~=.]\s?\{?\\?[a-zA-Z]\}?\}?|\\[%&_#${}]"
)
_FONT = re.compile(r"\{\\(?:em|it|bf|sf|tt|sc|rm|sl|tiny|small|large)\b\s*+((?:[^{}]|\{[^{}]{0,100}\}){0,300})\}")
# Layout and references, which are dropped. A macro without an argument may end in `\ `, a blank.
_EMPTY = re.compile(
    r"\\(?:begin|end|label|[vh]space)\*?\{[^{}]{0,100}\}|\\(?:noindent|newline|par|medskip|xspace)\b|\\[,;: ]"
    r"|~?\\(?:cite[a-z]*|(?:eq|auto|c)?ref)\*?(?:\[[^\]]{0,50}\]){0,2}\{[^{}]{0,500}\}"
)
_LINK = re.compile(r"\\href\s{0,3}\{([^{}]{1,500})\}\s{0,3}\{((?:[^{}]|\{[^{}]{0,300}\}){1,300})\}")
_QUOTED = re.compile(r"``([^`']{1,300})''")
_TIE = re.compile(r"(?<=[A-Za-z.)])~(?=[\w$\\(])|(?<=\d)~(?=[A-Za-z$\\(])")
# In a formula: \frac12, a function right after a letter, and an index or power of more than one character.
_BARE_FRACTION = re.compile(r"\\[dt]?frac\s*(\\[a-zA-Z]+|\w)\s*(\\[a-zA-Z]++|\w)(?![a-zA-Z]*\{)")
_FUNCTION = re.compile(r"(?<=[\w)}])\\(log|ln|exp|sin|cos|tan|min|max|arg|det|dim|poly)(?![a-zA-Z])")
_RAISED = re.compile(r"([\^_])\s?\{([^{}]{1,80})\}")
_ONE_SIGN = re.compile(r"(?:[+-]?[\w.]+|\\[a-zA-Z]+|[*+'-]|\\(?:rm|mathrm|text)\b.*|.)?")
_NAME = re.compile(r"\\([a-zA-Z]+)")
_BRACES = re.compile(r"[${}]")
MAX_CONVERTED: Final = 5_000
"""Characters of LaTeX that are converted in one text, in up to 0.03 ms each; the rest stays as it is."""
MAX_SOURCE: Final = 1_000
"""Characters of one formula."""
_MIN_COST: Final = 10
"""Characters that a formula counts for at least."""
_MAX_STEPS: Final = 2
"""Steps for each character of a formula. Real ones take up to 1.5; broken nesting would take exponentially many."""
_FIRST_STEPS: Final = 50
_MAX_GROWTH: Final = 3
"""Characters of a text for each of its formula: nested accents would double it at every level."""


class _OverBudgetError(Exception):
    """A formula that takes more steps than its length allows."""


@dataclass(slots=True)
class _Budget:
    """The steps that are left for one formula."""

    left: int

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _OverBudgetError


class _Walker(LatexWalker):  # type: ignore[misc]  # pylatexenc has no types
    """The parser, which takes one step for each token that it reads; it reads some again and again."""

    def __init__(self, source: str, budget: _Budget) -> None:
        super().__init__(source, latex_context=_macros, tolerant_parsing=True)
        self._budget = budget

    def get_token(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as pylatexenc
        self._budget.step()
        return super().get_token(*args, **options)


class _Texts(LatexNodes2Text):  # type: ignore[misc]  # pylatexenc has no types
    """The conversion of what was parsed, with one step for each node; some are converted again and again."""

    def __init__(self, budget: _Budget, longest: int) -> None:
        super().__init__(latex_context=_texts, math_mode="text", keep_comments=True, strict_latex_spaces=False)
        self._budget = budget
        self._longest = longest

    def node_to_text(self, *args: Any, **options: Any) -> str:  # noqa: ANN401  # as pylatexenc
        self._budget.step()
        text: str = super().node_to_text(*args, **options)
        if len(text) > self._longest:
            raise _OverBudgetError
        return text


def latex_to_unicode(text: str) -> str:
    """Convert the LaTeX of a text to Unicode; what exceeds its budget stays as it is."""
    if "$" in text or "\\" in text:
        conversion = _Conversion()
        text = _FONT.sub(r"\1", _LINK.sub(r"\2 (\1)", _EMPTY.sub(" ", text.replace("\\-", "-").replace("{,}", ","))))
        text = _TIE.sub(" ", _MATH.sub(conversion.formula, text))
        text = _MACRO.sub(conversion.macro, text)
    if "_{" in text or "^{" in text:  # a formula without dollars
        text = _RAISED.sub(_raised, text)
    return _QUOTED.sub("“\\1”", text) if "``" in text else text


@dataclass(slots=True)
class _Conversion:
    """The conversion of one text; `left` characters of LaTeX are converted yet."""

    left: int = MAX_CONVERTED

    def formula(self, match: re.Match[str]) -> str:
        source = match[0]
        if "\\" in source:
            return self._convert(source)
        return _BRACES.sub("", _RAISED.sub(_raised, source)).replace("~", " ")  # most math is as simple as `$x_i$`

    def macro(self, match: re.Match[str]) -> str:
        return self._convert(match[0])

    def _convert(self, source: str) -> str:
        if len(source) > min(MAX_SOURCE, self.left):
            return source
        self.left -= max(len(source), _MIN_COST)
        return _unlatex(source)


def _raised(match: re.Match[str]) -> str:
    sign, inner = match.groups()
    return f"{sign}{inner.strip()}" if _ONE_SIGN.fullmatch(inner.strip()) else f"{sign}({inner.strip()})"


def _grouped(match: re.Match[str]) -> str:
    sign, inner = match.groups()
    return f"{sign}{{{inner}}}" if _ONE_SIGN.fullmatch(inner.strip()) else f"{sign}{{({inner})}}"


@lru_cache(maxsize=16_384)
def _unlatex(source: str) -> str:
    plain = _RAISED.sub(_grouped, _FUNCTION.sub(r" \\\1", _BARE_FRACTION.sub(r"\\frac{\1}{\2}", source)))
    budget = _Budget(_FIRST_STEPS + _MAX_STEPS * len(plain))
    try:
        nodes, _, _ = _Walker(plain, budget).get_latex_nodes()
        text: str = _Texts(budget, _FIRST_STEPS + _MAX_GROWTH * len(plain)).nodelist_to_text(nodes)
    except Exception:  # noqa: BLE001  # on broken LaTeX the parser raises errors of any class
        return source
    if text.strip() and "%s" not in text:
        return text
    macro = _NAME.match(source)
    return "" if macro and macro[1] in _SWITCHES else source.strip("$")
