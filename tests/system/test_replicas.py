"""Two processes of search behind the gateway: they share the load, and one can go without anybody noticing."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest

from services.gateway.bootstrap import build as build_gateway
from services.gateway.settings import GatewaySettings
from shared.settings import Settings
from tests.integration.gateway.conftest import ServeApplication, serve
from tests.support import until
from tests.system.instance import free_port

__all__ = ["serve"]
ASKED = re.compile(r'^paperwire_http_seconds_count\{.*route="/v1/search".*\} ([\d.]+)$', re.MULTILINE)
REQUESTS = 20


@pytest.fixture
async def replicas(settings: Settings, qdrant_url: str) -> AsyncIterator[dict[str, asyncio.subprocess.Process]]:
    """Two processes of search on one Redis and Qdrant, by address."""
    running = {}
    for _ in range(2):
        port = free_port()
        environment = {
            **os.environ,
            "PAPERWIRE_REDIS_URL": settings.redis_url,
            "PAPERWIRE_QDRANT_URL": qdrant_url,
            "PAPERWIRE_DATA_DIR": str(settings.data_dir),
            "PAPERWIRE_HTTP_PORT": str(port),
            "PAPERWIRE_METRICS_TOKEN": "secret",
        }
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.search", env=environment)
        running[f"http://127.0.0.1:{port}"] = process
    yield running
    for process in running.values():
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_replicas_share_the_load_and_one_can_stop(
    replicas: dict[str, asyncio.subprocess.Process], serve: ServeApplication
) -> None:
    async with aiohttp.ClientSession() as client:

        async def answers(address: str) -> bool:
            try:
                async with client.get(address + "/readyz") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        for address in replicas:
            await until(partial(answers, address), within=60)
        front = await serve(await build_gateway(GatewaySettings.load(search_url=",".join(replicas))))

        async def ask() -> None:
            async with client.get(front + "/v1/search?q=folding") as answer:
                assert answer.status == 200, await answer.text()

        for _ in range(REQUESTS):
            await ask()
        for address in replicas:
            async with client.get(address + "/metrics", headers={"Authorization": "Bearer secret"}) as answer:
                counted = ASKED.findall(await answer.text())
            assert [float(count) for count in counted] == [REQUESTS / 2], address
        gone = next(iter(replicas.values()))
        gone.kill()
        await gone.wait()
        for _ in range(REQUESTS):
            await ask()
