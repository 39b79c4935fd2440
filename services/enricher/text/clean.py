"""Text as sources send it, made readable: markup, LaTeX and unfit characters become plain Unicode."""

import html
import re
import unicodedata

from services.enricher.text.latex import readable

_SPACE = re.compile(r"\s+")
# Controls that are no space, lone surrogates, and marks that hide or turn the reading direction around.
_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)

# Nothing to be done: words of ASCII with single spaces, and nothing that begins a tag, an entity or LaTeX.
_PLAIN = re.compile(r"[!-#%'-;=-\[\]-_a-z|-~]+(?: [!-#%'-;=-\[\]-_a-z|-~]+)*")

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
    text = _UNFIT.sub("", readable(text))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()[:longest].rstrip()


def _without_tags(text: str) -> str:
    return _TAG.sub(_untagged, _CDATA.sub("", _UNSEEN.sub(" ", text)))


def _untagged(tag: re.Match[str]) -> str:
    """Drop a tag of HTML or JATS; a placeholder such as `<mask>` is a word of the abstract."""
    return _INSTEAD.get(tag[1].lower(), tag[0])
