"""Logs an outage in one line when it begins and in one when it is over, however many parts of a process meet it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Final

import structlog

from shared.outages import outage

QUIET_S: Final = 60.0
"""Seconds after a line in which other parts that meet the same outage, or its end, write none."""
_MOST_CAUSES: Final = 1_000
log = structlog.get_logger("outages")


class OutageLog:
    """The outages that parts of a process (a source, a provider, a loop) meet now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds."""
        self._clock = clock
        self.causes: dict[str, str] = {}
        """The parts that fail now, and why."""
        self._told: dict[tuple[str, bool], float] = {}

    def began(self, part: str, reason: str, retry_s: float, *, cause: str | None = None) -> None:
        """Log that a part fails for a reason and tries again in `retry_s` seconds, unless that was logged.

        Parts that fail by the same `cause` have one line. Without a cause a part has its own.
        """
        if part in self.causes:
            return
        self.causes[part] = cause = cause or f"{part}: {reason}"
        if self._is_news(cause, over=False):
            log.warning("outage began", part=part, reason=reason, retry_in_s=round(retry_s))

    def met(self, part: str, error: Exception, retry_s: float) -> None:
        """Log that a part met an outage that others may have met too."""
        reason = outage(error) or str(error)
        self.began(part, reason, retry_s, cause=reason)

    def over(self, part: str) -> None:
        """Log that a part works again, if it failed."""
        cause = self.causes.pop(part, None)
        if cause is not None and self._is_news(cause, over=True):
            log.info("outage over", part=part)

    @contextmanager
    def logged(self, part: str, retry_s: float, *errors: type[Exception]) -> Iterator[None]:
        """Log these errors of a block instead of raising them: the part tries again in `retry_s` seconds."""
        try:
            yield
        except errors as error:
            self.met(part, error, retry_s)
        else:
            self.over(part)

    def _is_news(self, cause: str, *, over: bool) -> bool:
        now = self._clock()
        if now - self._told.get((cause, over), -inf) < QUIET_S:
            return False
        if len(self._told) >= _MOST_CAUSES:
            self._told = {key: at for key, at in self._told.items() if now - at < QUIET_S}
        self._told[cause, over] = now
        return True
