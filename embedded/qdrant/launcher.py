"""The embedded Qdrant as a child process."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from embedded.child_process import LONG_START_SECONDS, Child
from embedded.lock import lock, read_instance

PACKAGES = Path(__file__).parents[2]
PATH_VARIABLE: Final = "EMBEDDED_QDRANT_PATH"
"""The variable with the path under which the server answers: other users of the machine can read command lines."""


class EmbeddedQdrant:
    """``async with EmbeddedQdrant(directory) as qdrant: AsyncQdrantClient(url=qdrant.url)``.

    Any user of the machine can reach a loopback port, so the address contains a secret path.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._path = f"/{secrets.token_urlsafe(24)}"
        self._child = self._process(port=0)
        self.url = ""

    @property
    def pid(self) -> int | None:
        """The process id of the server, or None when it has not been started."""
        return self._child.pid

    async def __aenter__(self) -> Self:
        """Start it.

        Raises:
            DataDirInUse, DataDirError: the directory is held by another process, or cannot be used.
            StartFailed: it ended or did not answer in time.
        """
        with lock(self._directory):
            pass  # refused here, in this process, a holder gets named, and its log is left alone
        await self._child.start(self._listening, longest_seconds=LONG_START_SECONDS)
        return self

    async def restart(self) -> None:
        """Start it again at the same address after it has ended. Raises as `__aenter__` does."""
        self._child = self._process(port=urlsplit(self.url).port or 0)
        await self._child.start(self._listening, longest_seconds=LONG_START_SECONDS)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._child.stop()

    async def wait(self) -> int:
        """Wait until the server ends by itself; return its exit status."""
        return await self._child.wait()

    def _process(self, port: int) -> Child:
        command = [sys.executable, "-m", "embedded.qdrant", "--dir", str(self._directory), "--port", str(port)]
        # The child imports this very package, wherever it was started from.
        path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, PATH_VARIABLE: self._path}
        return Child("The embedded Qdrant", command, self._directory / "qdrant.log", environment)

    async def _listening(self) -> bool:
        instance = read_instance(self._directory)
        if instance is None or instance.pid != self.pid or instance.qdrant_url is None:
            return False
        self.url = instance.qdrant_url
        return True
