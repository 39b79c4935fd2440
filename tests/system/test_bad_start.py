"""What the operator got wrong is said in one clear line, with exit status 2."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded.redis import find_binary
from tests.system.instance import COMMAND, free_port


async def refused(*arguments: str, **environment: str) -> str:
    """Run a command that must end with status 2; give its one line."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    lines = [line for line in errors.decode().splitlines() if line.startswith("paperwire: ")]
    assert process.returncode == 2, (output + errors).decode()
    assert len(lines) == 1, errors.decode()
    assert "Traceback" not in errors.decode()
    assert "Unclosed" not in errors.decode()
    return lines[0]


@pytest.fixture
async def plain_redis(tmp_path: Path) -> AsyncIterator[tuple[int, list[str]]]:
    """A redis-server as many run it: the port, and a list to which a test may not add."""
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path), "--loglevel", "warning"]
    process = await asyncio.create_subprocess_exec(find_binary(), *options, stdout=asyncio.subprocess.DEVNULL)
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    yield port, options
    process.terminate()
    await process.wait()


async def test_a_taken_port_is_one_error_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = await refused("up", "--data-dir", str(tmp_path), "--port", str(port), "--offline")
    assert f"127.0.0.1:{port}" in line
    assert "PAPERWIRE_HTTP_PORT" in line


async def test_an_unusable_data_directory_is_one_error_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    line = await refused("up", "--data-dir", str(tmp_path / "file" / "data"), "--offline")
    assert str(tmp_path / "file" / "data") in line


async def test_a_wrong_redis_address_is_one_error_line(tmp_path: Path) -> None:
    address = f"redis://:secret@127.0.0.1:{free_port()}/0"
    line = await refused("up", "--data-dir", str(tmp_path), "--offline", PAPERWIRE_REDIS_URL=address)
    assert "PAPERWIRE_REDIS_URL" in line
    assert "secret" not in line


async def test_a_redis_without_an_append_only_file_is_refused(
    tmp_path: Path, plain_redis: tuple[int, list[str]]
) -> None:
    address = f"redis://127.0.0.1:{plain_redis[0]}/0"
    line = await refused("up", "--data-dir", str(tmp_path / "data"), "--offline", PAPERWIRE_REDIS_URL=address)
    assert "appendonly yes" in line


async def test_a_redis_that_evicts_is_refused(tmp_path: Path, plain_redis: tuple[int, list[str]]) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", plain_redis[0])
    writer.write(b"CONFIG SET maxmemory-policy allkeys-lru\r\n")
    await writer.drain()
    writer.close()
    address = f"redis://127.0.0.1:{plain_redis[0]}/0"
    line = await refused("up", "--data-dir", str(tmp_path / "data"), "--offline", PAPERWIRE_REDIS_URL=address)
    assert "noeviction" in line


async def test_a_wrong_qdrant_address_is_one_error_line(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    line = await refused(
        "up", "--data-dir", str(tmp_path), "--offline", PAPERWIRE_QDRANT_URL=address, PAPERWIRE_START_WAIT="0"
    )
    assert address.removeprefix("http://") in line
    assert "PAPERWIRE_QDRANT_URL" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAPERWIRE_HTTP_PORT", "ninety"),
        ("PAPERWIRE_REDIS_URL", "http://example.org"),
        ("PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS", "10.0.0.0/99"),
    ],
)
async def test_a_bad_value_in_the_environment_is_one_error_line(tmp_path: Path, name: str, value: str) -> None:
    line = await refused("up", "--data-dir", str(tmp_path), "--offline", **{name: value})
    assert name in line


async def test_an_unknown_model_is_one_error_line(tmp_path: Path) -> None:
    line = await refused("up", "--data-dir", str(tmp_path), "--offline", PAPERWIRE_EMBEDDING_MODEL="no/such-model")
    assert "PAPERWIRE_EMBEDDING_MODEL" in line


async def test_a_wrong_sources_file_is_one_error_line(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nname = "x"\ntype = "feed"\n')
    line = await refused("up", "--data-dir", str(tmp_path / "data"), "--sources", str(file), "--offline")
    assert "needs 'url'" in line


async def test_a_single_service_reports_the_same_error(tmp_path: Path) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.enricher",
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PAPERWIRE_REDIS_URL": address, "PAPERWIRE_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert errors.decode().startswith("paperwire: No Redis answers")


async def test_commands_name_the_process_that_holds_the_data_directory(tmp_path: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c",
        "import sys, pathlib; from embedded.lock import lock\n"
        "with lock(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()",
        str(tmp_path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout
    await holder.stdout.readline()
    line = await refused("up", "--data-dir", str(tmp_path), "--offline")
    assert str(holder.pid) in line
    holder.terminate()
    await holder.wait()
