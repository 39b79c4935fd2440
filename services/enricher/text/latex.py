"""Conversion of the LaTeX of abstracts to Unicode; what cannot be parsed stays as it is."""

import logging
import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as default_macros
from pylatexenc.macrospec import MacroSpec

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it would log every broken formula

# Macros that the parser does not know, with an argument and without; many come from journals of astronomy.
_WITH_ARGUMENT = {"texttt": "%s", "textsf": "%s", "textup": "%s", "footnote": " (%s)", "url": "%s", "ensuremath": "%s"}
_SYMBOLS = {
    "deg": "°", "degr": "°", "degree": "°", "arcsec": "″", "arcmin": "′", "micron": "μm", "um": "μm", "kms": " km/s",
    "msun": "M_⊙", "Msun": "M_⊙", "lsun": "L_⊙", "rsun": "R_⊙", "hi": "H I", "HI": "H I", "hii": "H II", "HII": "H II",
    "lya": "Lyα", "Lya": "Lyα", "halpha": "Hα", "Halpha": "Hα", "eg": "e.g.", "ie": "i.e.", "etal": "et al.",
    "etc": "etc.", "qquad": " ", "quad": " ", "left": "", "right": "", "big": "", "Big": "", "displaystyle": "",
}  # fmt: skip
_macros = default_macros()
_macros.add_context_category("ours", macros=[MacroSpec(name, "{") for name in _WITH_ARGUMENT], prepend=True)
_texts = default_texts()
_texts.add_context_category(
    "ours", macros=[MacroTextSpec(name, text) for name, text in (_WITH_ARGUMENT | _SYMBOLS).items()], prepend=True
)
_latex = LatexNodes2Text(latex_context=_texts, math_mode="text", keep_comments=True, strict_latex_spaces=False)

# Math between dollars, but no prices: a digit opens math only if neither prose nor another digit follows before the
# next dollar or macro. Every pattern here is bounded, as the text is untrusted.
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
# Layout and references, which are dropped. A macro without an argument may end in `\ `, a blank.
_EMPTY = re.compile(
    r"\\(?:begin|end|label|[vh]space)\*?\{[^{}]{0,100}\}|\\(?:noindent|newline|par|medskip|xspace)\b|\\[,;: ]"
    r"|~?\\(?:cite[a-z]*|(?:eq|auto|c)?ref)\*?(?:\[[^\]]{0,50}\]){0,2}\{[^{}]{0,500}\}"
)
_LINK = re.compile(r"\\href\s{0,3}\{([^{}]{1,500})\}\s{0,3}\{((?:[^{}]|\{[^{}]{0,300}\}){1,300})\}")
_QUOTED = re.compile(r"``([^`']{1,300})''")
_TIE = re.compile(r"(?<=[A-Za-z.)])~(?=[\w$\\(])|(?<=\d)~(?=[A-Za-z$\\(])")
# In a formula: \frac12, a function right after a letter, and an index or power of more than one character.
_BARE_FRACTION = re.compile(r"\\[dt]?frac\s*(\\[a-zA-Z]+|\w)\s*(\\[a-zA-Z]+|\w)(?![a-zA-Z]*\{)")
_FUNCTION = re.compile(r"(?<=[\w)}])\\(log|ln|exp|sin|cos|tan|min|max|arg|det|dim|poly)(?![a-zA-Z])")
_RAISED = re.compile(r"([\^_])\s?\{([^{}]{1,80})\}")
_ONE_SIGN = re.compile(r"\s*(?:[+-]?[\w.]+|\\[a-zA-Z]+|[*+'-]|\\(?:rm|mathrm|text)\b.*|.)\s*")
_BRACES = re.compile(r"[${}]")
_MAX_FORMULAS = 500
"""Formulas, and macros, that are converted in one text: each takes some 0.1 ms."""


def latex_to_unicode(text: str) -> str:
    """Convert the LaTeX of a text to Unicode."""
    if "$" in text or "\\" in text:
        text = _FONT.sub(r"\1", _LINK.sub(r"\2 (\1)", _EMPTY.sub(" ", text.replace("\\-", "-").replace("{,}", ","))))
        text = _TIE.sub(" ", _MATH.sub(_formula, text, _MAX_FORMULAS))
        text = _MACRO.sub(_macro, text, _MAX_FORMULAS)
    if "_{" in text or "^{" in text:  # a formula without dollars
        text = _RAISED.sub(_raised, text)
    return _QUOTED.sub("“\\1”", text) if "``" in text else text


def _formula(match: re.Match[str]) -> str:
    source = match[0]
    if "\\" in source:
        return _unlatex(source)
    return _BRACES.sub("", _RAISED.sub(_raised, source)).replace("~", " ")  # most math is as simple as `$x_i$`


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
        # Building a context takes longer than parsing most formulas, so it is built once.
        nodes, _, _ = LatexWalker(
            _RAISED.sub(_grouped, plain), latex_context=_macros, tolerant_parsing=True
        ).get_latex_nodes()
        text: str = _latex.nodelist_to_text(nodes)
    except Exception:  # noqa: BLE001  # on broken LaTeX the parser raises errors of any class
        return source
    return text if text.strip() and "%s" not in text else source.strip("$")
