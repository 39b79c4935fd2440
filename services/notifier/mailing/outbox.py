"""The outbox: keeps messages as files while no SMTP server is configured."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from services.notifier.mailing.smtp import Reply, Step
from shared.files import write_file

MAX_MESSAGES: Final = 500
"""Messages that are kept; the oldest are deleted first."""
_ACCEPTED: Final = 250
"""The reply code of SMTP for success."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message of the outbox, as a list shows it."""

    id: str
    to: str
    subject: str
    at: datetime


class Outbox:
    """Keeps messages in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, id_: str, _: str, __: str, message: bytes) -> Reply:
        """Write a message as `<id>.eml`; the same message again is the same file."""
        try:
            await asyncio.to_thread(self._write, id_, message)
        except OSError as error:
            return Reply(Step.DATA, None, f"the outbox cannot be written: {error}")
        return Reply(Step.DATA, _ACCEPTED, "written to the outbox")

    def _write(self, id_: str, message: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_file(self._folder / f"{id_}.eml", message)
        for old in self._files()[MAX_MESSAGES:]:
            old.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """Return the paths of the messages, newest first."""
        found = []
        for path in self._folder.glob("*.eml"):
            try:
                found.append((path.stat().st_mtime_ns, path))
            except FileNotFoundError:  # another process has just deleted it
                continue
        return [path for _, path in sorted(found, reverse=True)]

    async def list(self) -> Sequence[StoredMessage]:
        """Return the messages, newest first."""
        return await asyncio.to_thread(lambda: [_summary(path) for path in self._files()])

    async def read(self, id_: str) -> EmailMessage | None:
        """Return a message, or None if there is none of that id."""
        path = self._folder / f"{id_}.eml"
        return await asyncio.to_thread(lambda: _parsed(path) if path.is_file() else None)

    async def close(self) -> None:
        """Do nothing: an outbox has no connections."""


def _parsed(path: Path) -> EmailMessage:
    parsed = message_from_bytes(path.read_bytes(), policy=default)
    if not isinstance(parsed, EmailMessage):
        raise TypeError(path)
    return parsed


def _summary(path: Path) -> StoredMessage:
    message = _parsed(path)
    return StoredMessage(path.stem, str(message["To"]), str(message["Subject"]), message["Date"].datetime)
