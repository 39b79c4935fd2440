"""The outbox: where messages go while there is no SMTP server, one file each, to be read on a page."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from services.notifier.mailing.smtp import Reply, Step

KEPT: Final = 500
"""Messages that are kept; the oldest go first."""
_TAKEN: Final = 250


@dataclass(frozen=True, slots=True)
class Kept:
    """A message of the outbox, for a list."""

    name: str
    to: str
    subject: str
    at: datetime


class Outbox:
    """Keeps messages in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, name: str, _: str, __: str, message: bytes) -> Reply:
        """Write a message as `<name>.eml`; the same message again is the same file."""
        try:
            await asyncio.to_thread(self._write, name, message)
        except OSError as error:
            return Reply(Step.DATA, None, f"the outbox cannot be written: {error}")
        return Reply(Step.DATA, _TAKEN, "written to the outbox")

    def _write(self, name: str, message: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message)
        draft.replace(self._folder / f"{name}.eml")
        for old in self._files()[KEPT:]:
            old.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """List the messages, newest first."""
        found = []
        for path in self._folder.glob("*.eml"):
            try:
                found.append((path.stat().st_mtime_ns, path))
            except FileNotFoundError:  # another process has just tidied up
                continue
        return [path for _, path in sorted(found, reverse=True)]

    async def list(self) -> Sequence[Kept]:
        """List the messages, newest first."""
        return await asyncio.to_thread(lambda: [_kept(path) for path in self._files()])

    async def read(self, name: str) -> EmailMessage | None:
        """Read a message; None if there is none of that name."""
        path = self._folder / f"{name}.eml"
        return await asyncio.to_thread(lambda: _parsed(path) if path.is_file() else None)

    async def close(self) -> None:
        """Have nothing to close."""


def _parsed(path: Path) -> EmailMessage:
    parsed = message_from_bytes(path.read_bytes(), policy=default)
    if not isinstance(parsed, EmailMessage):
        raise TypeError(path)
    return parsed


def _kept(path: Path) -> Kept:
    message = _parsed(path)
    return Kept(path.stem, str(message["To"]), str(message["Subject"]), message["Date"].datetime)
