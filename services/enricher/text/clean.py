"""Cleaning what sources send: markup, LaTeX and unfit characters become plain Unicode, and authors are split."""

import html
import logging
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as default_macros
from pylatexenc.macrospec import MacroSpec

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it would log every broken formula

_SPACE = re.compile(r"\s+")
# Control characters except white space, lone surrogates, and marks that are invisible or change the direction.
_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Text that needs no cleaning: ASCII words with single spaces, without the start of a tag, an entity or LaTeX.
_PLAIN = re.compile(r"[!-#%'-;=-\[\]-_a-z|-~]+(?: [!-#%'-;=-\[\]-_a-z|-~]+)*")
# Every pattern here is bounded, as the text is untrusted. Attributes need values, or `a<b and c>d` would be a tag.
_TAG = re.compile(
    r"</?(?:[a-z]{1,10}:)?([a-z][a-z0-9-]{0,20})"
    r"(?:\s+[\w:.-]{1,50}\s*=\s*(?:\"[^\"]{0,500}\"|'[^']{0,500}'|[^\s<>\"'=]{1,500}))*\s*/?>",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(r"<!--.{0,300}?-->|<(script|style)\b[^<>]{0,300}>.{0,1000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_INLINE = (
    "a abbr b big cite code del dfn em font i img ins kbd label mark math mi mn mo mrow ms msub msubsup msup mtext q "
    "s samp small span strike strong sub sup svg tt u var wbr italic bold sc monospace underline overline xref ext- "
    "link inline-formula tex-math named-content styled-content"
)
_BLOCK = (
    "article aside audio base blockquote body br button caption center dd details div dl dt embed figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hr html iframe input li link main meta nav noscript object ol option p "
    "picture pre script section select source style summary table tbody td textarea tfoot th thead title tr ul video "
    "disp-formula disp-quote graphic list list-item sec"
)
# What replaces a tag: a space for a block, which separates words.
_REPLACEMENTS = dict.fromkeys(_INLINE.split(), "") | dict.fromkeys(_BLOCK.split(), " ")
# Macros that the parser does not know, with an argument and without; many come from journals of astronomy.
_WITH_ARGUMENT = {"texttt": "%s", "textsf": "%s", "textup": "%s", "footnote": " (%s)", "url": "%s", "ensuremath": "%s"}
_SYMBOLS = {
    "deg": "°", "degr": "°", "degree": "°", "arcsec": "″", "arcmin": "′", "micron": "μm", "um": "μm", "kms": " km/s",
    "msun": "M_⊙", "Msun": "M_⊙", "lsun": "L_⊙", "rsun": "R_⊙", "hi": "H I", "HI": "H I", "hii": "H II", "HII": "H II",
    "lya": "Lyα", "Lya": "Lyα", "halpha": "Hα", "Halpha": "Hα", "eg": "e.g.", "ie": "i.e.", "etal": "et al.",
    "etc": "etc.", "qquad": " ", "quad": " ", "left": "", "right": "", "big": "", "Big": "", "displaystyle": "",
}  # fmt: skip
_macros = default_macros()
_texts = default_texts()
_macros.add_context_category("ours", macros=[MacroSpec(name, "{") for name in _WITH_ARGUMENT], prepend=True)
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
_ASIDE = re.compile(r"\([^()]{0,500}\)")
_END = re.compile(r"\s*(?:,|\band\b|&)\s*", re.IGNORECASE)
_JUNIOR = re.compile(r"(?:jr|sr|phd|md|dr|ii|iii|iv)\.?", re.IGNORECASE)


def clean_text(text: str, max_length: int) -> str:
    """Return a text without tags, with LaTeX as Unicode and single spaces, cut to `max_length` characters.

    LaTeX that cannot be parsed stays as it is.
    """
    if len(text) <= max_length and _PLAIN.fullmatch(text):
        return text
    text = _UNFIT.sub("", text[: max_length * 4])
    if "<" in text or "&" in text:
        # Twice, as some feeds escape their markup once more. A `<` of the abstract itself begins no known tag.
        text = _UNFIT.sub("", _without_tags(html.unescape(_without_tags(text))))
    text = _UNFIT.sub("", latex_to_unicode(text))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()[:max_length].rstrip()


def _without_tags(text: str) -> str:
    return _TAG.sub(_untagged, _CDATA.sub("", _INVISIBLE.sub(" ", text)))


def _untagged(tag: re.Match[str]) -> str:
    """Replace a tag of HTML or JATS; a placeholder such as `<mask>` is a word of the abstract and stays."""
    return _REPLACEMENTS.get(tag[1].lower(), tag[0])


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


def split_authors(names: Sequence[str]) -> tuple[str, ...]:
    """Return authors one by one; a single string with all of them is split at its separators.

    Affiliations in parentheses may hold commas, so they are dropped. "Origami, Ada" is one person.
    """
    if len(names) != 1:
        return tuple(names)
    text = names[0]
    for _ in range(3):  # parentheses may be nested
        text = _ASIDE.sub(" ", text)
    parts = text.split(";") if ";" in text else _by_comma(text)
    return tuple(name for part in parts if (name := " ".join(part.split())))


def _by_comma(text: str) -> list[str]:
    parts = [part for part in _END.split(text) if part]
    if len(parts) == 2 and "," in text and (" " not in parts[0] or _JUNIOR.fullmatch(parts[1])):  # noqa: PLR2004  # a pair
        return [text]  # last name, first name
    return parts
