"""How much slower do searches become while strangers flood an instance?

    python benchmarks/floods.py [--papers 2000] [--seconds 8] [--clients 4] [--rounds 3] [--only FLOOD …] [--json FILE]

`paperwire up` in one process, with its usual limits. Some clients search, each with a pause between two questions: in a
calm phase, then during a flood, in turns. A flood comes from a process of its own, and from addresses of its own. The
figure of a flood is the p99 of all searches during it over the p99 of those in the calm phases before it; the bar is 3.
Rounds are repeated, so that a machine that is busy with other things is so for both. Papers are made up.
"""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np

from benchmarks.common import CACHE, parser_of, report
from shared.connections import raise_file_limit

PAUSE_S: Final = 0.05
WARM_S: Final = 8.0
SETTLE_S: Final = 2.0
"""Seconds from the start of a flood, and from its end, to the first search that counts."""
WORKERS: Final = 8
"""Requests of a flood that are under way at once."""
TOKEN: Final = secrets.token_hex()
UNKNOWN: Final = {f"unknown{number}": number for number in range(5_000)}
Flood = Callable[[str, str], Coroutine[None, None, None]]


def senders(number: int) -> tuple[str, int]:
    """Return a loopback address of a stranger."""
    return (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)


async def repeat(number: int, method: str, url: str, **options: Any) -> None:
    """Send one request after the other, from an address of its own."""
    connector = aiohttp.TCPConnector(local_addr=senders(number))
    async with aiohttp.ClientSession(connector=connector) as session:
        while True:
            try:
                async with session.request(method, url, **options) as answer:
                    await answer.read()
            except aiohttp.ClientError:
                await asyncio.sleep(0.01)


async def half_open(url: str, _: str) -> None:
    """Hold 1,100 requests open that never end."""
    port, held = int(url.rpartition(":")[2]), []
    for number in count():
        connection = socket.socket()
        connection.bind(senders(number % 500))
        connection.setblocking(False)  # noqa: FBT003  # its only parameter
        connection.connect_ex(("127.0.0.1", port))
        held.append(connection)
        await asyncio.sleep(0.002)
        with contextlib.suppress(OSError):
            connection.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow")
        if len(held) > 1_100:
            held.pop(0).close()


async def together(method: str, url: str, **options: Any) -> None:
    """Send requests from several addresses at once."""
    await asyncio.gather(*(repeat(number, method, url, **options) for number in range(WORKERS)))


async def unknown_fields(url: str, key: str) -> None:
    """Send bodies of which every field is wrong."""
    headers = {"Authorization": f"Bearer {key}"}
    await together("POST", f"{url}/v1/subscriptions", json=UNKNOWN, headers=headers)


async def large_bodies(url: str, key: str) -> None:
    """Send bodies that are larger than allowed."""
    headers = {"Authorization": f"Bearer {key}"}
    await together("POST", f"{url}/v1/subscriptions", data=b"[" * 1_000_000, headers=headers)


async def metrics(url: str, _: str) -> None:
    """Read the metrics with the token."""
    await together("GET", f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


async def many_authors(url: str, _: str) -> None:
    """Search with as many hints as fit in an address."""
    await together("GET", f"{url}/v1/search", params=[("q", "lantern"), *[("author", f"Lee{n}") for n in range(300)]])


async def searches(url: str, _: str) -> None:
    """Search more than the limit of an address permits."""
    await together("GET", f"{url}/v1/search", params={"q": "storms and lanterns"})


async def previews(url: str, key: str) -> None:
    """Ask for previews, each of which compares many papers."""
    body = {"query": "lanterns", "sensitivity": 0.0, "channel": {"type": "feed"}}
    await together("POST", f"{url}/v1/subscriptions/preview", json=body, headers={"Authorization": f"Bearer {key}"})


async def aborted(url: str, _: str) -> None:
    """Send requests, and leave before they are answered."""
    port = int(url.rpartition(":")[2])
    while True:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=senders(7))
        writer.write(b"GET /v1/search?q=lantern HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.005)
        writer.transport.abort()


FLOODS: Final[tuple[Flood, ...]] = (
    half_open,
    unknown_fields,
    large_bodies,
    metrics,
    many_authors,
    searches,
    previews,
    aborted,
)


@contextlib.contextmanager
def flooding(flood: Flood, url: str, key: str) -> Any:
    """Run a flood in a process of its own."""
    process = get_context("spawn").Process(target=_flood, args=(flood, url, key), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _flood(flood: Flood, url: str, key: str) -> None:
    raise_file_limit()
    asyncio.run(flood(url, key))


@contextlib.asynccontextmanager
async def instance(papers: int) -> AsyncIterator[tuple[str, str]]:
    """Run `paperwire up` with made-up papers; give its address and an API key."""
    with tempfile.TemporaryDirectory(prefix="paperwire-bench-") as folder, socket.socket() as probe:
        data, file = Path(folder) / "data", Path(folder) / "papers.jsonl"
        (CACHE / "models").mkdir(parents=True, exist_ok=True)
        data.mkdir()
        (data / "models").symlink_to(CACHE / "models")
        titles = (f"Experiment {number} on paper lanterns in storms" for number in range(papers))
        file.write_text("".join(json.dumps({"id": f"f:{n}", "title": title}) + "\n" for n, title in enumerate(titles)))
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        environment = {**os.environ, "PAPERWIRE_SAMPLE": "false", "PAPERWIRE_OFFLINE": "true"}
        environment["PAPERWIRE_METRICS_TOKEN"] = TOKEN
        command = [sys.executable, "-m", "services"]
        log = (Path(folder) / "up.log").open("wb")
        up = await asyncio.create_subprocess_exec(
            *command, "up", "--data-dir", str(data), "--port", port, env=environment, stdout=log, stderr=log
        )
        url = f"http://127.0.0.1:{port}"
        try:
            await _ready(url)
            await _run(*command, "import", str(file), "--data-dir", str(data))
            yield (
                url,
                json.loads(await _run(*command, "keys", "create", "bench", "--data-dir", str(data), "--json"))["key"],
            )
        finally:
            up.terminate()
            await up.wait()
            log.close()


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)


async def _run(*command: str) -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output


async def measure(url: str, clients: int, seconds: float, numbers: Any) -> list[float]:
    """Search from some addresses, with pauses; milliseconds each."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        connector = aiohttp.TCPConnector(local_addr=(f"127.1.0.{1 + number}", 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            while (start := time.perf_counter()) < end:
                async with session.get(f"{url}/v1/search", params={"q": f"lantern {next(numbers)}"}) as answer:
                    await answer.read()
                    assert answer.status == 200
                times.append((time.perf_counter() - start) * 1e3)
                await asyncio.sleep(PAUSE_S * clients)

    await asyncio.gather(*map(client, range(clients)))
    return times


async def compare(papers: int, clients: int, seconds: int, rounds: int, floods: Sequence[Flood]) -> dict[str, float]:
    """Search in turns without and during each flood; the p99 and the ratios."""
    numbers = count()
    calm: dict[str, list[float]] = {flood.__name__: [] for flood in floods}
    flooded: dict[str, list[float]] = {flood.__name__: [] for flood in floods}
    async with instance(papers) as (url, key):
        await measure(url, clients, WARM_S, numbers)  # caches, connections, and what the import left to do
        for flood in [*floods] * rounds:
            calm[flood.__name__] += await measure(url, clients, seconds, numbers)
            with flooding(flood, url, key):
                await asyncio.sleep(SETTLE_S)
                flooded[flood.__name__] += await measure(url, clients, seconds, numbers)
            await asyncio.sleep(SETTLE_S)
    ratios = {f"{name}_ratio": _p99(flooded[name]) / _p99(calm[name]) for name in flooded}
    every = np.concatenate(list(calm.values()))
    return {"calm_ms_p50": float(np.median(every)), "calm_ms_p99": _p99(every), **ratios}


def _p99(times: Any) -> float:
    return float(np.percentile(times, 99))


def main() -> None:
    parser = parser_of("Searches during floods.", papers=2_000, seconds=8, clients=4, rounds=3)
    parser.add_argument("--only", nargs="+", default=[], help="names of floods")
    options = parser.parse_args()
    floods = [flood for flood in FLOODS if not options.only or flood.__name__ in options.only]
    found = asyncio.run(compare(options.papers, options.clients, options.seconds, options.rounds, floods))
    report({"papers": options.papers, "bar": 3.0, **found}, options.json)


if __name__ == "__main__":
    main()
