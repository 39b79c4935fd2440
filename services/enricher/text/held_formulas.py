r"""Formulas in a text: between dollars, but not prices, and between `\(` and `\)` or `\[` and `\]`. Pure.

While the text about them is read, each formula is one private character: text and formulas do not disturb each other.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from shared.embedding.stopwords import STOPWORDS
from shared.text.formula import MAX_FORMULA, reading

_FIRST: Final = 0xF0000
MAX_FORMULAS: Final = 1_000
"""Formulas of one text; the rest stay as they are. Abstracts have up to 100."""
HELD: Final = f"{chr(_FIRST)}-{chr(_FIRST + MAX_FORMULAS - 1)}"
"""The characters that stand for formulas, for a class of a pattern."""
_HELD: Final = re.compile(f"[{HELD}]")
_ENVIRONMENT: Final = r"(?:equation|displaymath|math|align|gather|eqnarray|multline)"
_OPENING: Final = re.compile(rf"(?<!\\)(?:\$\$?|\\[(\[]|\\begin(?=\{{{_ENVIRONMENT}\*?\}}))")
_BODIES: Final = {
    "$": re.compile(rf"((?:[^$\\]|\\.){{1,{MAX_FORMULA}}})\$", re.DOTALL),
    "$$": re.compile(rf"((?:[^$\\]|\\.){{1,{MAX_FORMULA}}})\$\$", re.DOTALL),
    r"\(": re.compile(rf"((?:[^\\]|\\[^()]){{1,{MAX_FORMULA}}})\\\)", re.DOTALL),
    r"\[": re.compile(rf"((?:[^\\]|\\[^\[\]]){{1,{MAX_FORMULA}}})\\\]", re.DOTALL),
    r"\begin": re.compile(
        rf"(\{{({_ENVIRONMENT}\*?)\}}(?:[^\\$]|\\(?!end\{{(?:{_ENVIRONMENT})).){{1,{MAX_FORMULA}}}\\end\{{\2\}})",
        re.DOTALL,
    ),
}
_NO_WORDS: Final = re.compile(
    r"\\(?:text|mbox|mathrm|operatorname)[a-z]{0,2}\s?\{[^{}]{0,200}\}|\{\\[a-z]{2} [^{}]{0,200}\}|\\[a-zA-Z]+"
)
_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_MATHEMATICAL: Final = re.compile(r"[\\_^=<>]")
_AMOUNTS: Final = frozenset({"million", "billion", "trillion", "thousand", "per", "bn", "usd", "vs", "under", "over"})
_ENDING: Final = re.compile(r"(\\[^\s])|\$|\\\s{0,9}$")
"""What would end a formula between dollars too early or too late: a dollar, and a backslash at its end."""
_SPACE: Final = re.compile(r"\s+")


@dataclass(slots=True)
class Formulas:
    """The formulas of one text, in LaTeX without dollars."""

    sources: list[str] = field(default_factory=list)

    def hold(self, text: str) -> str:
        """Return a text with a private character for each formula."""
        text, at = _HELD.sub("", text), 0
        parts: list[str] = []
        while found := _OPENING.search(text, at):
            body = _BODIES[found[0]].match(text, found.end())
            if body and (found[0] != "$" or _is_formula(body[1], text[body.end() : body.end() + 1])):
                source = f"{found[0]}{body[1]}" if found[0] == r"\begin" else body[1]
                parts += (text[at : found.start()], self.keep(source) or text[found.start() : body.end()])
                at = body.end()
            else:
                parts.append(text[at : found.end()])
                at = found.end()
        return "".join([*parts, text[at:]])

    def keep(self, source: str) -> str | None:
        """Return the character for a formula; None where there are too many, a blank for one that shows nothing."""
        source = _SPACE.sub(" ", _ENDING.sub(r"\1", source)).strip()
        if not reading(source):
            return " "
        if len(self.sources) >= MAX_FORMULAS:
            return None
        self.sources.append(source)
        return chr(_FIRST + len(self.sources) - 1)

    def read(self, text: str) -> str:
        """Return a text with the readings of its formulas."""
        return _HELD.sub(lambda held: reading(self._source(held)), text)

    def written(self, text: str) -> str | None:
        r"""Return a text with its formulas in LaTeX between dollars, where `\$` is a dollar; None if it has none."""
        escaped = text.replace("$", r"\$")
        if not _HELD.search(text):  # prices alone need the second form if they could be read as a formula
            return None if escaped == text or Formulas().hold(text) == text else escaped
        return _HELD.sub(lambda held: f"${self._source(held)}$", escaped)

    def _source(self, held: re.Match[str]) -> str:
        return self.sources[ord(held[0]) - _FIRST]


def _is_formula(body: str, following: str) -> bool:
    """Return whether what is between two dollars is a formula, not the text between two prices.

    A formula may begin with a digit or a blank; then it has no words of prose, and does not end where a price begins.
    """
    if not body[0].isspace() and not body[0].isdigit():
        return True
    if following.isdigit():
        return False
    words = map(str.lower, _WORD.findall(_NO_WORDS.sub(" ", body)))
    if any(word in STOPWORDS or word in _AMOUNTS for word in words):
        return False
    if _MATHEMATICAL.search(body) or not (body[0].isdigit() or " " in body.strip()):
        return True
    return body[0].isspace() == body[-1].isspace() and body.count("(") == body.count(")")
