"""Text as sources send it, made readable: markup, LaTeX and unfit characters become plain Unicode."""

import html
import logging
import re
import unicodedata
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalker, get_default_latex_context_db

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it would say so of every broken formula
_context = get_default_latex_context_db()  # to make one takes longer than most formulas
_latex = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)

_SPACE = re.compile(r"\s+")
# Controls that are no space, lone surrogates, and marks that hide or turn the reading direction around.
_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)

# Nothing to be done: words of ASCII with single spaces, and nothing that begins a tag, an entity or LaTeX.
_PLAIN = re.compile(r"[!-#%'-;=-\[\]-_a-~]+(?: [!-#%'-;=-\[\]-_a-~]+)*")

# Every pattern here is bounded: the text is a stranger's. Attributes need values, or `a<b and c>d` would be a tag.
_TAG = re.compile(
    r"</?(?:[a-z]{1,10}:)?([a-z][a-z0-9-]{0,20})"
    r"(?:\s+[\w:.-]{1,50}\s*=\s*(?:\"[^\"]{0,500}\"|'[^']{0,500}'|[^\s<>\"'=]{1,500}))*\s*/?>",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"<!--.{0,300}?-->|<(script|style)\b[^<>]{0,300}>.{0,1000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
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
# What stands in the place of a tag: those between words part them.
_INSTEAD = dict.fromkeys(_INLINE.split(), "") | dict.fromkeys(_BLOCK.split(), " ")

# Math between dollars, but no prices: a figure opens math only if neither prose nor another figure follows before the
# next dollar.
_PRICE = r"(?!\s?\d(?:[^$]{0,300}?\s[a-zA-Z]{2}|[^$]{0,300}\s\$|[^$]{0,300}\$\d))"
_MATH = re.compile(rf"\$\$?{_PRICE}[^$]{{1,1000}}\$\$?|\\\([^()]{{1,500}}\\\)")
# A macro with its arguments, an accent such as \'e, a thin space, an escaped sign.
_MACRO = re.compile(
    r"\{\\[a-zA-Z]{1,2}\}|\\[a-zA-Z]+\*?(?:\s{0,3}\{(?:[^{}]|\{[^{}]{0,300}\}){0,300}\})*"
    r"|\{?\\[`'^\"~=.]\s?\{?\\?[a-zA-Z]\}?\}?|\\[%&_#${}]"
)
_FONT = re.compile(r"\{\\(?:em|it|bf|sf|tt|sc|rm|sl)\b\s*([^{}]*)\}")
# Layout and references: nothing is left of them to read.
_EMPTY = re.compile(
    r"\\(?:begin|end|label|[vh]space)\*?\{[^{}]{0,100}\}|\\(?:noindent|newline|par|medskip)\b|\\[,;:]"
    r"|~?\\(?:cite[a-z]*|(?:eq|auto|c)?ref)\*?(?:\[[^\]]{0,50}\]){0,2}\{[^{}]{0,500}\}"
)
_LINK = re.compile(r"\\href\s{0,3}\{([^{}]{1,500})\}\s{0,3}\{([^{}]{1,500})\}")
_QUOTED = re.compile(r"``([^`']{1,300})''")
_MOST = 500
"""Formulas, and macros, read in one text; to parse one takes some 0.1 ms, and who sends more wants to waste it."""


def clean_text(text: str, longest: int) -> str:
    """Make text readable: no tags, no LaTeX where it can be said in Unicode, single spaces, `longest` characters.

    What cannot be read as LaTeX stays as it was.
    """
    if len(text) <= longest and _PLAIN.fullmatch(text):
        return text
    text = _UNFIT.sub("", text[: longest * 4])
    if "<" in text or "&" in text:
        # Twice: feeds send markup that is escaped once more. A `<` of the abstract itself begins no known tag.
        text = _UNFIT.sub("", _without_tags(html.unescape(_without_tags(text))))
    if "$" in text or "\\" in text:
        text = _MATH.sub(_readable, _FONT.sub(r"\1", _LINK.sub(r"\2 (\1)", _EMPTY.sub(" ", text))), _MOST)
        text = _UNFIT.sub("", _MACRO.sub(_readable, text, _MOST))
    if "``" in text:
        text = _QUOTED.sub("“\\1”", text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()[:longest].rstrip()


def _without_tags(text: str) -> str:
    return _TAG.sub(_untagged, _CDATA.sub("", _UNSEEN.sub(" ", text)))


def _untagged(tag: re.Match[str]) -> str:
    """Drop a tag of HTML or JATS; a placeholder such as `<mask>` is a word of the abstract."""
    return _INSTEAD.get(tag[1].lower(), tag[0])


def _readable(match: re.Match[str]) -> str:
    source = match[0]
    if "\\" not in source:  # most of all math is `$x_i$`: no need to parse it
        return re.sub(r"[${}]", "", source).replace("~", " ")
    return _unlatex(source)


@lru_cache(maxsize=16_384)
def _unlatex(source: str) -> str:
    try:
        nodes, _, _ = LatexWalker(source, latex_context=_context, tolerant_parsing=True).get_latex_nodes()
        text: str = _latex.nodelist_to_text(nodes)
    except Exception:  # noqa: BLE001  # on broken LaTeX the parser fails with whatever its code runs into
        return source
    return text if text.strip() else source.strip("$")
