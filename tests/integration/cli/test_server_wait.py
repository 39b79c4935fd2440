"""A start waits for a Qdrant that starts too."""

import asyncio
import os
import signal
from pathlib import Path

import structlog

from embedded.qdrant import EmbeddedQdrant
from services.cli.up.server_wait import until_qdrant_answers
from shared.settings import Settings
from tests.support import until


async def test_a_start_waits_for_qdrant_and_says_so(tmp_path: Path) -> None:
    """INVARIANT: a Qdrant that is not there yet, or hangs, ends no start, and the wait has an end."""
    async with EmbeddedQdrant(tmp_path / "qdrant") as server:
        settings = Settings.load(qdrant_url=server.url, data_dir=tmp_path)
        with structlog.testing.capture_logs() as lines:
            await until_qdrant_answers(settings)
            assert lines == []
            os.kill(server.pid or 0, signal.SIGKILL)
            await server.wait()
            await until_qdrant_answers(settings.model_copy(update={"start_wait": 0.0}))
            assert lines == []
            waiting = asyncio.create_task(until_qdrant_answers(settings, pause=0.01, line=0.02))
            await until(lambda: len(lines) >= 2)
            assert not waiting.done()
            await server.restart()
            await waiting
    assert lines[0]["event"] == "waiting for qdrant"
    assert lines[0]["seconds_left"] == 600
    assert "Qdrant does not answer" in lines[0]["reason"]
