"""The embedded servers of `paperwire up` are killed: they are started again, and papers are searchable."""

import contextlib
import json
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.support import until
from tests.system.instance import Paperwire, paperwire, started


def server(running: Paperwire, part: str) -> psutil.Process | None:
    """Find a child of the instance by a part of its command line."""
    for child in psutil.Process(running.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(part in argument for argument in child.cmdline()):
                return child
    return None


def is_another(running: Paperwire, part: str, before: int) -> bool:
    """Return whether a server runs that is not the one before."""
    found = server(running, part)
    return found is not None and found.pid != before


async def is_ready(running: Paperwire) -> bool:
    """Return whether the instance says that it is ready."""
    try:
        return bool((await running.api("GET", "/readyz"))["status"] == "ready")
    except AssertionError:
        return False


@pytest.mark.timeout(200)
async def test_killed_servers_are_started_again(tmp_path: Path) -> None:
    """INVARIANT: the death of the embedded Redis or Qdrant ends nothing and loses nothing."""
    data = tmp_path / "data"
    async with started(data) as running:
        for number, part in enumerate(("redis.sock", "embedded.qdrant")):
            victim = server(running, part)
            assert victim
            victim.kill()
            await until(partial(is_another, running, part, victim.pid), within=20)
            await until(partial(is_ready, running), within=30)
            file = tmp_path / f"{number}.jsonl"
            file.write_text(json.dumps({"id": f"back:{number}", "title": f"Return number {number} of the lanterns"}))
            report = json.loads(await paperwire("import", str(file), "--data-dir", str(data), "--json"))
            assert (report["searchable"], report["dead"]) == (1, 0)
        assert running.process.returncode is None
