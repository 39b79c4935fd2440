"""The sample papers leave by themselves, once there are enough others."""

import asyncio
from typing import Any, Final

import structlog

from services.cli.transfer.sample import leave, sample_ids
from shared.board.table import count_works
from shared.bus.outage_log import OutageLog
from shared.errors import TransientError
from shared.outages import POSSIBLE_OUTAGES
from shared.settings import Settings

ENOUGH: Final = 500
"""The other papers, from which on the sample is no longer needed to try a search."""
CHECK_S: Final = 30.0
log = structlog.get_logger("sample")


async def keep_sample_until_enough(settings: Settings, redis: Any, pause: float = CHECK_S) -> None:  # noqa: ANN401  # a Redis client
    """Return once the sample papers have left, or if there are none; look every `pause` seconds."""
    outages = OutageLog()
    while True:
        with outages.logged("sample", pause, TransientError, *POSSIBLE_OUTAGES):
            if await has_left(settings, redis):
                return
        await asyncio.sleep(pause)


async def has_left(settings: Settings, redis: Any, enough: int = ENOUGH) -> bool:  # noqa: ANN401  # a Redis client
    """Let the sample papers leave if there are `enough` others; return whether nothing is left to do."""
    sample = await sample_ids(settings)
    if not sample:
        return True
    if await count_works(redis) - len(sample) < enough:
        return False
    done, _ = await leave(settings, redis)
    if done.left:
        log.info("sample left", papers=len(done.left), kept=len(done.kept), detail=f"{enough} other papers are here")
    return True
