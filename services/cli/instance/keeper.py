"""Keeps a process running: starts it again when it ends, and ends it when it gives no sign of life."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from embedded.errors import EmbeddedError
from shared.errors import ConfigurationError
from shared.moments import Backoff

RESTARTS: Final = Backoff(base=0.5, cap=30.0)
LOOK_S: Final = 5.0
SILENT_LOOKS: Final = 6
"""In a row without an answer: for half a minute a busy machine may keep a process from answering."""
STEADY_S: Final = 60.0
"""Seconds after which a process that ends is started again as quickly as the first time."""
log = structlog.get_logger("supervisor")


async def _yes() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """A process to keep running. `wait` returns its status once it has ended, and `answers` whether it gives a sign."""

    name: str
    wait: Callable[[], Awaitable[int]]
    start: Callable[[], Awaitable[None]]
    kill: Callable[[], None] = lambda: None
    answers: Callable[[], Awaitable[bool]] = _yes


async def keep_running(kept: Kept, look: float = LOOK_S) -> None:
    """Start a process again whenever it ends, until cancelled; look for a sign of life every `look` seconds."""
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        since = loop.time()
        status = await _ended(kept, look)
        failures = 1 if loop.time() - since > STEADY_S else failures + 1
        delay = RESTARTS.delay(failures, random.random())  # noqa: S311  # jitter is no secret
        log.warning("service ended", service=kept.name, status=status, restart_in=round(delay, 1))
        await asyncio.sleep(delay)
        try:
            await kept.start()
        except (ConfigurationError, EmbeddedError) as error:
            reason = str(error).strip().splitlines()[-1]  # a full disk, for example: no traceback helps
            log.error("service restart failed", service=kept.name, error=reason)  # noqa: TRY400


async def _ended(kept: Kept, look: float) -> int:
    """Return the status with which a process ends, by itself or since it was silent for too long."""
    waiting = asyncio.ensure_future(kept.wait())
    silent = 0
    try:
        while not waiting.done():
            alive, _ = await asyncio.gather(kept.answers(), asyncio.wait([waiting], timeout=look))
            silent = 0 if waiting.done() or alive else silent + 1
            if silent == SILENT_LOOKS:
                log.error("service killed", service=kept.name, reason=f"no answer for {silent * look:g} s")
                kept.kill()
        return waiting.result()
    finally:
        waiting.cancel()
