"""A notifier process that takes deliveries and hangs on them: to be killed by a test."""

import asyncio
import sys
from pathlib import Path

from tests.integration.notifier.support import notifier


async def main(redis_url: str, qdrant_url: str, directory: str) -> None:
    async with notifier(redis_url, qdrant_url, Path(directory)):
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
