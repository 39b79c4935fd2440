r"""One formula in LaTeX: its MathML for pages, and its readings in Unicode and in HTML for mail. Pure.

math-core makes MathML Core of LaTeX; what it refuses is read macro by macro. Everything is bounded: a formula longer
than `MAX_FORMULA` is not converted, macros expand `_MAX_EXPANSIONS` times at most, and the latest formulas are kept.
"""

import html
import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from math_core import LatexError, LatexToMathML

from shared.text.formula_source import balanced, for_reading, prepared, takes_long
from shared.text.math_markup import UnsafeError, safe_markup
from shared.text.math_styles import Lifted, Reading, lifted_html
from shared.text.mathml import Style, TooDeepError, write

MAX_FORMULA: Final = 1_000
"""Characters of a formula."""
_MAX_MARKUP: Final = 40_000
"""Characters of MathML of one formula: real ones take up to 40 for each of theirs."""
_MAX_EXPANSIONS: Final = 200
_macros: Final[dict[str, str]] = tomllib.loads(resources.files(__package__).joinpath("macros.toml").read_text("utf-8"))[
    "formulas"
]
_converter: Final = LatexToMathML(
    macros=_macros,
    fancy_error=False,
    ignore_unknown_commands=True,
    allow_unreliable_rendering=True,
    max_expansions=_MAX_EXPANSIONS,
)
_ENTITY: Final = re.compile(r"&[A-Za-z]{3,20};")
_XML: Final = frozenset({"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"})
_PREFIX: Final = re.compile(r"(</?)[A-Za-z]{1,10}:")
_NAMESPACE: Final = re.compile(r"\s[A-Za-z]{1,10}:[\w-]{1,20}\s?=\s?(?:\"[^\"<]{0,300}\"|'[^'<]{0,300}')")
_MACRO: Final = re.compile(r"\\(?:[a-zA-Z]+|.)", re.DOTALL)
_WITH_ARGUMENT: Final = re.compile(r"\\([a-zA-Z]+)\*?\s?\{(?!\})")
_FENCES: Final = frozenset({"left", "right", "middle", "limits", "nolimits", "begin", "end"})
_WITHOUT_BRACES: Final = str.maketrans("", "", "{}$\\")
_SPACES: Final = re.compile(r"\s+")
_APPLIED: Final = re.compile("\u2061(?=[(\\[{|])|(\u2061)")
_UNIT: Final = re.compile(r"μ (?=[mgsLAVWFHJKT](?!\w))")


class UnreadableError(ValueError):
    """LaTeX that math-core refuses, or that leads to more MathML than a formula has."""


@lru_cache(maxsize=16_384)
def reading(tex: str) -> str:
    """Return a formula in plain Unicode, with single spaces: x², H₂O, (a+b)/c."""
    return _written(tex, Reading())


@lru_cache(maxsize=4_096)
def mail_html(tex: str) -> str:
    """Return a formula as HTML of text, `<sub>` and `<sup>`, which every mail program shows."""
    return lifted_html(_written(tex, Lifted()))


@lru_cache(maxsize=16_384)
def markup(tex: str) -> str | None:
    """Return a formula as MathML for a page; None for one that cannot be shown, or that has macros of its authors."""
    try:
        return safe_markup(_element(prepared(tex)))
    except (UnreadableError, UnsafeError, TooDeepError):
        return None


@lru_cache(maxsize=4_096)
def sign_of(macro: str) -> str:
    r"""Return the sign that a macro without arguments stands for, such as α of `alpha`; "" if it is unknown."""
    try:
        element = _element(f"\\{macro}")
    except UnreadableError:
        return ""
    is_unknown = next(element.iter("merror"), None) is not None
    return "" if is_unknown else _tidied(write(element, Reading()))


def read_mathml(source: str, style: Style) -> str | None:
    """Return what a publisher's MathML says; None if it cannot be parsed.

    Its elements may have a prefix, declared or not, and the entities of HTML.
    """
    try:
        return write(_parsed(_PREFIX.sub(r"\1", _NAMESPACE.sub("", source))), style)
    except (UnreadableError, TooDeepError):
        return None


def _written(tex: str, style: Style) -> str:
    source = prepared(tex)
    for attempt in (source, balanced(source)):
        try:
            element = _element(for_reading(attempt))
            _name_unknown(element, frozenset(_WITH_ARGUMENT.findall(attempt)))
            return _tidied(write(element, style))
        except (UnreadableError, TooDeepError):
            continue
    return _tidied(_MACRO.sub(_sign, source).translate(_WITHOUT_BRACES))


def _sign(macro: re.Match[str]) -> str:
    name = macro[0][1:]
    if name.isalpha():
        return "" if name in _FENCES else sign_of(name)
    return name if name in "%#&_|" else " "


def _tidied(text: str) -> str:
    """Return a reading with single spaces: one between a function and what it is applied to, unless in parentheses."""
    return _UNIT.sub("μ", _SPACES.sub(" ", _APPLIED.sub(lambda applied: " " if applied[1] else "", text)).strip())


def _element(source: str) -> Element:
    """Return the MathML of a formula.

    Raises:
        UnreadableError: it is too long or would take long, or math-core refuses it.

    """
    if len(source) > 2 * MAX_FORMULA or takes_long(source):  # as prepared, which adds a few characters
        raise UnreadableError
    try:
        return _parsed(_converter.convert_with_local_state(source, displaystyle=False))
    except LatexError as error:
        raise UnreadableError from error


def _parsed(text: str) -> Element:
    if len(text) > _MAX_MARKUP or "<!" in text:
        raise UnreadableError
    text = _ENTITY.sub(lambda name: name[0] if name[0] in _XML else html.escape(html.unescape(name[0])), text)
    parser = XMLParser()  # noqa: S314  # without declarations there are no entities
    try:
        parser.feed(text)
        return parser.close()
    except ParseError as error:
        raise UnreadableError from error


def _name_unknown(element: Element, with_argument: frozenset[str]) -> None:
    """Put the names of the authors' macros in their place; one with an argument is dropped, as it may mean anything."""
    for unknown in element.iter("merror"):
        name = "".join(unknown.itertext()).removeprefix("\\")
        unknown[:] = []
        unknown.tag, unknown.text = "mi", "" if name in with_argument else name
