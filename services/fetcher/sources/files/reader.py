"""Files of papers, in every format that `paperwire import` and watched folders read."""

import contextlib
import errno
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from services.fetcher.sources.arxiv.oai_parse import parse_oai
from services.fetcher.sources.files.jsonl import MAX_LINE, parse_line
from services.fetcher.sources.port import Poll, Refusal
from services.fetcher.sources.xml_text import BLANK, as_utf8, is_utf16
from shared.errors import PaperwireError, PermanentError
from shared.papers.events import Item

MAX_XML = 512 * 1024 * 1024
"""Bytes of a file of XML or in UTF-16, after decompression."""
STDIN: Final = Path("-")
"""The path that stands for standard input."""
Row = tuple[Item | None, list[Refusal]]
ParseXml = Callable[[bytes, str], Poll]


def read_papers(path: Path, source: str, parse: ParseXml) -> Iterator[Row]:
    """Read a file, or standard input, item by item: JSON Lines, Atom, RSS or OAI-PMH, gzipped or not.

    It blocks: call it in a thread. `parse` reads Atom and RSS.

    Raises:
        PermanentError: the file cannot be read, or its format is unknown.

    """
    try:
        with _open(path) as opened:
            file = _in_utf8(path, opened)
            first, blank = _first_line(file)
            if first.lstrip(BLANK).startswith(b"<"):
                yield from _read_xml(path, first, file, source, parse)
            else:
                yield from _read_lines(first, blank, file, source)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise PermanentError(message) from error


@contextlib.contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    if path == STDIN and sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    with os.fdopen(os.dup(sys.stdin.fileno()), "rb") if path == STDIN else path.open("rb") as file:
        if not file.peek(2).startswith(b"\x1f\x8b"):
            yield file
            return
        with gzip.open(file) as unpacked:  # closing it leaves `file` open: hence both
            yield unpacked  # type: ignore[misc]  # GzipFile reads as IO does


def _in_utf8(path: Path, file: IO[bytes]) -> IO[bytes]:
    """Return a file in UTF-16 in UTF-8, read at once; any other file as it is."""
    if not is_utf16(file.peek(2)):  # type: ignore[attr-defined]  # every file that is opened here has it
        return file
    return io.BytesIO(as_utf8(_read_whole(path, file)))


def _read_whole(path: Path, file: IO[bytes], head: bytes = b"") -> bytes:
    body = head + file.read(MAX_XML)
    if file.read(1):
        message = f"{path} is larger than {MAX_XML:,} bytes"
        raise PermanentError(message)
    return body


def _first_line(file: IO[bytes]) -> tuple[bytes, int]:
    """Return the first line that is not blank, and the number of blank lines before it."""
    blank = 0
    line = file.readline(MAX_LINE + 2)
    while line and not line.strip(BLANK):
        blank += line.endswith(b"\n")
        line = file.readline(MAX_LINE + 2)
    return line, blank


def _read_lines(line: bytes, number: int, file: IO[bytes], source: str) -> Iterator[Row]:
    while line:
        number += 1
        overlong = len(line) > MAX_LINE
        while overlong and not line.endswith(b"\n"):
            # The rest of a line that is too long is skipped without being kept.
            rest = file.readline(MAX_LINE)
            if not rest or rest.endswith(b"\n"):
                break
        if line.strip():
            yield parse_line(line, number, source)
        line = file.readline(MAX_LINE + 2)


def _read_xml(path: Path, head: bytes, file: IO[bytes], source: str, parse: ParseXml) -> Iterator[Row]:
    body = _read_whole(path, file, head.lstrip(BLANK))
    try:
        poll = parse_oai(body) if b"OAI-PMH" in body[:2_000] else parse(body, source)
    except PaperwireError as error:
        raise PermanentError(str(error)) from error
    yield from ((item, []) for item in poll.items)
    yield from ((None, [refusal]) for refusal in poll.refusals)
