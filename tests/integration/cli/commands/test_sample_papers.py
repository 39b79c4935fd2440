"""Sample papers are marked, alert nobody, never trend, and leave: by a command, or once there are enough others."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from services.cli.up.sample_leaving import has_left
from services.fetcher.sources.port import BACKFILLED
from shared.board.table import count_works
from shared.bus import Bus
from shared.papers.events import PapersRequested
from shared.papers.paper import SAMPLE
from shared.papers.paths import paper_path
from shared.papers.streams import ENRICHED, INDEXED, REQUESTED
from shared.runtime import Runtime, running
from shared.settings import Settings
from tests.support import until

LEAVES, SHOWN, SAVED = "arXiv:2401.00001", "arXiv:2401.00002", "arXiv:2401.00003"
ROWS = [
    {
        "id": LEAVES,
        "title": "A census of tin boats on small lakes",
        "authors": ["Ada Sample"],
        "published": "2024-01-02",
    },
    {
        "id": SHOWN,
        "title": "Paper cranes fold themselves in wet air",
        "authors": ["Bo Sample"],
        "published": "2024-01-03",
    },
    {"id": SAVED, "title": "Bells that ring below the range of hearing", "authors": ["Cy Sample"]},
]


@pytest.fixture
async def runtime(settings: Settings, qdrant_url: str) -> AsyncIterator[Runtime]:
    reaching = settings.model_copy(update={"qdrant_url": qdrant_url})
    async with running(builders("enricher", "indexer", "search"), reaching) as opened:
        yield opened


async def taken_in(runtime: Runtime, folder: Path, rows: Sequence[Any], source: str) -> None:
    file = folder / f"{source}.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    await import_files(runtime.settings, [file], source, announced=BACKFILLED if source == SAMPLE else None)


async def command(runtime: Runtime, *words: str) -> str:
    """Run a command of `paperwire` beside the services, and return what it prints."""
    given = runtime.settings
    port = str(urlsplit(runtime.http_url or "").port)
    environment = {
        "PAPERWIRE_REDIS_URL": given.redis_url,
        "PAPERWIRE_QDRANT_URL": given.qdrant_url,
        "PAPERWIRE_HTTP_PORT": port,
    }
    runner = CliRunner(env=environment)
    run = [*words, "--data-dir", str(given.data_dir)]
    done = await asyncio.to_thread(runner.invoke, app, run, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


async def removed(runtime: Runtime) -> Any:
    return json.loads(await command(runtime, "sample", "remove", "--json"))


async def answer(runtime: Runtime, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=runtime.http_url or "") as http:
        return await http.get(path)


async def paper(runtime: Runtime, name: str) -> Any:
    """Return a paper as the API has it; None if it is not there."""
    got = await answer(runtime, f"/v1{paper_path(name)}")
    return got.json() if got.status_code == 200 else None


async def keys(runtime: Runtime) -> set[str]:
    return {key.decode() for pattern in ("work:*", "alias:*") for key in await runtime.redis.keys(pattern)}


async def test_sample_papers_are_marked_everywhere_and_alert_nobody(runtime: Runtime, tmp_path: Path) -> None:
    await taken_in(runtime, tmp_path, ROWS, SAMPLE)
    assert await runtime.redis.xlen(INDEXED.name) == 0
    shown = await paper(runtime, LEAVES)
    assert (shown["sample"], shown["trending"]) == (True, None)
    assert "This is a sample paper." in (await answer(runtime, paper_path(LEAVES))).text
    assert ">Sample</strong>" in (await answer(runtime, "/search?q=boats")).text
    assert "Sample: A census" in (await answer(runtime, "/feeds/search.atom?q=boats")).text
    assert "sample · Ada Sample" in await command(runtime, "search", "boats")
    today = (await answer(runtime, "/v1/search?q=&sort=newest&undated=include&from=2025-01-01")).json()
    assert today["results"] == [], "a paper without a date is not of today either"
    assert (await answer(runtime, "/v1/trending?window=month")).json()["results"] == []

    await taken_in(runtime, tmp_path, ROWS[1:2], "file")
    assert "sample" not in await paper(runtime, SHOWN), "a source shows it now"


async def test_the_command_removes_what_nobody_else_has(runtime: Runtime, tmp_path: Path) -> None:
    await taken_in(runtime, tmp_path, ROWS, SAMPLE)
    entries = await runtime.redis.xrange(ENRICHED.name)
    await taken_in(runtime, tmp_path, ROWS[1:2], "file")
    await runtime.redis.hset("reading:rows:someone", SAVED, "{}")
    assert await removed(runtime) == {"removed": [LEAVES], "kept": [SAVED]}
    assert [bool(await paper(runtime, name)) for name in (LEAVES, SHOWN, SAVED)] == [False, True, True]
    assert {key for key in await keys(runtime) if key.endswith("2401.00001")} == set()
    assert await count_works(runtime.redis) == 2
    left = len(await keys(runtime))
    assert await removed(runtime) == {"removed": [], "kept": [SAVED]}

    await runtime.redis.xadd(ENRICHED.name, entries[0][1])  # an entry of before is handled again
    await until(lambda: paper(runtime, LEAVES))
    async with Bus(runtime.settings, runtime.redis).hop("indexer") as hop:
        await hop.publish(REQUESTED, PapersRequested(works=(LEAVES,)), "reconcile-test")
        await hop.commit()
    await until(lambda: _is_gone(runtime))

    await taken_in(runtime, tmp_path, ROWS[:1], "file")
    assert "sample" not in await paper(runtime, LEAVES), "a source may show it later"
    assert len(await keys(runtime)) > left


async def _is_gone(runtime: Runtime) -> bool:
    return await paper(runtime, LEAVES) is None


async def test_they_leave_by_themselves_once_there_are_enough_others(runtime: Runtime, tmp_path: Path) -> None:
    await taken_in(runtime, tmp_path, ROWS, SAMPLE)
    others = [{"id": f"x:{number}", "title": f"Paper number {number} about lakes"} for number in range(3)]
    await taken_in(runtime, tmp_path, others[:2], "file")
    assert not await has_left(runtime.settings, runtime.redis, enough=3)
    assert await count_works(runtime.redis) == 5
    await taken_in(runtime, tmp_path, others, "file")
    assert await has_left(runtime.settings, runtime.redis, enough=3)
    assert await count_works(runtime.redis) == 3
    await until(lambda: _is_gone(runtime))
    assert await has_left(runtime.settings, runtime.redis, enough=3), "none is left"
