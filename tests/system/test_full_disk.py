"""A disk that becomes full during an import: all of it waits, and after that every paper and every alert arrives."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.power_cut import MIB, disk
from tests.support import until
from tests.system.instance import Paperwire, paperwire, receiver, started

COUNT = 1_400
MOST_LINES = 15
"""Each reader and each process logs the outage once."""


def papers(path: Path) -> Path:
    """Write papers of our own making, short so that embedding them is quick."""
    rows = (
        {
            "id": f"full:{number}",
            "title": f"Experiment {number} on the endurance of paper lanterns",
            "abstract": f"Lantern {number} survives {number % 7} storms.",
            "categories": ["test.LANTERN"],
        }
        for number in range(COUNT)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def fill(file: Path) -> None:
    """Write a file until not one more block fits on its disk."""
    with file.open("ab", buffering=0) as filler:
        for size in (MIB, 4_096, 512):
            try:
                while filler.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


async def answer(running: Paperwire, method: str, path: str, **options: Any) -> tuple[int, str, str]:
    """Send a request; return the status, `Retry-After` and the body of the answer."""
    async with aiohttp.ClientSession() as session, session.request(method, running.url + path, **options) as response:
        return response.status, response.headers.get("Retry-After", ""), await response.text()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--processes",), marks=pytest.mark.long)],
    ids=["one process", "processes"],
)
async def test_a_full_disk_loses_nothing_and_all_continues_by_itself(tmp_path: Path, options: tuple[str, ...]) -> None:
    """INVARIANT: on a full disk nothing accepted is lost, and with room again no command or restart is needed."""
    with disk(tmp_path, 600 * MIB) as small:
        data, file, filler = small.root / "data", papers(tmp_path / "papers.jsonl"), small.root / "filler"
        async with started(data, *options, PAPERWIRE_RECLAIM_IDLE="2") as running, receiver() as hook:
            body = {"name": "lanterns", "categories": ["test.LANTERN"], "channel": {"type": "webhook", "url": hook.url}}
            made = await running.api("POST", "/v1/subscriptions", key=running.key, json=body)
            hook.secret = made["secret"]
            importing = asyncio.create_task(paperwire("import", str(file), "--data-dir", str(data), "--json"))
            await until(lambda: len(hook.alerts) >= 200, within=120)
            fill(filler)
            await until(partial(_is_not_ready, running, filler), within=60)
            key = {"Authorization": f"Bearer {running.key}"}
            status, retry, text = await answer(running, "POST", "/v1/subscriptions", json=body, headers=key)
            assert (status, retry, "its disk" in text) == (503, "5", True), text
            filler.unlink()

            report = json.loads(await asyncio.wait_for(importing, 120))
            assert (report["read"], report["searchable"], report["dead"]) == (COUNT, COUNT, 0)
            await until(lambda: len(hook.alerts) == COUNT, within=60)
            state = await running.api("GET", "/v1/status")
            assert state["papers"] == COUNT
            assert all(row["dead"] == 0 for row in state["streams"])
            await until(partial(_is_ready, running), within=30)
        for event in ("deliveries delayed", "reader failed", "dependency failed"):
            assert running.output.count(f'"{event}"') <= MOST_LINES, "an outage is a line of the log, not one a second"


async def _is_not_ready(running: Paperwire, filler: Path) -> bool:
    fill(filler)  # what was freed meanwhile
    status, _, text = await answer(running, "GET", "/readyz")
    return status == 503 and "Redis cannot write to its disk" in text


async def _is_ready(running: Paperwire) -> bool:
    return (await answer(running, "GET", "/readyz"))[0] == 200
