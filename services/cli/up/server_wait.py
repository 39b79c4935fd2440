"""Waits for a Qdrant that starts at the same time, and may load a large collection first."""

import asyncio
from typing import Final

import structlog

from shared.qdrant import open_qdrant
from shared.settings import Settings
from shared.shown_address import shown

PAUSE_S: Final = 1.0
LINE_S: Final = 30.0
"""Seconds between two lines that say what is waited for."""
log = structlog.get_logger("start")


async def until_qdrant_answers(settings: Settings, pause: float = PAUSE_S, line: float = LINE_S) -> None:
    """Return once Qdrant answers, or after `settings.start_wait` seconds: what needs it then says what is wrong.

    A line says every `line` seconds that this waits; Qdrant is asked every `pause` seconds.
    """
    client, loop = open_qdrant(settings), asyncio.get_running_loop()
    began = told = loop.time()
    try:
        while (reason := await client.not_started()) and (waited := loop.time() - began) < settings.start_wait:
            if loop.time() >= told:
                told = loop.time() + line
                log.warning(
                    "waiting for qdrant",
                    address=shown(settings.qdrant_url),
                    reason=reason,
                    seconds_left=round(settings.start_wait - waited),
                    advice="if the address is wrong, set PAPERWIRE_QDRANT_URL",
                )
            await asyncio.sleep(pause)
    finally:
        await client.close()
