"""A command on a terminal of its own (a pty), and what its screen shows."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

_TOKEN = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|\r|\n|[^\x1b]")


class Screen:
    """The rows that a terminal shows, with all that scrolled away."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        for token in _TOKEN.finditer(text):
            if token[2]:
                self._control(token[1], token[2])
            elif token[0] == "\r":
                self.column = 0
            elif token[0] == "\n":
                self._down()
            else:
                self._put(token[0])

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]

    def _down(self) -> None:
        self.row += 1
        while len(self.rows) <= self.row:
            self.rows.append([])

    def _put(self, character: str) -> None:
        if self.column == self.columns:
            self.column = 0
            self._down()
        row = self.rows[self.row]
        row += [" "] * (self.column + 1 - len(row))
        row[self.column] = character
        self.column += 1

    def _control(self, numbers: str, letter: str) -> None:
        count = int(numbers) if numbers.isdigit() else 1
        if letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "K":
            del self.rows[self.row][0 if numbers == "2" else self.column :]
        elif letter == "G":
            self.column = count - 1
        elif letter not in "mhl":
            raise AssertionError(f"the screen does not know ESC [ {numbers} {letter}")


def shown(command: Sequence[str], environment: Mapping[str, str], columns: int = 100) -> list[list[str]]:
    """Run a command to its end on a terminal; return the lines on the screen after each piece that it wrote."""
    terminal, other = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    child = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment)
    os.close(other)
    screen, screens, rest = Screen(columns), [], ""
    while piece := _read(terminal):
        text = rest + piece.decode(errors="replace")
        whole = re.search(r"\x1b[^A-Za-z]*$", text)
        text, rest = (text[: whole.start()], whole[0]) if whole else (text, "")
        screen.write(text)
        screens.append(screen.lines)
    os.close(terminal)
    assert child.wait(10) == 0, screen.lines
    return screens


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], 60)
    try:
        return os.read(terminal, 4_096) if ready else b""
    except OSError:  # Linux says so when the other side is closed
        return b""
