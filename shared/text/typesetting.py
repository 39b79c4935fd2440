r"""Texts with formulas, typeset for a page, a mail or Markdown. Pure.

A paper has a plain text, and the same with LaTeX between dollars (`title_tex`). Here both are laid beside each other,
so that any part of the plain text, with marks in it, shows its formulas.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from shared.text.formula import reading

_FORMULA: Final = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", re.DOTALL)
_RISKY: Final = re.compile(r"`|\]\s?[(\[:]|//|&[#a-zA-Z]")
MAX_TYPESET: Final = 60
"""Formulas of a text that is typeset: one with more is read. The abstracts of 64,000 papers have up to 54."""
Shown = tuple[int, int, str]
"""The place of a formula in a text, and what is shown there."""


class Part(NamedTuple):
    """A part of a text: plain, or the reading of a formula with its LaTeX."""

    plain: str
    tex: str | None = None


class Formula(NamedTuple):
    """A formula, and where its reading is in the plain text."""

    start: int
    end: int
    tex: str


def split_tex(text: str) -> Iterator[Part]:
    r"""Yield the parts of a text with LaTeX between dollars, where `\$` is a dollar."""
    last = 0
    for found in _FORMULA.finditer(text):
        if found.start() > last:
            yield Part(text[last : found.start()].replace(r"\$", "$"))
        yield Part(reading(found[1]), found[1])
        last = found.end()
    if last < len(text):
        yield Part(text[last:].replace(r"\$", "$"))


@lru_cache(maxsize=4_096)
def formulas_in(plain: str, tex: str | None) -> tuple[Formula, ...]:
    """Return the formulas of a text by their places in the plain text; none if the two texts differ."""
    if not tex or len(_FORMULA.findall(tex)) > MAX_TYPESET:
        return ()
    found, at, parts = [], 0, list(split_tex(tex))
    for part in parts:
        if part.tex is not None:
            found.append(Formula(at, at + len(part.plain), part.tex))
        at += len(part.plain)
    same = "".join(part.plain for part in parts) == plain
    return tuple(found) if same else ()


def typeset(
    text: str,
    formulas: Sequence[Formula],
    write: Callable[[str], str | None],
    marks: Sequence[Sequence[int]] = (),
    *,
    start: int = 0,
) -> str:
    """Return HTML of a text: escaped, with `<mark>` about its marks, and its formulas as `write` gives them.

    `text` is a part of the plain text from `start` on; the places of `marks` are those in `text`. A mark that begins or
    ends within a formula is about all of it. A formula that `write` returns None for is read.
    """
    shown = [
        (formula.start - start, formula.end - start, html)
        for formula in formulas
        if formula.start >= start and formula.end - start <= len(text) and (html := write(formula.tex))
    ]
    pieces: list[str] = []
    last = 0
    for begin, end in _widened(marks, shown):
        pieces += (_written(text, shown, last, begin), "<mark>", _written(text, shown, begin, end), "</mark>")
        last = end
    return "".join([*pieces, _written(text, shown, last, len(text))])


def _widened(marks: Sequence[Sequence[int]], shown: Sequence[Shown]) -> list[tuple[int, int]]:
    """Return marks that hold whole formulas, none of which overlap."""
    wide: list[tuple[int, int]] = []
    for begin, end in marks:
        touched = [formula for formula in shown if formula[0] < end and begin < formula[1]]
        first = min([begin, *(each[0] for each in touched)])
        if wide and first < wide[-1][1]:
            first = wide.pop()[0]
        wide.append((first, max([end, *(each[1] for each in touched)])))
    return wide


def _written(text: str, shown: Sequence[Shown], begin: int, end: int) -> str:
    pieces: list[str] = []
    last = begin
    for first, after, html in shown:
        if begin <= first and after <= end:
            pieces += (escape(text[last:first], quote=False), html)
            last = after
    return "".join([*pieces, escape(text[last:end], quote=False)])


def markdown(tex: str, escaped: Callable[[str], str]) -> str:
    """Return a text with LaTeX between dollars as Markdown, whose plain parts `escaped` makes safe.

    A formula with what Markdown could take for a link, code or HTML is read.
    """
    return "".join(
        escaped(part.plain) if part.tex is None or _RISKY.search(part.tex) else f"${_without_html(part.tex)}$"
        for part in split_tex(tex)
    )


def _without_html(tex: str) -> str:
    return tex.replace("<", r"\lt ").replace(">", r"\gt ")
