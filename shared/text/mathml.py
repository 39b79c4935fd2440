"""MathML as text. The walk over the elements is one; a `Style` says how indices, fractions and roots are written. Pure.

The elements are those of MathML Core (W3C, 2025), and those of MathML 3 that publishers use.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Protocol
from xml.etree.ElementTree import Element

MAX_DEPTH: Final = 60
"""Elements within each other: real formulas have up to 15."""
_LEAVES: Final = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_SCRIPTS: Final = {"msub": (1, 0), "msup": (0, 1), "msubsup": (1, 2), "munder": (1, 0), "mover": (0, 1)} | {
    "munderover": (1, 2)
}
"""The places of the lower and the upper index among the children; 0 where there is none."""
_SILENT: Final = frozenset({"annotation", "annotation-xml", "mphantom", "mprescripts", "none"})
_LISTS: Final = {"mtable": "; ", "mtr": ", ", "mlabeledtr": ", "}
_STARS: Final = "⊙☉⊕"
_WRAPS: Final = frozenset({"mrow", "mstyle", "mpadded", "math", "semantics"})
_PREFIXES: Final = frozenset("([{⟨√∛∜∑∏∫∂∇")
"""Signs, other than letters and digits, that begin a factor."""


class TooDeepError(ValueError):
    """MathML with more elements within each other than any formula has."""


class Style(Protocol):
    """How the parts of a formula are written; every part that it is given is written already."""

    def leaf(self, kind: str, text: str) -> str:
        """Write a name, a number, an operator or a text; `kind` is the element's name."""

    def index(self, base: str, lower: str, upper: str) -> str:
        """Write a base with its indices; "" is no index."""

    def fraction(self, upper: str, lower: str) -> str:
        """Write a fraction."""

    def choose(self, upper: str, lower: str) -> str:
        """Write the inner part of a binomial coefficient."""

    def root(self, inner: str, degree: str) -> str:
        """Write a root; the degree of a square root is ""."""

    def accent(self, base: str, sign: str, *, below: bool) -> str:
        """Write a base with a sign over or under it."""


def write(element: Element, style: Style, depth: int = 0) -> str:
    """Write an element of MathML.

    Raises:
        TooDeepError: its elements are nested more than `MAX_DEPTH` deep.

    """
    if depth > MAX_DEPTH:
        raise TooDeepError
    name = local_name(element)
    if name in _SILENT:
        return ""
    if name in _LEAVES:
        return style.leaf(name, "".join(element.itertext()))
    if name == "mspace":
        return " " if _is_wide(element.get("width", "")) else ""
    if name == "semantics":  # the formula, then other forms of it
        return write(element[0], style, depth + 1) if len(element) else ""
    parts = [write(child, style, depth + 1) for child in element]
    return _composed(name, element, parts, style)


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _composed(name: str, element: Element, parts: list[str], style: Style) -> str:
    if name in _SCRIPTS and len(parts) > max(_SCRIPTS[name]):
        return _scripted(name, element, parts, style)
    if name in {"mfrac", "mroot"} and len(parts) > 1:
        flat = element.get("linethickness", "1").startswith("0")
        return (style.root if name == "mroot" else style.choose if flat else style.fraction)(parts[0], parts[1])
    if name == "mmultiscripts" and parts:
        return _multiscripts(element, parts, style)
    if name == "mfenced":
        signs = [style.leaf("mo", element.get(sign, usual)) for sign, usual in (("open", "("), ("close", ")"))]
        return style.leaf("mo", element.get("separators", ",")[:1]).join(parts).join(signs)
    if name in _LISTS:
        return _LISTS[name].join(parts)
    row = _row(element, parts)
    return style.root(row, "") if name == "msqrt" else row


def _scripted(name: str, element: Element, parts: Sequence[str], style: Style) -> str:
    lower, upper = (parts[place].strip() if place else "" for place in _SCRIPTS[name])
    if element.get("accent") == "true" and upper:
        return style.accent(parts[0], upper, below=False)
    if element.get("accentunder") == "true" and lower:
        return style.accent(parts[0], lower, below=True)
    return style.index(parts[0], lower, upper)


def _multiscripts(element: Element, parts: list[str], style: Style) -> str:
    """Write indices before and after a base: pairs of a lower and an upper one, those before it last."""
    names = [local_name(child) for child in element]
    middle = names.index("mprescripts") if "mprescripts" in names else len(parts)
    after, before = parts[1:middle], parts[middle + 1 :]
    front = "".join(style.index("", *pair) for pair in _pairs(before))
    text = parts[0]
    for lower, upper in _pairs(after):
        text = style.index(text, lower, upper)
    return front + text


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=False))


def _row(element: Element, parts: list[str]) -> str:
    """Join the parts of a row, with spaces about × between two of them, before units and about fractions."""
    children = list(element)
    spaced = [
        f" {part} " if part == "×" and any(parts[:place]) and any(parts[place + 1 :]) else part
        for place, part in enumerate(parts)
    ]
    for place, (child, following) in enumerate(pairwise(children), 1):
        joined = _is_fraction(child) and (parts[place][:1].isalnum() or parts[place][:1] in _PREFIXES)
        mixed = _is_fraction(following) and parts[place - 1][-1:].isdecimal()
        if joined or mixed or (_ends_unit(child) and _is_word(following)):
            spaced[place] = f" {spaced[place].lstrip()}"
    return "".join(spaced)


def _ends_unit(element: Element) -> bool:
    """Return whether an element is a number or a unit with its power, or the mass of a star: 10³, s⁻¹, M⊙."""
    while len(element) == 1 and local_name(element) not in _SCRIPTS:
        element = element[0]
    if local_name(element) not in {"msub", "msup"}:
        return False
    base, index = (("".join(part.itertext())).strip() for part in element[:2])
    return index in _STARS or (local_name(element) == "msup" and (base.isdecimal() or index.startswith("−")))


def _is_fraction(element: Element) -> bool:
    """Return whether an element is a fraction, after which a space stands: 1/2 mv², not 1/2mv²."""
    while len(element) == 1 and local_name(element) in _WRAPS:
        element = element[0]
    return local_name(element) == "mfrac" and not element.get("linethickness", "1").startswith("0")


def _is_word(element: Element) -> bool:
    """Return whether the first leaf of an element has several letters, as names of units do."""
    leaf = next((text for part in element.iter() if (text := (part.text or "").strip())), "")
    return len(leaf) > 1 and leaf.isalpha()


def _is_wide(width: str) -> bool:
    try:
        return float(width.rstrip("emprx")) > 0.1  # noqa: PLR2004  # a thin space, in em
    except ValueError:
        return False
