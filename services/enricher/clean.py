"""Text as sources send it, made readable: markup, LaTeX and unfit characters become plain Unicode."""

import html
import re
import unicodedata
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError
from selectolax.lexbor import LexborHTMLParser

_latex = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)

_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
# Math between dollars, a macro with its arguments, or an accent such as \'e: all that LaTeX leaves in an abstract.
_MATH = re.compile(r"\$\$?[^$]{1,1000}\$\$?|\\\([^()]{1,500}\\\)")
_MACRO = re.compile(r"\\[a-zA-Z]+\*?(?:\s*\{[^{}]{0,300}\})*|\{?\\[`'^\"~=.]\s*\{?\\?[a-zA-Z]\}?\}?|\\[%&_#${}]")
_FONT = re.compile(r"\{\\(?:em|it|bf|sf|tt|sc|rm|sl)\b\s*([^{}]*)\}")
# A price is no formula: "$5 to $10" must stay.
_PRICE = re.compile(r"^\$\s?\d[\d.,]*\s+[a-z]")
# Controls, lone surrogates, and marks that turn the reading direction around.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def clean_text(text: str, longest: int) -> str:
    """Make text readable: no tags, no LaTeX where it can be said in Unicode, single spaces, at most `longest` characters.

    What cannot be read as LaTeX stays as it was.
    """
    text = _UNFIT.sub("", text[: longest * 4])
    if "<" in text or "&" in text:
        text = _without_markup(text)
    if "$" in text or "\\" in text:
        text = _MATH.sub(_readable, _FONT.sub(r"\1", text))
        text = _MACRO.sub(_readable, text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()[:longest]


def _without_markup(text: str) -> str:
    if _TAG.search(text):
        parser = LexborHTMLParser(_TAG.sub(lambda tag: tag[0] if _is_html(tag[0]) else html.escape(tag[0]), text))
        parser.strip_tags(["script", "style"])
        text = parser.text(separator="")
    return html.unescape(text) if _ENTITY.search(text) else text


def _is_html(tag: str) -> bool:
    """Tell a tag of HTML or JATS from a placeholder such as `<mask>`, which is a word of the abstract."""
    name = tag.strip("</>").split()[0].split(":")[-1].lower().rstrip("/")
    return name in _HTML


_HTML = frozenset(
    "a abbr b big blockquote body br center cite code dd del div dl dt em font h1 h2 h3 h4 h5 h6 head hr html i img ins kbd li "
    "link math mi mn mo mrow msub msup ol p pre q s script section small span strike strong style sub sup table tbody td th "
    "thead tr tt u ul italic bold sec title xref inline-formula tex-math monospace sc list list-item".split()
)


def _readable(match: re.Match[str]) -> str:
    source = match[0]
    return source if _PRICE.match(source) else _unlatex(source)


@lru_cache(maxsize=16_384)
def _unlatex(source: str) -> str:
    try:
        text: str = _latex.latex_to_text(source)
    except (LatexWalkerError, ValueError, TypeError, LookupError, RecursionError):
        return source
    return text if text.strip() else source.strip("$")
