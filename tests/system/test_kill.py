"""Each service killed in turn during an import: nothing lost, nothing twice in the index, every webhook received."""

import asyncio
import json
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.support import until
from tests.system.instance import Paperwire, Receiver, paperwire, receiver, started

COUNT = 600
VICTIMS = ("enricher", "indexer", "notifier", "search", "fetcher", "gateway")


def papers(path: Path) -> Path:
    """Write papers of our own making, short so that embedding them is quick."""
    rows = (
        {
            "id": f"kill:{number}",
            "title": f"Experiment {number} on the endurance of paper lanterns",
            "abstract": f"Lantern {number} survives {number % 7} storms.",
            "categories": ["test.LANTERN"],
        }
        for number in range(COUNT)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.timeout(400)
async def test_sigkill_of_each_service_during_an_import_loses_nothing(tmp_path: Path) -> None:
    """INVARIANT: a SIGKILL at any moment loses no paper and no alert, and makes no second point of a paper."""
    data, file = tmp_path / "data", papers(tmp_path / "papers.jsonl")
    async with started(data, "--processes", PAPERWIRE_RECLAIM_IDLE="2") as running, receiver() as hook:
        body = {"name": "lanterns", "categories": ["test.LANTERN"], "channel": {"type": "webhook", "url": hook.url}}
        answer = await running.api("POST", "/v1/subscriptions", key=running.key, json=body)
        hook.secret = answer["secret"]
        importing = asyncio.create_task(paperwire("import", str(file), "--data-dir", str(data), "--json"))
        for number, name in enumerate(VICTIMS):
            wanted = (number + 1) * COUNT // 12
            await until(partial(_reached, hook, importing, wanted), within=120)
            running.service(name).kill()
            await until(partial(_is_back, running, name), within=60)
        report = json.loads(await asyncio.wait_for(importing, 200))
        assert (report["read"], report["searchable"], report["dead"]) == (COUNT, COUNT, 0)
        await until(lambda: len(hook.alerts) == COUNT, within=90)

        received = [alert["data"]["paper"]["id"] for alert in hook.alerts.values()]
        assert sorted(received) == sorted(f"kill:{number}" for number in range(COUNT))
        await until(partial(_is_ready, running), within=60)
        status = json.loads(await paperwire("status", "--data-dir", str(data), "--json"))
        assert status["papers"] == COUNT
        assert all(row["dead"] == 0 for row in status["streams"])


def _reached(hook: Receiver, importing: asyncio.Task[str], wanted: int) -> bool:
    return len(hook.alerts) >= wanted or importing.done()


def _is_back(running: Paperwire, name: str) -> bool:
    try:
        return bool(running.service(name).is_running())
    except LookupError:
        return False


async def _is_ready(running: Paperwire) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(running.url + "/readyz") as answer:
            return answer.ok
    except aiohttp.ClientConnectionError:
        return False  # the gateway is started again
