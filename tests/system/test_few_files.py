"""A system that permits 256 files a process: everything works, and the start says what to set."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.system.instance import paperwire, started

COUNT = 300
CLIENTS = 40
LIMITED = ("bash", "-c", 'ulimit -n 256; exec "$@"', "bash")


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--processes",), marks=pytest.mark.long)],
    ids=["one process", "processes"],
)
async def test_an_instance_with_256_files_imports_and_searches(tmp_path: Path, options: tuple[str, ...]) -> None:
    data, file = tmp_path / "data", tmp_path / "papers.jsonl"
    file.write_text(
        "".join(json.dumps({"id": f"few:{number}", "title": f"Lantern {number}"}) + "\n" for number in range(COUNT))
    )
    async with started(data, *options, wrapper=LIMITED) as running:
        assert "file limit low" in running.output
        assert "ulimit -n 512" in running.output
        report = json.loads(await paperwire("import", str(file), "--data-dir", str(data), "--json"))
        assert (report["searchable"], report["dead"]) == (COUNT, 0)
        asked = [running.api("GET", "/v1/search", params={"q": f"lantern {n}"}) for n in range(CLIENTS)]
        assert all(found["results"] for found in await asyncio.gather(*asked))
        assert (await running.api("GET", "/readyz"))["status"] == "ready"
