"""Files of papers: what `paperwire import` reads, and a folder that is watched for them."""

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from services.fetcher.sources.feed import parse_feed
from services.fetcher.sources.jsonl import MAX_LINE, parse_line
from services.fetcher.sources.oai import parse_oai
from services.fetcher.sources.port import Cursor, Poll, Refusal
from shared.errors import PaperwireError, PermanentError
from shared.events import Item

MAX_XML = 512 * 1024 * 1024
"""Bytes of an XML file after decompression."""
SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".xml", ".xml.gz", ".atom", ".rss")
Row = tuple[Item | None, list[Refusal]]


def read_papers(path: Path, source: str = "file") -> Iterator[Row]:
    """Read a file item by item, whatever its format: JSON Lines, Atom, RSS or OAI-PMH, gzipped or not.

    Blocks: call it in a thread.

    Raises:
        PermanentError: the file cannot be read, or is in no format we know.

    """
    try:
        with _open(path) as file:
            head = file.read(1)
            while head.isspace():
                head = file.read(1)
            if head == b"<":
                yield from _read_xml(head + file.read(MAX_XML), source)
            else:
                yield from _read_lines(head, file, source)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise PermanentError(message) from error


def _open(path: Path) -> IO[bytes]:
    file = path.open("rb")
    magic = file.read(2)
    file.seek(0)
    return gzip.open(file) if magic == b"\x1f\x8b" else file  # type: ignore[return-value]  # GzipFile reads as IO does


def _read_lines(head: bytes, file: IO[bytes], source: str) -> Iterator[Row]:
    number = 0
    line = head + file.readline(MAX_LINE + 2)
    while line:
        number += 1
        overlong = len(line) > MAX_LINE
        while overlong and not line.endswith(b"\n"):
            # The rest of a line that is refused anyway is passed over without being kept.
            rest = file.readline(MAX_LINE)
            if not rest or rest.endswith(b"\n"):
                break
        if line.strip():
            yield parse_line(line, number, source)
        line = file.readline(MAX_LINE + 2)


def _read_xml(body: bytes, source: str) -> Iterator[Row]:
    try:
        poll = parse_oai(body) if b"OAI-PMH" in body[:2_000] else parse_feed(body, source)
    except PaperwireError as error:
        raise PermanentError(str(error)) from error
    yield from ((item, []) for item in poll.items)
    yield from ((None, [refusal]) for refusal in poll.refusals)


class WatchedFolder:
    """A folder whose new and changed files are read; its cursor is what each file looked like."""

    def __init__(self, name: str, path: Path) -> None:
        """`path` need not exist yet."""
        self.name = name
        self._path = path

    async def poll(self, cursor: Cursor) -> Poll:
        """Read the files that are new or changed since `cursor`. Raises as every source."""
        return await asyncio.to_thread(self._read, cursor.get("files", {}))

    def _read(self, known: dict[str, Any]) -> Poll:
        if not self._path.is_dir():
            message = f"there is no folder {self._path}"
            raise PermanentError(message)
        items: list[Item] = []
        refusals: list[Refusal] = []
        seen: dict[str, str] = {}
        for path in sorted(self._path.iterdir()):
            if not path.is_file() or not path.name.endswith(SUFFIXES):
                continue
            stat = path.stat()
            seen[path.name] = hashlib.blake2b(f"{stat.st_size}:{stat.st_mtime_ns}".encode(), digest_size=8).hexdigest()
            if known.get(path.name) == seen[path.name]:
                continue
            try:
                for item, notes in read_papers(path, self.name):
                    items += [item] if item else []
                    refusals += [Refusal(f"{path.name}, {note.where}", note.reason, note.cleaned) for note in notes]
            except PermanentError as error:
                refusals.append(Refusal(path.name, str(error)))
        return Poll(items, refusals, {"files": seen}, f"{len(seen)} files")
