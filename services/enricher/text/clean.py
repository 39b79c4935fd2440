"""Cleaning what sources send: markup, LaTeX and unfit characters become plain Unicode."""

import html
import re
import tomllib
from importlib import resources
from typing import Final, NamedTuple

from services.enricher.text.held_formulas import Formulas
from services.enricher.text.latex import plain_latex, spell_ions
from services.enricher.text.publishers import formulas_as_latex
from shared.embedding.stopwords import STOPWORDS
from shared.papers.bounds import NONCHARACTERS
from shared.papers.titles import normalized

_SPACE = re.compile(r"\s+")
# Control characters except white space, what is no character, and marks that are invisible or change the direction.
_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
    f"{NONCHARACTERS}]"
)
# Text that needs no cleaning: ASCII words with single spaces, without the start of a tag, an entity or LaTeX.
_PLAIN = re.compile(r"[!-#%'-;=-\[\]-_a-z|-~]+(?: [!-#%'-;=-\[\]-_a-z|-~]+)*")
# Signs without which there is no LaTeX.
_LATEX = re.compile(r"[$\\{}]|``")
_MAX_ESCAPES = 3
_MAX_GROWTH = 2
"""Characters of a text with LaTeX for each that it may have without."""
# Every pattern here is bounded, as the text is untrusted. Attributes need values, or `a<b and c>d` would be a tag.
_TAG = re.compile(
    r"</?(?:[a-z]{1,10}:)?([a-z][a-z0-9-]{0,20})"
    r"(?:\s+[\w:.-]{1,50}\s*=\s*(?:\"[^\"]{0,500}\"|'[^']{0,500}'|[^\s<>\"'=]{1,500}))*\s*/?>",
    re.IGNORECASE,
)
# None of these contains the beginning of another, which would be read once more from there.
_INVISIBLE = re.compile(
    r"<!--(?:(?!<!--).){0,300}?-->|<(script|style)\b[^<>]{0,300}>(?:(?!<\1\b).){0,1000}?</\1\s{0,9}>",
    re.IGNORECASE | re.DOTALL,
)
# A reference that is no character; the standard library raises an error for one of many digits.
_NO_CHARACTER = re.compile(r"&#[0-9]{10,}+;?")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_INLINE = (
    "a abbr b big cite code del dfn em font i img ins kbd label mark math mi mn mo mrow ms msub msubsup msup mtext q "
    "s samp small span strike strong sub sup svg tt u var wbr italic bold sc monospace underline overline xref ext- "
    "link inline-formula tex-math named-content styled-content alternatives semantics mfrac msqrt mroot mstyle mpadded "
    "mfenced munder mover munderover mtable mtr mtd"
)
_BLOCK = (
    "article aside audio base blockquote body br button caption center dd details div dl dt embed figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hr html iframe input li link main meta nav noscript object ol option p "
    "picture pre script section select source style summary table tbody td textarea tfoot th thead title tr ul video "
    "disp-formula disp-quote graphic list list-item sec"
)
# What replaces a tag: a space for a block, which separates words.
_REPLACEMENTS = dict.fromkeys(_INLINE.split(), "") | dict.fromkeys(_BLOCK.split(), " ")
_headings: Final[dict[str, list[str]]] = tomllib.loads(
    resources.files(__package__).joinpath("headings.toml").read_text("utf-8")
)
_LABELS: Final = sorted(
    {form for label in _headings["labels"] for form in (label, label.upper())}, key=len, reverse=True
)
# After the end of a sentence, right before a capital or a number. A class at its beginning makes the search fast.
_GLUED: Final = re.compile(rf"[.!?)\]] ?({'|'.join(map(re.escape, _LABELS))})(?=([A-Z][a-z]*|\d+))")
_FEWEST: Final = 2
"""Glued headings that are enough, as ResultsDB is a name; a single one is one before a word that begins sentences."""


class Cleaned(NamedTuple):
    """A text in plain Unicode, and the same with its formulas in LaTeX between dollars, where it has formulas."""

    plain: str
    tex: str | None = None


def clean_text(text: str, max_length: int) -> str:
    """Return a text without tags and LaTeX, with single spaces, cut to `max_length` characters."""
    return read_text(text, max_length).plain


def read_text(text: str, max_length: int) -> Cleaned:
    r"""Clean a text, and keep the LaTeX of its formulas.

    In the second form `\$` is a dollar. It is left out for a text without formulas, and for one that had to be cut.
    """
    if len(text) <= max_length and _PLAIN.fullmatch(text):
        return Cleaned(text)
    text = _UNFIT.sub("", text[: max_length * 4])
    if "<" in text or "&" in text:
        text = _UNFIT.sub("", _without_markup(text))
    if not _LATEX.search(text):
        return Cleaned(_single_spaced(text)[:max_length].rstrip())
    formulas = Formulas()
    text = _single_spaced(plain_latex(formulas.hold(spell_ions(text)), formulas))
    plain = _single_spaced(_UNFIT.sub("", formulas.read(text)))
    tex = formulas.written(text)
    if len(plain) > max_length or (tex and len(tex) > max_length * _MAX_GROWTH):
        return Cleaned(plain[:max_length].rstrip())
    return Cleaned(plain, tex)


def _single_spaced(text: str) -> str:
    return _SPACE.sub(" ", normalized("NFC", text)).strip()


def _without_markup(text: str) -> str:
    """Return a text without tags and references; some feeds escape their markup again and again.

    A `<` of the abstract itself begins no known tag.
    """
    for _ in range(_MAX_ESCAPES):
        bare = _without_tags(text)
        text = _unescaped(bare)
        if text == bare:
            return text
    return _without_tags(text)


def _unescaped(text: str) -> str:
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def _without_tags(text: str) -> str:
    return _TAG.sub(_untagged, _CDATA.sub("", formulas_as_latex(_INVISIBLE.sub(" ", text))))


def _untagged(tag: re.Match[str]) -> str:
    """Replace a tag of HTML or JATS; a placeholder such as `<mask>` is a word of the abstract and stays."""
    return _REPLACEMENTS.get(tag[1].lower(), tag[0])


def separate_headings(text: str) -> str:
    """Return an abstract with a colon after each heading of a section that is glued to its text.

    Markup separated them: "ObjectiveTo fold. MethodsFrom 2010 on." becomes "Objective: To fold. Methods: From 2010 on."
    """
    whole = f".{text}"  # its beginning is that of a sentence too
    words = [match[2] for match in _GLUED.finditer(whole)]
    several = len(words) >= _FEWEST and not all(map(str.isupper, words))
    if several or any(word.lower() in STOPWORDS for word in words if len(word) > 1 or word in "AI"):
        return _GLUED.sub(lambda match: f"{match[0][0]} {match[1]}: ", whole)[1:].lstrip()
    return text
