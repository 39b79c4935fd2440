r"""Formulas in the markup of publishers become LaTeX: MathML, `<tex-math>`, `<sub>` and `<sup>`. Pure.

JATS (NISO Z39.96-2021) has a formula as MathML, as TeX, or both as `<alternatives>`; Springer's TeX is a document.
Every pattern is bounded, as the text is untrusted.
"""

import html
import re
from typing import Final

from shared.text.formula import MAX_FORMULA, read_mathml
from shared.text.math_styles import Latex

_MAX_MATHML: Final = 20_000
_PREFIX: Final = r"(?:[a-z]{1,10}:)?"
_MATHML: Final = re.compile(
    rf"<{_PREFIX}math\b[^<>]{{0,500}}>(?:(?!<{_PREFIX}math\b).){{0,{_MAX_MATHML}}}?</{_PREFIX}math\s?>",
    re.IGNORECASE | re.DOTALL,
)
_TEX: Final = re.compile(
    rf"<{_PREFIX}tex-math\b[^<>]{{0,300}}>((?:(?!<{_PREFIX}tex-math\b).){{0,4000}}?)</{_PREFIX}tex-math\s?>",
    re.IGNORECASE | re.DOTALL,
)
_BOTH: Final = re.compile(
    rf"({_TEX.pattern})\s{{0,20}}{_MATHML.pattern}|{_MATHML.pattern}\s{{0,20}}({_TEX.pattern})",
    re.IGNORECASE | re.DOTALL,
)
_DOCUMENT: Final = (r"\begin{document}", r"\end{document}")
_LONGEST_DOCUMENT: Final = 4_000
"""Characters of a formula that is written as a whole document."""
_DELIMITERS: Final = re.compile(r"^(?:\$\$?|\\[(\[])|(?:\$\$?|\\[)\]])$")
_INDEX: Final = re.compile(
    rf"<{_PREFIX}su([bp])>((?:[^<>]|</?{_PREFIX}[a-z]{{1,9}}>){{1,80}}?)</{_PREFIX}su\1\s?>", re.IGNORECASE
)
_TAG: Final = re.compile(r"<[^<>]{0,40}>")
_PLAIN: Final = re.compile(r"[^\\{}$%#&_^~]+")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_ANY: Final = re.compile(r"<(?:[a-z]{1,10}:)?(?:math|tex-math|su[bp])\b", re.IGNORECASE)


def formulas_as_latex(text: str) -> str:
    r"""Return a text with the formulas of its markup in LaTeX between `\(` and `\)`."""
    if not _ANY.search(text):
        return text
    text = _TEX.sub(_from_tex, _BOTH.sub(lambda both: both[1] or both[3], text))
    return _INDEX.sub(_from_index, _MATHML.sub(_from_mathml, text))


def _from_tex(found: re.Match[str]) -> str:
    source = found[1].replace("<![CDATA[", "").replace("]]>", "").strip()
    source = (_document(source) or source).strip()
    source = _DELIMITERS.sub("", _DELIMITERS.sub("", source)).strip()
    return _delimited(html.unescape(source).replace("<", r"\lt ").replace(">", r"\gt "))


def _document(source: str) -> str:
    """Return what a formula has between the marks of a document; nothing where it has none."""
    begin, end = _DOCUMENT
    rest = source.partition(begin)[2][: _LONGEST_DOCUMENT + len(end)]
    return rest.rpartition(end)[0]


def _from_mathml(found: re.Match[str]) -> str:
    source = read_mathml(found[0], Latex())
    return _delimited(source) if source else found[0]


def _from_index(found: re.Match[str]) -> str:
    """Return an index; what has signs of LaTeX in it stays text."""
    inner = html.unescape(_TAG.sub("", found[2])).strip()
    if not _PLAIN.fullmatch(inner):
        return inner
    sign = "_" if found[1].lower() == "b" else "^"
    upright = _WORD.sub(lambda word: rf"\mathrm{{{word[0]}}}", inner)
    return rf"\({sign}{{{upright}}}\)"


def _delimited(source: str) -> str:
    return rf"\({source}\)" if 0 < len(source) <= MAX_FORMULA else source
