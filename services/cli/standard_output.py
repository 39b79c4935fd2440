"""Standard output of commands: it may be closed, a pipe whose reader has enough, a full disk, or lack a character.

Imports nothing that is slow to import, as `paperwire --help` uses it.
"""

import io
import os
import shutil
import sys
from typing import Any, Final

OUTPUT: Final = 1
ERRORS: Final = 2
"""The file descriptors of standard output and standard error."""


class ReaderLeftError(Exception):
    """The reader of standard output wants no more of it: no OSError, as those mean something to a command line."""


class _Output(io.FileIO):
    def write(self, data: Any, /) -> int:  # noqa: ANN401  # bytes of any kind
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderLeftError from None


def open_output() -> None:
    """Replace standard output by one that has every character, and that tells when its reader has left.

    Characters that its encoding lacks are question marks. What is written to closed streams is dropped.
    """
    for descriptor, name in ((OUTPUT, "stdout"), (ERRORS, "stderr")):
        if getattr(sys, name) is None:
            _drop(descriptor)
            setattr(sys, name, io.TextIOWrapper(io.FileIO(descriptor, "wb", closefd=False), encoding="utf-8"))
    sys.stdout.flush()
    binary = io.BufferedWriter(_Output(OUTPUT, "wb", closefd=False))
    encoding, on_terminal = sys.stdout.encoding, sys.stdout.isatty()
    sys.stdout = io.TextIOWrapper(binary, encoding=encoding, errors="replace", line_buffering=on_terminal)


def drop_output() -> None:
    """Drop what is written to standard output from now on, and what is not written yet."""
    _drop(OUTPUT)


def _drop(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    if nothing != descriptor:
        os.close(nothing)


_WIDE: Final = 240
"""Columns without a terminal: a table may be wide, so that nothing in it is cut."""
_WIDTHS: Final = (20, 1_000)
"""The fewest and the most columns that output is made for."""


def width() -> int:
    """Return the columns to print in: those of `COLUMNS`, else those of the terminal."""
    return min(max(shutil.get_terminal_size((_WIDE, 24)).columns, _WIDTHS[0]), _WIDTHS[1])
