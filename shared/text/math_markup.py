"""MathML that is safe on a page: known elements and attributes, and no HTML within texts. Pure."""

import html
import re
from typing import Final
from xml.etree.ElementTree import Element

from shared.text.mathml import MAX_DEPTH, TooDeepError, local_name

_LEAVES: Final = frozenset({"mi", "mn", "mo", "mtext"})
_KEPT: Final = _LEAVES | {
    "math", "mrow", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover",
    "mtable", "mtr", "mtd", "mphantom", "mstyle", "mpadded",
}  # fmt: skip
_ATTRIBUTES: Final = frozenset({
    "accent", "accentunder", "columnalign", "displaystyle", "fence", "form", "linethickness", "lspace", "mathvariant",
    "maxsize", "minsize", "rspace", "scriptlevel", "separator", "stretchy", "width",
})  # fmt: skip
_VALUE: Final = re.compile(r"[\w.%+-]{1,20}", re.ASCII)


class UnsafeError(ValueError):
    """MathML with an element that no formula of ours has."""


def safe_markup(element: Element, depth: int = 0) -> str:
    """Return an element of MathML Core as text.

    Raises:
        UnsafeError: an element is unknown.
        TooDeepError: the elements are nested too deep.

    """
    name = local_name(element)
    if name not in _KEPT:
        raise UnsafeError
    if depth > MAX_DEPTH:
        raise TooDeepError
    known = ((key, value) for key, value in element.items() if key in _ATTRIBUTES and _VALUE.fullmatch(value))
    attributes = "".join(f' {key}="{value}"' for key, value in known)
    if name in _LEAVES:
        inner = html.escape("".join(element.itertext()))
    else:
        inner = "".join(safe_markup(child, depth + 1) for child in element)
    return f"<{name}{attributes}>{inner}</{name}>"
