"""`paperwire reindex` beside an instance: killed, run again, and followed by a start with the other model."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from embedded.lock import read_instance
from shared.embedding.offline_model import CACHE_NAME
from shared.qdrant import PAPERS, SUBSCRIPTIONS, Qdrant
from tests.integration.cli.reindex.static_model import NAME, SIZE, write_static_model
from tests.support import until
from tests.system.instance import COMMAND, Paperwire, Receiver, paperwire, receiver, started
from tests.system.test_bad_start import refused

COUNT = 300
LATER = 20
KILLED_AT = 128
KILLED = f"""
import os, signal, sys
from services.cli.app import app
from services.cli.reindex.reindex_command import Shown

def show(self, done, total):
    if done >= {KILLED_AT}:
        os.kill(os.getpid(), signal.SIGKILL)

Shown.show = show
app(sys.argv[1:])
"""
INTEREST = "endurance of paper lanterns in storms"


def write_papers(path: Path, numbers: range) -> Path:
    rows = (
        {
            "id": f"lantern:{number}",
            "title": f"Experiment {number} on the endurance of paper lanterns",
            "abstract": f"Lantern {number} survives {number % 7} storms.",
            "published": "2024-01-02",
        }
        for number in numbers
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def data_dir(tmp_path: Path, models: Path) -> Path:
    """A data directory with both models."""
    cache = tmp_path / "data" / "models"
    cache.mkdir(parents=True)
    if (models / CACHE_NAME).is_dir():  # else the first start makes it
        (cache / CACHE_NAME).symlink_to(models / CACHE_NAME)
    write_static_model(cache)
    return tmp_path / "data"


def qdrant_of(data_dir: Path) -> Qdrant:
    instance = read_instance(data_dir)
    assert instance
    return Qdrant(instance.qdrant_url or "", None)


async def state(data_dir: Path) -> dict[str, tuple[str, bool, int]]:
    """Return the model, whether it is complete, and the number of points of each generation."""
    client = qdrant_of(data_dir)
    try:
        found = [each for base in (PAPERS, SUBSCRIPTIONS) for each in await client.located.generations(base)]
        return {
            each.name: (each.model, each.complete, (await client.count(each.name, exact=True)).count) for each in found
        }
    finally:
        await client.close()


async def indexed_at(data_dir: Path, collection: str) -> dict[str, str]:
    client = qdrant_of(data_dir)
    try:
        points, _ = await client.scroll(collection, limit=1_000, with_payload=["paper.id", "indexed_at"])
        payloads: list[Any] = [point.payload for point in points]
        return {one["paper"]["id"]: one["indexed_at"] for one in payloads}
    finally:
        await client.close()


async def found(running: Paperwire, **asked: str) -> list[str]:
    parameters = {"q": INTEREST, "mode": "semantic", "limit": "5"} | asked
    answer = await running.api("GET", "/v1/search", params=parameters)
    return [each["paper"]["id"] for each in answer["results"]]


def heard(hook: Receiver) -> set[str]:
    return {alert["data"]["paper"]["id"] for alert in hook.alerts.values()}


def ids(numbers: Iterable[int]) -> set[str]:
    return {f"lantern:{number}" for number in numbers}


async def drained(data_dir: Path) -> bool:
    streams = json.loads(await paperwire("status", "--data-dir", str(data_dir), "--json"))["streams"]
    return not any(row["waiting"] or row["pending"] for row in streams)


async def killed(data_dir: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, "reindex", "--model", NAME, "--data-dir", str(data_dir),
        cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


async def reindexed(data_dir: Path, *options: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "reindex", *options, "--data-dir", str(data_dir), "--json",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9"},
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, (output + errors).decode()
    made: dict[str, Any] = json.loads(output)
    return made


@pytest.mark.timeout(300)
async def test_a_new_index_is_filled_beside_the_old_and_loses_nothing(data_dir: Path, tmp_path: Path) -> None:
    """INVARIANT: kill -9, papers that arrive meanwhile and a change of the model lose no paper and no alert."""
    first = write_papers(tmp_path / "first.jsonl", range(COUNT))
    later = write_papers(tmp_path / "later.jsonl", range(COUNT, COUNT + LATER))
    last = write_papers(tmp_path / "last.jsonl", range(COUNT + LATER, COUNT + LATER + 1))
    async with receiver() as hook:
        async with started(data_dir) as running:
            await paperwire("import", str(first), "--data-dir", str(data_dir))
            await until(lambda: drained(data_dir))  # a subscription also hears of papers that are handled after it
            channel = {"type": "webhook", "url": hook.url}
            body = {"query": INTEREST, "like": ["lantern:7"], "sensitivity": 0.2, "channel": channel}
            made = await running.api("POST", "/v1/subscriptions", key=running.key, json=body)
            hook.secret = made["secret"]
            old_model = (await state(data_dir))[PAPERS][0]
            assert NAME in await refused("reindex", "--data-dir", str(data_dir), "--model", "minishlab/potion-base")

            await killed(data_dir)
            begun = (await state(data_dir))["papers-2"]
            assert begun == (NAME, False, KILLED_AT)
            kept = await indexed_at(data_dir, "papers-2")
            assert len(await found(running)) == 5

            await paperwire("import", str(later), "--data-dir", str(data_dir))
            report = await reindexed(data_dir, "--model", NAME)
            assert report == {
                "collection": "papers-2", "model": NAME, "papers": COUNT + LATER, "subscriptions": 1, "left_out": 0,
                "others": [PAPERS],
            }  # fmt: skip
            after = await indexed_at(data_dir, "papers-2")
            assert {paper: after[paper] for paper in kept} == kept, "what was written before the kill stays"
            assert await state(data_dir) == {
                PAPERS: (old_model, True, COUNT + LATER),
                "papers-2": (NAME, True, COUNT + LATER),
                SUBSCRIPTIONS: (old_model, True, 1),
                "subscriptions-2": (NAME, True, 1),
            }
            await refused_without_a_model(data_dir, old_model)
            assert len(await found(running)) == 5
            await until(lambda: heard(hook) == ids(range(COUNT, COUNT + LATER)), within=60)
            await paperwire("import", str(last), "--data-dir", str(data_dir))  # into the old index only
            await until(lambda: len(heard(hook)) == LATER + 1, within=60)

        async with started(data_dir, PAPERWIRE_EMBEDDING_MODEL=NAME) as running:
            await until(lambda: whole(data_dir, COUNT + LATER + 1))
            assert len(await found(running)) == 5
            another = write_papers(tmp_path / "another.jsonl", range(1_000, 1_001))
            await paperwire("import", str(another), "--data-dir", str(data_dir))
            await until(lambda: heard(hook) == ids([*range(COUNT, COUNT + LATER + 1), 1_000]), within=60)
            assert len(hook.alerts) == LATER + 2, "each once"
            assert "lantern:1000" in await found(running, q="Experiment 1000 Lantern 1000")

            assert (await reindexed(data_dir, "--model", NAME, "--drop-old")) == {"deleted": [PAPERS, SUBSCRIPTIONS]}
            assert (await state(data_dir)).keys() == {"papers-2", "subscriptions-2"}
            assert len(await found(running)) == 5
            client = qdrant_of(data_dir)
            vectors: Any = (await client.get_collection("papers-2")).config.params.vectors
            assert {each.size for each in vectors.values()} == {SIZE}
            await client.close()
            status = json.loads(await paperwire("status", "--data-dir", str(data_dir), "--json"))
            assert all(row["dead"] == 0 for row in status["streams"])

        line = await refused("up", "--data-dir", str(data_dir), "--offline", "--port", "0")
        assert f"holds vectors of {NAME}" in line
        assert f"paperwire reindex --model {old_model}" in line


async def refused_without_a_model(data_dir: Path, old_model: str) -> None:
    """Which of two indexes is in use is not known, so neither is deleted or made again."""
    for options in ((), ("--drop-old",)):
        line = await refused("reindex", "--data-dir", str(data_dir), *options)
        assert f"There are indexes with vectors of {NAME} and of {old_model}" in line
    assert len(await state(data_dir)) == 4


async def whole(data_dir: Path, papers: int) -> bool:
    return (await state(data_dir))["papers-2"][2] == papers


@pytest.mark.timeout(120)
async def test_without_a_model_all_is_embedded_again_with_the_present_one(data_dir: Path, tmp_path: Path) -> None:
    """Also without an instance: what is needed of it runs for that time."""
    first = write_papers(tmp_path / "first.jsonl", range(5))
    assert "no index yet" in await refused("reindex", "--data-dir", str(data_dir))
    await paperwire("import", str(first), "--data-dir", str(data_dir))
    report = await reindexed(data_dir)
    assert (report["collection"], report["papers"], report["left_out"]) == ("papers-2", 5, 0)
    line = await refused("reindex", "--data-dir", str(data_dir), "--model", NAME, "--drop-old")
    assert f"no whole index with vectors of {NAME}" in line
    assert (await reindexed(data_dir, "--drop-old"))["deleted"] == [PAPERS, SUBSCRIPTIONS]
    assert (await reindexed(data_dir))["collection"] == "papers-3"
    said = await paperwire("reindex", "--data-dir", str(data_dir), "--model", report["model"])
    assert "5 papers and 0 subscriptions are in the index 'papers-3'" in said
    assert f"paperwire reindex --model {report['model']} --drop-old" in " ".join(said.split())
    assert (await reindexed(data_dir, "--drop-old"))["deleted"] == ["papers-2", "subscriptions-2"]
    assert "Next" not in await paperwire("reindex", "--data-dir", str(data_dir), "--model", report["model"])
