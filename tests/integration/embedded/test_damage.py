"""A damaged file is one sentence that says what to do, and `paperwire doctor --repair` makes the next start work."""

import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from embedded.errors import DataDamaged
from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from tests.integration.embedded.test_durability import connect, create, point


async def filled(data: Path) -> Path:
    """Fill an embedded Redis and Qdrant; return the data directory."""
    async with EmbeddedQdrant(data / "qdrant") as qdrant:
        client = connect(qdrant.url)
        await create(client)
        await client.upsert("papers", [point(n) for n in range(100)])
        await client.close()
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        for number in range(100):
            await redis.set(f"key:{number}", number)
    return data


async def doctor(data: Path, *options: str) -> tuple[int, str]:
    """Run the command; return its status and what it printed."""
    command = [sys.executable, "-m", "services", "doctor", "--data-dir", str(data), *options]
    process = await create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    output, errors = await process.communicate()
    assert "Traceback" not in errors.decode(), errors.decode()
    return process.returncode or 0, output.decode()


def remove_segment(papers: Path) -> None:
    next(papers.rglob("segment.json")).unlink()


def cut_log(papers: Path) -> None:
    os.truncate(next(papers.glob("shard/wal/open-*")), 0)


def spoil_log(papers: Path) -> None:
    next(papers.glob("shard/wal/open-*")).write_bytes(b"x" * 5_000)


def spoil_configuration(papers: Path) -> None:
    (papers / "collection.json").write_bytes(b"[garbage")


def empty_configuration(papers: Path) -> None:
    (papers / "collection.json").write_bytes(b"")


@pytest.mark.parametrize(
    "spoil",
    (remove_segment, cut_log, spoil_log, spoil_configuration, empty_configuration),
    ids=lambda one: one.__name__,
)
async def test_a_damaged_collection_is_named_and_set_aside(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    data = await filled(tmp_path)
    spoil(data / "qdrant" / "collections" / "papers")
    with pytest.raises(DataDamaged, match=r"^The collection papers in .* is damaged: run `paperwire doctor --repair`"):
        await EmbeddedQdrant(data / "qdrant").__aenter__()
    status, output = await doctor(data)
    assert (status, "collection papers" in output) == (1, True)
    status, output = await doctor(data, "--repair")
    assert (status, "set aside" in output) == (0, True), output
    assert [path.name.split("-")[0] for path in (data / "qdrant" / "damaged").iterdir()] == ["papers"]
    async with EmbeddedQdrant(data / "qdrant") as qdrant:
        client = connect(qdrant.url)
        assert not await client.collection_exists("papers")
        await client.close()
    assert (await doctor(data))[0] == 0


def incremental(data: Path) -> Path:
    """Return the part of the append-only file that is written to."""
    return next((data / "redis" / "appendonlydir").glob("*.incr.aof"))


async def test_a_cut_append_only_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """This is what a power cut leaves: it needs no repair."""
    data = await filled(tmp_path)
    os.truncate(incremental(data), incremental(data).stat().st_size - 5)
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        assert (await redis.get("key:98"), await redis.get("key:99")) == (b"98", None)


async def test_a_damaged_append_only_file_is_cut_and_a_copy_is_kept(tmp_path: Path) -> None:
    data = await filled(tmp_path)
    content = bytearray(incremental(data).read_bytes())
    content[len(content) // 2 :] = b"garbage" + content[len(content) // 2 + 7 :]
    incremental(data).write_bytes(content)
    with pytest.raises(DataDamaged, match=r"^The append-only file in .* is damaged: run `paperwire doctor --repair`"):
        await EmbeddedRedis(data / "redis").__aenter__()
    assert (await doctor(data))[0] == 1
    assert (await doctor(data, "--repair"))[0] == 0
    copies = list((data / "redis").glob("appendonlydir.before-repair-*/*.incr.aof"))
    assert [copy.read_bytes() for copy in copies] == [bytes(content)]
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        assert await redis.get("key:10") == b"10"
        assert await redis.dbsize() < 100


async def test_a_missing_manifest_is_reported_and_not_touched(tmp_path: Path) -> None:
    data = await filled(tmp_path)
    next((data / "redis" / "appendonlydir").glob("*.manifest")).unlink()
    status, output = await doctor(data, "--repair")
    assert (status, "restore it from a backup" in output) == (1, True)
    assert incremental(data).exists()


async def test_an_empty_key_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    status, output = await doctor(tmp_path, "--repair")
    assert (status, "secret key" in output, "restore it from a backup" in output) == (1, True, True)


async def test_nothing_wrong_is_said_too(tmp_path: Path) -> None:
    status, output = await doctor(await filled(tmp_path))
    assert (status, output) == (0, f"Nothing is wrong in {tmp_path}.\n")
