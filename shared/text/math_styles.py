"""Styles of written formulas: a reading in Unicode, HTML for mail, and LaTeX. Pure."""

import re
import unicodedata
from html import escape
from typing import Final

from shared.text.letters import plain_font

_RAISED: Final = dict(
    zip(
        "0123456789+-=abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ",
        strict=True,
    )
)
_LOWERED: Final = dict(zip("0123456789+-=aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
"""Letters with a raised or a lowered form (Unicode 16, superscripts and subscripts, phonetic extensions)."""
_HIGH: Final = frozenset("′″‴⁗°†‡*")
_LOW: Final = frozenset("⊙☉⊕*")
"""Signs that need no other form as an index."""
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_ONE: Final = re.compile(r"[+-]?[\w.]+|.")
_SINGLE: Final = re.compile(r"[\d.,]+|[^\W\d_][^\W\d]*[\u0300-\u036f′⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ₀-₉]*|.")
_FENCED: Final = re.compile(r"[^\s+\-=<>/×±]?(?:\([^()]*\)|\[[^\[\]]*\])")
_OPERATORS: Final = re.compile(r"[\s+\-=<>/,×±∓·∘⊗≤≥≈∼≠∈→]")
_TIMES: Final = re.compile(r"\s{0,3}×\s{0,3}")
_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_ACCENTS: Final = {
    "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "‾": "\u0304", "\u0332": "\u0304",
    "_": "\u0304", "→": "\u20d7", "\u20d7": "\u20d7", "˙": "\u0307", "¨": "\u0308", "´": "\u0301", "`": "\u0300",
    "ˇ": "\u030c", "˘": "\u0306", "˚": "\u030a",
}  # fmt: skip
"""Signs over a letter, and the combining marks for them."""
_SPELLED: Final = str.maketrans(
    {"−": "-", "∗": "*", "\\": "∖", "\xa0": " "} | dict.fromkeys("\u2062\u2063\u2064\ufe00\u2061", "")
)
_TAGS: Final = str.maketrans({"\x01": "<sub>", "\x02": "</sub>", "\x03": "<sup>", "\x04": "</sup>"})


def in_unicode(sign: str, index: str) -> str:
    """Return an index, in Unicode where it has all its characters, else after its sign, `^` or `_`.

    Words stay after the sign: small letters are read one by one.
    """
    index = index.strip()
    letters = _RAISED if sign == "^" else _LOWERED
    if index and not _WORD.search(index) and all(letter in letters for letter in index):
        return "".join(letters[letter] for letter in index)
    is_one = _ONE.fullmatch(index) or (_FENCED.fullmatch(index) and index.startswith("("))
    return f"{sign}{index}" if is_one else f"{sign}({index})"


class Reading:
    """A reading in Unicode: x², H₂O, (a+b)/c, x^(a·b)."""

    def leaf(self, kind: str, text: str) -> str:
        """Write a leaf with plain letters; a function is separated from its argument."""
        text = text if kind == "mtext" else text.strip()
        return "\u2061" if text == "\u2061" else plain_font(text.translate(_SPELLED))

    def index(self, base: str, lower: str, upper: str) -> str:
        """Write indices in Unicode where it has them, else after `_` and `^`."""
        if len(base) > 1 and _OPERATORS.search(base.replace(" ", "")) and not _FENCED.fullmatch(base):
            base = f"({base})"
        lower, upper = (_TIMES.sub("×", index).replace("∘", "°") for index in (lower, upper))
        low = lower if _LOW.issuperset(lower) else self.lowered(lower)
        high = upper if _HIGH.issuperset(upper) else self.raised(upper)
        return f"{base}{low}{high}"

    def lowered(self, text: str) -> str:
        """Write a lower index."""
        return in_unicode("_", text)

    def raised(self, text: str) -> str:
        """Write an upper index."""
        return in_unicode("^", text)

    def fraction(self, upper: str, lower: str) -> str:
        """Write a fraction with a slash, its parts in parentheses where they need them."""
        upper, lower = upper.strip(), lower.strip()
        above = f"({upper})" if _OPERATORS.search(upper) and not _FENCED.fullmatch(upper) else upper
        return f"{above}/{_closed(lower)}"

    def choose(self, upper: str, lower: str) -> str:
        """Write "n choose k"."""
        return f"{upper.strip()} choose {lower.strip()}"

    def root(self, inner: str, degree: str) -> str:
        """Write a root with its sign."""
        sign = _ROOTS.get(degree.strip()) or f"{self.raised(degree.strip())}√"
        return sign + _closed(inner.strip())

    def accent(self, base: str, sign: str, *, below: bool) -> str:
        """Put a combining mark on the first letter; a bar is drawn over all."""
        mark = "" if below else _ACCENTS.get(sign, "")
        marked = base[:1] + mark + base[1:] if mark != "\u0304" else "".join(letter + mark for letter in base)
        return unicodedata.normalize("NFC", marked)


class Lifted(Reading):
    """The reading, with control characters about its indices, which `lifted_html` makes elements of."""

    def lowered(self, text: str) -> str:
        """Write a lower index."""
        return f"\x01{text}\x02"

    def raised(self, text: str) -> str:
        """Write an upper index."""
        return f"\x03{text}\x04"


def lifted_html(text: str) -> str:
    """Return what `Lifted` wrote as HTML of elements that every mail program shows: `<sub>` and `<sup>`."""
    return escape(text).translate(_TAGS)


_ESCAPED: Final = str.maketrans(
    {letter: f"\\{letter}" for letter in "{}$%#&_"} | {"<": r"\lt ", ">": r"\gt "} | dict.fromkeys("\\^~", "")
)


class Latex:
    """LaTeX, for formulas that a publisher sent as MathML."""

    def leaf(self, kind: str, text: str) -> str:
        """Write a leaf; a name or a text of several letters is upright."""
        text = text if kind == "mtext" else text.strip()
        safe = text.translate(_ESCAPED)
        if kind == "mtext" and text.strip():
            return rf"\text{{{safe}}}"
        return rf"\mathrm{{{safe}}}" if kind == "mi" and len(text) > 1 else safe

    def index(self, base: str, lower: str, upper: str) -> str:
        """Write indices in braces."""
        low, high = (rf"{sign}{{{text}}}" if text else "" for sign, text in (("_", lower), ("^", upper)))
        return f"{{{base}}}{low}{high}" if len(base) != 1 else f"{base}{low}{high}"

    def fraction(self, upper: str, lower: str) -> str:
        """Write a fraction."""
        return rf"\frac{{{upper}}}{{{lower}}}"

    def choose(self, upper: str, lower: str) -> str:
        """Write the inner part of a binomial coefficient."""
        return rf"{{{upper} \atop {lower}}}"

    def root(self, inner: str, degree: str) -> str:
        """Write a root."""
        return rf"\sqrt{f'[{degree}]' if degree else ''}{{{inner}}}"

    def accent(self, base: str, sign: str, *, below: bool) -> str:
        """Write a base with a sign over or under it."""
        return rf"\{'under' if below else 'over'}set{{{sign}}}{{{base}}}"


def _closed(text: str) -> str:
    """Return what follows a sign, in parentheses where it would end too early."""
    return text if _SINGLE.fullmatch(text) or _FENCED.fullmatch(text) else f"({text})"
