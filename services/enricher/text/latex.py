r"""LaTeX of texts as plain Unicode, in one pass and linear time. Pure.

Formulas are single private characters while the text about them is read; `formulas` finds them. What is no LaTeX in a
text with some of it stays: prices, sets in braces, backquotes. Groups within each other are read up to `MAX_DEPTH`.
"""

import re
import tomllib
import unicodedata
from importlib import resources
from typing import Any, Final

from services.enricher.text.held_formulas import HELD, Formulas
from shared.text.formula import sign_of
from shared.text.math_styles import in_unicode

_lists: Final[dict[str, Any]] = tomllib.loads(resources.files(__package__).joinpath("latex.toml").read_text("utf-8"))
_LETTERS: Final[dict[str, str]] = _lists["letters"]
_ACCENTS: Final[dict[str, str]] = _lists["accents"]
_SYMBOLS: Final[dict[str, str]] = _lists["symbols"]
_DROPPED: Final[dict[str, int]] = _lists["dropped"]
_SILENT: Final = frozenset(_lists["silent"]["names"].split())
MAX_DEPTH: Final = 40
_INDICES: Final = {"textsubscript": "_", "textsuperscript": "^"}
_SIGNS: Final = (
    dict.fromkeys(",;: \n\t\\~", " ") | dict.fromkeys(["/", "!", "@", "(", ")", "[", "]", ""], "") | {"|": "‖"}
)
"""Macros of one sign; any other sign stands for itself."""
_TOKEN: Final = re.compile(r"\\(?:[a-zA-Z@]+\*?|.|$)|[{}]|[_^]\{[^{}\\]{1,80}\}|[^\\{}_^]+|[_^]", re.DOTALL)
_BLANKS: Final = re.compile(r"\s*")
_OPENS: Final = re.compile(r"\s*\{")
_EMPTY: Final = re.compile(r"\{\s?\}")
_OPTIONS: Final = re.compile(r"(?:\s?\[[^\[\]]{0,100}\]){0,2}")
_BEFORE_UNIT: Final = re.compile(r" (?=[mgsLlAVWFHJKT](?![\w']))")
# Lists and conditions in braces are sets: {0,1}, {1, ..., n}, {x : x > 0}.
_SET: Final = re.compile(
    r"\{\s?(?:[^\s{},\\]{1,20}\s?,\s?){1,20}[^\s{},\\]{1,20}\s?\}|\{[^{}\\]{1,20}\s[:|∣]\s[^{}\\]{1,60}\}"
)
_NUMBER: Final = re.compile(r"(?<=\d)\{,\}(?=\d)")
_MATH: Final = re.compile(
    r"[dtcs]?frac|nicefrac|sqrt|math[a-z]+|c[eh]|[dt]?binom|bar|hat|tilde|vec|d?dot|wide[a-z]+|overline|Bbb|ket|bra"
)
_GROUP: Final = r"\s?\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,50}\}){0,100}\}){0,200}\}"
_ARGUMENTS: Final = re.compile(rf"(?:\s?\[[^\[\]{{}}]{{0,20}}\])?{_GROUP}(?:{_GROUP})?")
_CONDITION: Final = re.compile(r"\\ifmmode.{0,100}?\\else\s?(.{0,100}?)\\fi(?![a-zA-Z])\s?(?:\{\})?")
_ION: Final = re.compile(r"\\ion\s?\{([A-Za-z]{1,2})\}\s?\{\\?([a-zA-Z]{1,9}|[1-9])\}")
_SMALL: Final = re.compile(
    r"(?<=[A-Za-z])(?:\\[,;:! ]|~|\s|\$\\,\$)?(?:\{\\(?:sc|scshape|small) ([ivx]{1,5})\}|\\textsc\{([ivx]{1,5})\})"
)
"""The stage of an ion in small capitals, as letters of prose never stand."""
_ROMAN: Final = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_QUOTED: Final = re.compile(r"``([^`']{1,300})''")
_TIE: Final = re.compile(rf"(?<=[A-Za-z.)])~(?=[\w$\\({HELD}])|(?<=[\d{HELD}])~(?=[A-Za-z$\\({HELD}])")


def plain_latex(text: str, formulas: Formulas) -> str:
    """Return a text without LaTeX; private characters stand for its formulas, among them those outside of dollars."""
    text = _CONDITION.sub(r"\1", _NUMBER.sub(",", _TIE.sub(" ", text)))
    if "``" in text:
        text = _QUOTED.sub("“\\1”", text)
    return _Reader(text, formulas).group(0) if any(sign in text for sign in "\\{}") else text


def spell_ions(text: str) -> str:
    r"""Return a text with the ions of AASTeX spelled out: `\ion{O}{3}` and `O{\sc iii}` are O III."""
    text = _SMALL.sub(lambda small: f"~{(small[1] or small[2]).upper()}", text)
    return _ION.sub(
        lambda ion: rf"\text{{{ion[1]} {_ROMAN[int(ion[2])] if ion[2].isdigit() else ion[2].upper()}}}", text
    )


class _Reader:
    """Reads a text from its beginning to its end, once."""

    def __init__(self, text: str, formulas: Formulas) -> None:
        self._text = text
        self._formulas = formulas
        self._at = 0

    def group(self, depth: int) -> str:
        """Read to the end of a group, or of the text."""
        parts: list[str] = []
        while self._at < len(self._text):
            if self._text[self._at] == "}":
                self._at += 1
                if depth:
                    break
                parts.append(self._stray())
            else:
                parts.append(self._next(depth))
        return "".join(parts)

    def _stray(self) -> str:
        """Return what replaces a closing brace without an opening one: a space between two words."""
        around = self._text[max(self._at - 2, 0) : self._at - 1], self._text[self._at : self._at + 1]
        return " " if all(map(str.isalnum, around)) else ""

    def _next(self, depth: int) -> str:
        read = self._take(_TOKEN)
        if read == "{":
            return self._opened(depth)
        if read[0] == "\\":
            return self._macro(read[1:], depth)
        if read[0] in "_^" and len(read) > 1:
            return in_unicode(read[0], read[2:-1])
        return read

    def _opened(self, depth: int) -> str:
        if found := _SET.match(self._text, self._at - 1):
            self._at = found.end()
            return found[0]
        return self.group(depth + 1) if depth < MAX_DEPTH else ""

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found[0]

    def _argument(self, depth: int) -> str:
        """Read a group or a single token."""
        self._take(_BLANKS)
        if self._at >= len(self._text) or self._text[self._at] == "}" or depth >= MAX_DEPTH:
            return ""
        if self._text[self._at] in "{\\":
            return self._next(depth + 1)
        self._at += 1
        return self._text[self._at - 1]

    def _macro(self, name: str, depth: int) -> str:
        if name in _ACCENTS:
            return self._accented(name, depth)
        if not name[:1].isalpha():
            return _SIGNS.get(name, name)
        plain = name.rstrip("*")
        if plain in _LETTERS:
            self._take(_BLANKS)
            self._take(_EMPTY)
            return _LETTERS[plain]
        if plain in _DROPPED:
            return self._without(_DROPPED[plain], depth)
        if plain in _SILENT:
            if not self._text.startswith("{", self._at):
                self._take(_BLANKS)
            return ""
        return self._spoken(plain, depth)

    def _without(self, arguments: int, depth: int) -> str:
        """Skip the options and arguments of a macro that does not belong to the text."""
        self._take(_OPTIONS)
        for _ in range(arguments):
            if _OPENS.match(self._text, self._at):
                self._argument(depth)
        return " "

    def _spoken(self, name: str, depth: int) -> str:
        """Read a macro that stands for something."""
        if name in {"href", "texorpdfstring"}:  # the latter has the same for print and for bookmarks
            first, text = self._argument(depth), self._argument(depth)
            return f"{text} ({first})" if name == "href" and text.strip() else first
        if name == "footnote" and self._text.startswith("{", self._at):
            return f" ({note})" if (note := self._argument(depth).strip()) else ""
        if name in _INDICES:
            return in_unicode(_INDICES[name], self._argument(depth))
        if name in _SYMBOLS:
            self._take(_EMPTY)
            return _SYMBOLS[name]
        if _MATH.fullmatch(name) and (arguments := self._take(_ARGUMENTS)):
            return self._formulas.keep(f"\\{name}{arguments}") or ""
        return self._sign(name)

    def _sign(self, name: str) -> str:
        """Read a sign of formulas, or a macro of the authors; one with an argument is dropped."""
        if sign := sign_of(name):
            self._take(_EMPTY)
            if name == "mu":
                self._take(_BEFORE_UNIT)
            return sign
        if self._take(_EMPTY):
            return name
        return "" if self._text.startswith(("{", "*"), self._at) else name

    def _accented(self, name: str, depth: int) -> str:
        base = self._argument(depth)
        if not base:
            return name if name in "~^" else ""
        base = {"ı": "i", "ȷ": "j"}.get(base[0], base[0]) + base[1:]
        return unicodedata.normalize("NFC", base[0] + _ACCENTS[name] + base[1:])
