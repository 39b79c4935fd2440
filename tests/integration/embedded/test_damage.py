"""A damaged file is one sentence that says what to do, and `paperwire doctor --repair` makes the next start work."""

import asyncio
import contextlib
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from redis.asyncio import Redis

from embedded.errors import DataDamaged
from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from services.cli.commands import doctor as command
from tests.integration.embedded.test_durability import connect, create, point


async def fill(data: Path) -> None:
    """Fill an embedded Redis and Qdrant."""
    async with EmbeddedQdrant(data / "qdrant") as qdrant:
        client = connect(qdrant.url)
        await create(client)
        await client.upsert("papers", [point(n) for n in range(100)])
        await client.close()
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        for number in range(100):
            await redis.set(f"key:{number}", number)


@pytest.fixture(scope="module")
def original(servers_loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that is made once."""
    made = tmp_path_factory.mktemp("original")
    servers_loop.run(fill(made))
    return made


@pytest.fixture
def data(original: Path, tmp_path: Path) -> Path:
    """A copy of the data directory, for one test to damage."""
    return shutil.copytree(original, tmp_path / "data")


async def doctor(data: Path, *, repair: bool = False) -> tuple[int, str]:
    """Run the command; return its status and what it printed, on one line."""
    with contextlib.redirect_stdout(io.StringIO()) as output, pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(command.doctor, data_dir=data, repair=repair, offline=True)
    return ended.value.exit_code, " ".join(output.getvalue().split())


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


def other_configuration(papers: Path) -> None:
    (papers / "collection.json").write_bytes(b"{}")


@pytest.mark.parametrize(
    "spoil",
    (remove_segment, cut_log, spoil_log, spoil_configuration, empty_configuration, other_configuration),
    ids=lambda one: one.__name__,
)
async def test_a_damaged_collection_is_named_and_set_aside(data: Path, spoil: Callable[[Path], None]) -> None:
    spoil(data / "qdrant" / "collections" / "papers")
    with pytest.raises(DataDamaged, match=r"^The collection papers in .* is damaged: run `paperwire doctor --repair`"):
        await EmbeddedQdrant(data / "qdrant").__aenter__()
    status, output = await doctor(data)
    assert (status, "collection papers" in output) == (1, True)
    status, output = await doctor(data, repair=True)
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


async def test_a_cut_append_only_file_is_read_as_far_as_it_goes(data: Path) -> None:
    """This is what a power cut leaves: it needs no repair."""
    os.truncate(incremental(data), incremental(data).stat().st_size - 5)
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        assert (await redis.get("key:98"), await redis.get("key:99")) == (b"98", None)


async def test_a_damaged_append_only_file_is_cut_and_a_copy_is_kept(data: Path) -> None:
    content = bytearray(incremental(data).read_bytes())
    content[len(content) // 2 :] = b"garbage" + content[len(content) // 2 + 7 :]
    incremental(data).write_bytes(content)
    with pytest.raises(DataDamaged, match=r"^The append-only file in .* is damaged: run `paperwire doctor --repair`"):
        await EmbeddedRedis(data / "redis").__aenter__()
    assert (await doctor(data))[0] == 1
    assert (await doctor(data, repair=True))[0] == 0
    copies = list((data / "redis").glob("appendonlydir.before-repair-*/*.incr.aof"))
    assert [copy.read_bytes() for copy in copies] == [bytes(content)]
    async with EmbeddedRedis(data / "redis") as server, Redis.from_url(server.url) as redis:
        assert await redis.get("key:10") == b"10"
        assert await redis.dbsize() < 100


async def test_a_missing_manifest_is_reported_and_not_touched(data: Path) -> None:
    next((data / "redis" / "appendonlydir").glob("*.manifest")).unlink()
    status, output = await doctor(data, repair=True)
    assert (status, "Restore it from a backup" in output) == (1, True)
    assert incremental(data).exists()


def empty_manifest(files: Path) -> None:
    os.truncate(next(files.glob("*.manifest")), 0)


def spoil_manifest(files: Path) -> None:
    next(files.glob("*.manifest")).write_bytes(b"\xff" * 100)


def remove_part(files: Path) -> None:
    next(files.glob("*.incr.aof")).unlink()


@pytest.mark.parametrize("spoil", (empty_manifest, spoil_manifest, remove_part), ids=lambda one: one.__name__)
async def test_a_damaged_manifest_is_one_sentence(data: Path, spoil: Callable[[Path], None]) -> None:
    spoil(data / "redis" / "appendonlydir")
    with pytest.raises(DataDamaged, match=r"^The manifest .* lists no file: |^/.*\.incr\.aof is missing: ") as error:
        await EmbeddedRedis(data / "redis").__aenter__()
    assert "\n" not in str(error.value)
    for repair in (False, True):
        status, output = await doctor(data, repair=repair)
        assert (status, "from a backup" in output) == (1, True), output


async def test_an_empty_key_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    status, output = await doctor(tmp_path, repair=True)
    assert (status, "secret key" in output, "restore it from a backup" in output) == (1, True, True)


async def test_nothing_wrong_is_said_too(data: Path) -> None:
    status, output = await doctor(data)
    assert (status, output.endswith(" Nothing is wrong.")) == (0, True), output
