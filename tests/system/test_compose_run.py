"""Each container's command, environment and health check, run as plain processes on the real parts."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest
from aiohttp.test_utils import unused_port

from embedded.redis import find_binary
from shared.runtime import open_runtime
from shared.settings import Settings
from tests.support import until
from tests.system.compose import built, compose, image

START_SECONDS = 90.0
STOP_SECONDS = 10.0
SMALL_MIB = 120


class Containers:
    """The services of compose.yaml that are built here, as processes with the addresses of this machine."""

    def __init__(self, directory: Path, redis_url: str, qdrant_url: str) -> None:
        self.ports = {name: unused_port() for name in built()}
        self.processes: dict[str, Process] = {}
        self._directory = directory
        self._addresses = {"redis://redis:6379/0": redis_url, "http://qdrant:6333": qdrant_url}
        self._addresses |= {f"http://{name}:8080": f"http://127.0.0.1:{port}" for name, port in self.ports.items()}

    def environment(self, name: str) -> dict[str, str]:
        """Give the environment of a container, with the names of other containers replaced by addresses here."""
        given = {key: str(value) for key, value in built()[name].get("environment", {}).items()}
        return {
            **image(name).environment,
            **{key: self._addresses.get(value, value) for key, value in given.items()},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PAPERWIRE_DATA_DIR": str(self._directory),
            "PAPERWIRE_HTTP_HOST": "127.0.0.1",
            "PAPERWIRE_HTTP_PORT": str(self.ports["gateway" if name == "cli" else name]),
            # No test reaches for the network.
            "PAPERWIRE_OFFLINE": "1",
        }

    async def run(self, name: str, *command: str) -> Process:
        """Run a command in what would be the container."""
        log = (self._directory / f"{name}.log").open("ab")
        try:
            return await asyncio.create_subprocess_exec(
                *command, cwd=self._directory, env=self.environment(name), stdout=log, stderr=log
            )
        finally:
            log.close()

    async def start(self, name: str) -> None:
        """Start a service and wait until its health check passes; nobody else is waited for."""
        process = self.processes[name] = await self.run(name, *image(name).command)

        async def healthy() -> bool:
            assert process.returncode is None, f"{name} ended:\n{self.log(name)}"
            return await (await self.run(name, *image(name).healthcheck)).wait() == 0

        await until(lambda: process.returncode is not None or listens(self.ports[name]), START_SECONDS)
        await until(healthy, START_SECONDS)

    async def stop(self, name: str) -> int:
        """Stop a service like Docker does, and give its exit status."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            return await process.wait()

    def log(self, name: str) -> str:
        """Give what a container has printed."""
        return (self._directory / f"{name}.log").read_text(errors="replace")[-4000:]


@asynccontextmanager
async def containers(directory: Path, redis_url: str, qdrant_url: str) -> AsyncIterator[Containers]:
    """Give the containers; none outlives the block."""
    whole = Containers(directory, redis_url, qdrant_url)
    try:
        yield whole
    finally:
        for process in whole.processes.values():
            process.kill()
            await process.wait()


@pytest.mark.timeout(300)
async def test_all_services_start_serve_and_stop(settings: Settings, qdrant_url: str) -> None:
    async with containers(settings.data_dir, settings.redis_url, qdrant_url) as whole:
        order = [name for name in built() if name not in ("gateway", "cli")]
        for name in (*order, "gateway"):
            await whole.start(name)
        gateway = f"http://127.0.0.1:{whole.ports['gateway']}"
        async with aiohttp.ClientSession(gateway) as client:
            await until(lambda: answers(client, "/readyz"))
            document = await (await client.get("/openapi.json")).json()
            assert {"/v1/search", "/v1/subscriptions", "/healthz"} <= set(document["paths"])
        for name in ("enricher", "fetcher"):
            used = psutil.Process(whole.processes[name].pid).memory_info().rss / 2**20
            assert used < SMALL_MIB, f"{name} uses {used:.0f} MiB"
        command = await whole.run("cli", *built()["cli"]["entrypoint"], *built()["cli"]["command"])
        assert await command.wait() == 0, whole.log("cli")
        assert {name: await whole.stop(name) for name in ("gateway", *order)} == dict.fromkeys(("gateway", *order), 0)


async def answers(client: aiohttp.ClientSession, path: str) -> bool:
    """Tell whether a path answers with success."""
    async with client.get(path) as answer:
        return answer.ok


async def test_services_accept_the_redis_of_compose(tmp_path: Path) -> None:
    program, *flags = compose()["services"]["redis"]["command"]
    assert program == "redis-server"
    port = unused_port()
    server = await asyncio.create_subprocess_exec(
        find_binary(), *flags, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), stdout=DEVNULL
    )
    try:
        settings = Settings.load(redis_url=f"redis://127.0.0.1:{port}/0")
        await until(lambda: listens(port))
        async with open_runtime(settings) as runtime:
            assert await runtime.redis.ping()
    finally:
        server.terminate()
        await server.wait()


async def listens(port: int) -> bool:
    """Tell whether a port of this machine takes connections."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
