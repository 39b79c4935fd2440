"""A watched folder: new and changed files in it are read, in every format that `paperwire import` reads."""

import hashlib
from pathlib import Path
from typing import Any, Final, Self

from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.files.reader import ParseXml, read_papers
from services.fetcher.sources.port import Cursor, FeedParser, Poll, Refusal
from services.fetcher.sources.source_type import DriverContext
from shared.errors import PermanentError
from shared.papers.events import Item
from shared.time_limit import in_thread

SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".ndjson", ".xml", ".xml.gz", ".atom", ".rss")


class FolderConfig(SourceConfig):
    """The table of a folder."""

    path: Path

    @property
    def target(self) -> str:
        """The path."""
        return str(self.path)

    def resolved(self, base: Path) -> Self:
        """Return the table with its path made absolute against `base`."""
        return self.model_copy(update={"path": base / self.path.expanduser()})


def make(config: FolderConfig, context: DriverContext) -> "WatchedFolder":
    """Make the driver of a folder."""
    return WatchedFolder(config.name, config.path, context.feeds)


class WatchedFolder:
    """Reads the files of a folder; the cursor holds a fingerprint of each file's size and time."""

    def __init__(self, name: str, path: Path, feeds: FeedParser) -> None:
        """`path` need not exist yet."""
        self._feeds = feeds
        self.name = name
        self._path = path

    async def poll(self, cursor: Cursor) -> Poll:
        """Read the files that are new or changed since `cursor`; raises PermanentError when there is no folder."""
        return await in_thread(self._read, cursor.get("files", {}), self._feeds.from_thread())

    def _read(self, known: dict[str, Any], parse: ParseXml) -> Poll:
        if not self._path.is_dir():
            message = f"there is no folder {self._path}"
            raise PermanentError(message)
        items: list[Item] = []
        refusals: list[Refusal] = []
        fingerprints: dict[str, str] = {}
        for path in sorted(self._path.iterdir()):
            if not path.is_file() or not path.name.endswith(SUFFIXES):
                continue
            try:
                fingerprints[path.name] = _fingerprint(path)
                if known.get(path.name) == fingerprints[path.name]:
                    continue
                for item, notes in read_papers(path, self.name, parse):
                    items += [item] if item else []
                    refusals += [Refusal(f"{path.name}, {note.where}", note.reason, note.cleaned) for note in notes]
            except (PermanentError, OSError) as error:  # the file may have been removed since the folder was listed
                refusals.append(Refusal(path.name, str(error)))
        return Poll(items, refusals, {"files": fingerprints}, f"{len(fingerprints)} files")


def _fingerprint(path: Path) -> str:
    stat = path.stat()
    return hashlib.blake2b(f"{stat.st_size}:{stat.st_mtime_ns}".encode(), digest_size=8).hexdigest()
