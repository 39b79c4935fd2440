"""Rows for people: a table, or a line for each field where the terminal is too narrow for a table."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from services.cli.output import console

_GAP: Final = 2
"""Columns between two cells."""
_LAST: Final = 24
"""Columns within which the last field of a row may wrap: it is often a sentence."""


def print_rows(names: Sequence[str], rows: Sequence[Sequence[str]], *, none: str = "") -> None:
    """Print rows of plain text under the names of their fields, or `none` for no rows; the first field names a row."""
    if not rows and none:
        console.print(none)
    elif _fits(names, rows):
        table = Table(*names, box=None, header_style="dim")
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
    else:
        for row in rows:
            print_fields(row[0], zip(names[1:], row[1:], strict=True))


def print_fields(title: str, fields: Iterable[tuple[str, str]]) -> None:
    """Print one row as a title and a line for each field; empty fields are left out."""
    console.print(f"[bold]{escape(title)}[/bold]")
    for name, value in fields:
        if value:
            console.print(Padding(f"[dim]{name}:[/dim] {escape(value)}", (0, 0, 0, 2), expand=False))


def _fits(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether all cells are whole on one line each; the last ones may wrap."""
    *widths, last = (max(map(cell_len, column)) for column in zip(names, *rows, strict=True))
    return sum(width + _GAP for width in widths) + min(last, _LAST) + _GAP <= console.width
