"""LaTeX as abstracts have it, said in Unicode where that can be done; what cannot be read stays as it was."""

import logging
import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as default_macros
from pylatexenc.macrospec import MacroSpec

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it would say so of every broken formula

# What the parser does not know: by argument, and by itself; journals of astronomy define the latter for everybody.
_WRAPPING = {"texttt": "%s", "textsf": "%s", "textup": "%s", "footnote": " (%s)", "url": "%s", "ensuremath": "%s"}
_SAID = {
    "deg": "°", "degr": "°", "degree": "°", "arcsec": "″", "arcmin": "′", "micron": "μm", "um": "μm", "kms": " km/s",
    "msun": "M_⊙", "Msun": "M_⊙", "lsun": "L_⊙", "rsun": "R_⊙", "hi": "H I", "HI": "H I", "hii": "H II", "HII": "H II",
    "lya": "Lyα", "Lya": "Lyα", "halpha": "Hα", "Halpha": "Hα", "eg": "e.g.", "ie": "i.e.", "etal": "et al.",
    "etc": "etc.", "qquad": " ", "quad": " ", "left": "", "right": "", "big": "", "Big": "", "displaystyle": "",
}  # fmt: skip
_macros = default_macros()
_macros.add_context_category("ours", macros=[MacroSpec(name, "{") for name in _WRAPPING], prepend=True)
_texts = default_texts()
_texts.add_context_category(
    "ours", macros=[MacroTextSpec(name, said) for name, said in (_WRAPPING | _SAID).items()], prepend=True
)
_latex = LatexNodes2Text(latex_context=_texts, math_mode="text", keep_comments=True, strict_latex_spaces=False)

# Math between dollars, but no prices: a figure opens math only if neither prose nor another figure follows before the
# next dollar or macro. Every pattern here is bounded: the text is a stranger's.
_PRICE = r"(?!\s?\d(?:[^$\\]{0,300}?\s[a-zA-Z]{2}|[^$]{0,300}\s\$|[^$]{0,300}\$\d))"
_MATH = re.compile(
    rf"\$\${_PRICE}[^$]{{1,1000}}\$\$|\${_PRICE}[^$]{{1,1000}}\$|\\\((?:[^\\]|\\[^()]){{1,500}}\\\)"
    r"|\\\[(?:[^\\]|\\[^\[\]]){1,500}\\\]"
)
# A macro with its arguments, an accent such as \'e, a thin space, an escaped sign.
_MACRO = re.compile(
    r"\{\\[a-zA-Z]{1,4}\}|\\[a-zA-Z]+\*?(?:\s{0,3}\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,100}\}){0,300}\}){0,300}\})*"
    r"|\{?\\[`'^\"~=.]\s?\{?\\?[a-zA-Z]\}?\}?|\\[%&_#${}]"
)
_FONT = re.compile(r"\{\\(?:em|it|bf|sf|tt|sc|rm|sl|tiny|small|large)\b\s*((?:[^{}]|\{[^{}]{0,100}\}){0,300})\}")
# Layout and references: nothing is left of them to read. A macro without an argument may end in `\ `, a blank.
_EMPTY = re.compile(
    r"\\(?:begin|end|label|[vh]space)\*?\{[^{}]{0,100}\}|\\(?:noindent|newline|par|medskip|xspace)\b|\\[,;: ]"
    r"|~?\\(?:cite[a-z]*|(?:eq|auto|c)?ref)\*?(?:\[[^\]]{0,50}\]){0,2}\{[^{}]{0,500}\}"
)
_LINK = re.compile(r"\\href\s{0,3}\{([^{}]{1,500})\}\s{0,3}\{((?:[^{}]|\{[^{}]{0,300}\}){1,300})\}")
_QUOTED = re.compile(r"``([^`']{1,300})''")
_TIE = re.compile(r"(?<=[A-Za-z.)])~(?=[\w$\\(])|(?<=\d)~(?=[A-Za-z$\\(])")
# In a formula: \frac12, a function right behind a letter, and an index or power of more than one sign.
_BARE_FRACTION = re.compile(r"\\[dt]?frac\s*(\\[a-zA-Z]+|\w)\s*(\\[a-zA-Z]+|\w)(?![a-zA-Z]*\{)")
_FUNCTION = re.compile(r"(?<=[\w)}])\\(log|ln|exp|sin|cos|tan|min|max|arg|det|dim|poly)(?![a-zA-Z])")
_RAISED = re.compile(r"([\^_])\s?\{([^{}]{1,80})\}")
_ONE_SIGN = re.compile(r"\s*(?:[+-]?[\w.]+|\\[a-zA-Z]+|[*+'-]|\\(?:rm|mathrm|text)\b.*|.)\s*")
_BRACES = re.compile(r"[${}]")
_MOST = 500
"""Formulas, and macros, read in one text; to parse one takes some 0.1 ms, and who sends more wants to waste it."""


def readable(text: str) -> str:
    """Say the LaTeX of a text in Unicode."""
    if "$" in text or "\\" in text:
        text = _FONT.sub(r"\1", _LINK.sub(r"\2 (\1)", _EMPTY.sub(" ", text.replace("\\-", "-").replace("{,}", ","))))
        text = _TIE.sub(" ", _MATH.sub(_formula, text, _MOST))
        text = _MACRO.sub(_macro, text, _MOST)
    if "_{" in text or "^{" in text:  # a formula that nothing marks as one
        text = _RAISED.sub(_raised, text)
    return _QUOTED.sub("“\\1”", text) if "``" in text else text


def _formula(match: re.Match[str]) -> str:
    source = match[0]
    if "\\" in source:
        return _unlatex(source)
    return _BRACES.sub("", _RAISED.sub(_raised, source)).replace("~", " ")  # most of all math is `$x_i$`


def _macro(match: re.Match[str]) -> str:
    return _unlatex(match[0])


def _raised(match: re.Match[str]) -> str:
    sign, inner = match.groups()
    return f"{sign}{inner.strip()}" if _ONE_SIGN.fullmatch(inner) else f"{sign}({inner.strip()})"


def _grouped(match: re.Match[str]) -> str:
    sign, inner = match.groups()
    return f"{sign}{{{inner}}}" if _ONE_SIGN.fullmatch(inner) else f"{sign}{{({inner})}}"


@lru_cache(maxsize=16_384)
def _unlatex(source: str) -> str:
    plain = _FUNCTION.sub(r" \\\1", _BARE_FRACTION.sub(r"\\frac{\1}{\2}", source))
    try:
        # To make a context takes longer than to read most formulas: it is made once.
        nodes, _, _ = LatexWalker(
            _RAISED.sub(_grouped, plain), latex_context=_macros, tolerant_parsing=True
        ).get_latex_nodes()
        text: str = _latex.nodelist_to_text(nodes)
    except Exception:  # noqa: BLE001  # on broken LaTeX the parser fails with whatever its code runs into
        return source
    return text if text.strip() and "%s" not in text else source.strip("$")
