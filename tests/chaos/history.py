"""The history of a run: what the harness asked, was told and received, line by line in a file."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

Event = dict[str, Any]


@dataclass
class History:
    """Events in the order in which they happened; each has a `kind`, and `at` in seconds since the start."""

    path: Path | None = None
    events: list[Event] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def add(self, kind: str, **fields: Any) -> None:
        """Record an event."""
        event = {"kind": kind, "at": round(time.monotonic() - self.started, 3), **fields}
        self.events.append(event)
        if self.path:
            with self.path.open("ab") as file:
                file.write(orjson.dumps(event) + b"\n")

    def of(self, kind: str) -> list[Event]:
        """Return the events of a kind."""
        return [event for event in self.events if event["kind"] == kind]


def read(path: Path) -> History:
    """Read the history that a run has left."""
    return History(events=[orjson.loads(line) for line in path.read_bytes().splitlines()])
