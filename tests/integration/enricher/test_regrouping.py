"""`paperwire works`: what an operator rules on works reaches the index, lasts, and is told to nobody."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from shared.papers.paths import paper_path
from shared.papers.streams import INDEXED
from shared.runtime import Runtime, running
from shared.settings import Settings

TITLE = "A census of tin boats on small lakes"
ARXIV, DOI = "arXiv:2601.00001", "doi:10.99990/boat.1"
BOATS = "Volunteers photograph forty lakes in spring, and a network counts what floats there from day to day."
TIN = "Metal corrodes in fresh water. Electrodes measure the rate at which hulls lose weight over three years."
ROWS = (
    {"id": ARXIV, "title": TITLE, "authors": ["Ada Sample"], "abstract": BOATS},
    {"id": DOI, "title": TITLE, "authors": ["A. Sample"], "abstract": TIN},
)


@pytest.fixture
async def runtime(settings: Settings, qdrant_url: str) -> AsyncIterator[Runtime]:
    reaching = settings.model_copy(update={"qdrant_url": qdrant_url})
    async with running(builders("enricher", "indexer", "search"), reaching) as opened:
        yield opened


async def works(runtime: Runtime, *words: str) -> Any:
    """Run a command of `paperwire works` beside the services."""
    given = runtime.settings
    environment = {"PAPERWIRE_REDIS_URL": given.redis_url, "PAPERWIRE_QDRANT_URL": given.qdrant_url}
    options = ["--data-dir", str(given.data_dir), "--json"]
    runner = CliRunner(env=environment)
    done = await asyncio.to_thread(runner.invoke, app, ["works", *words, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def works_of(runtime: Runtime) -> list[tuple[str, str, list[str]]]:
    """Return what each id finds, as id and abstract, and what a search for a word of each abstract finds."""
    found = []
    async with httpx.AsyncClient(base_url=runtime.http_url or "") as http:
        for name, word in ((ARXIV, "volunteers"), (DOI, "corrodes")):
            paper = (await http.get(f"/v1{paper_path(name)}")).json()
            rows = (await http.get("/v1/search", params={"q": word, "mode": "lexical"})).json()["results"]
            found.append((paper["id"], paper["abstract"], [row["paper"]["id"] for row in rows]))
    return found


async def test_a_split_and_a_join_last_and_are_told_to_nobody(runtime: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)))
    await import_files(runtime.settings, [file])
    together = [(ARXIV, BOATS, [ARXIV]), (ARXIV, BOATS, [])]
    apart = [(ARXIV, BOATS, [ARXIV]), (DOI, TIN, [DOI])]
    assert await works_of(runtime) == together
    told = await runtime.redis.xlen(INDEXED.name)
    assert [part["ids"] for part in (await works(runtime, "show", DOI))["parts"]] == [[ARXIV], [DOI]]

    done = await works(runtime, "split", DOI)
    assert (done["kept"], done["split_off"]) == (ARXIV, [DOI])
    assert await works_of(runtime) == apart
    assert (await import_files(runtime.settings, [file])).changed == 0
    assert await works_of(runtime) == apart

    assert (await works(runtime, "join", DOI, ARXIV))["ids"] == [ARXIV, DOI]
    assert await works_of(runtime) == together
    assert (await works(runtime, "split", ARXIV))["split_off"] == [DOI], "its own id names all its other parts"
    assert await works_of(runtime) == apart
    assert await runtime.redis.xlen(INDEXED.name) == told
