"""Composes messages in another process.

A thread would compete with the event loop for the interpreter several times for each message: a tenth of the speed,
and more latency for everything else.
"""

from typing import Final

from services.notifier.mailing.compose import Task
from shared.worker.protocol import CallFailedError, Limits
from shared.worker.worker import Worker

LIMITS: Final = Limits(seconds=60.0, memory=1024 * 1024 * 1024, calls=50_000)
DEPTH: Final = 256
"""Messages that are sent to the process ahead of its answers."""


class NotComposedError(Exception):
    """A message could not be composed; the text says why."""


class ComposeWorker:
    """Composes messages."""

    def __init__(self) -> None:
        self._worker = Worker("services.notifier.mailing.compose:write_request", LIMITS, depth=DEPTH)

    async def write(self, task: Task, body: bytes) -> bytes:
        """Return the message of a delivery; `body` is JSON, as it is stored.

        Raises:
            NotComposedError: the message cannot be composed, or the process ended.

        """
        try:
            return await self._worker.call(b"%s\n%s" % (task.model_dump_json().encode(), body))
        except CallFailedError as error:
            raise NotComposedError(str(error)) from error

    async def close(self) -> None:
        """End the process."""
        await self._worker.close()
