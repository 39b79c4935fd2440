"""Templates of subscribers, rendered in processes that may be ended at any moment.

The sandbox of Jinja2 keeps a template from reaching out. It does not keep one from running forever, and constant
expressions are computed when a template is parsed; so a template gets half a second of the processor and half a
gigabyte of memory.
"""

import asyncio
from typing import Final
from weakref import WeakValueDictionary

import orjson

from services.notifier.sending.rendering import UnusableTemplateError
from services.notifier.sending.variables import Event
from shared.worker.protocol import CallFailedError, Limits
from shared.worker.worker import Worker

PROCESSES: Final = 2
LIMITS: Final = Limits(seconds=5.0, processor=0.5, memory=512 * 1024 * 1024, start=20.0, answer=1024 * 1024)


class TemplateWorker:
    """Renders templates, one at a time for each owner, so that no owner occupies all processes."""

    def __init__(self) -> None:
        self._worker = Worker("services.notifier.sending.rendering:render_request", LIMITS, processes=PROCESSES)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def render(self, owner: str, template: str, event: Event) -> str:
        """Render an alert with a template.

        Raises:
            UnusableTemplateError: the template is wrong or exceeds a limit; the text says which.

        """
        turn = self._turns.setdefault(owner, asyncio.Lock())
        async with turn:
            try:
                answer = orjson.loads(await self._worker.call(orjson.dumps({"template": template, "event": event})))
            except CallFailedError as error:
                raise UnusableTemplateError(f"the template {error}") from error
        if "error" in answer:
            raise UnusableTemplateError(answer["error"])
        text: str = answer["text"]
        return text

    async def close(self) -> None:
        """End the processes."""
        await self._worker.close()
