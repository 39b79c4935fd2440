"""How many signed deliveries a second, against bare aiohttp posting the same bodies; and does one hung endpoint hurt?

    python benchmarks/deliveries.py [--deliveries 20000] [--json FILE]

A receiver in a process of its own answers 204 on 100 paths. Speed: deliveries wait in Redis, then the sender starts;
counted are those that were received and written down as delivered. Isolation: 300 deliveries a second over all paths,
from written to received, with every endpoint well and then with one that never answers.
Bars: at least 1,000/s and 0.5 of bare aiohttp; the other 99 within 1.5 × of their p99.
"""

import asyncio
import contextlib
import gc
import statistics
import time
from collections.abc import AsyncIterator

from benchmarks.common import arguments, report, small_size
from benchmarks.webhooks import ENDPOINTS, PER_ENDPOINT, RATE, SECONDS, Bench, body_of, receiver, sender
from shared.runtime import GC_THRESHOLD
from shared.settings import Settings
from shared.telemetry import configure_logging


@contextlib.asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    """Run the sender for the time of a block."""
    task = asyncio.create_task(bench.dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def bare(bench: Bench, number: int, at_once: int) -> float:
    """Post the same bodies to the same paths with aiohttp and nothing else; give posts a second."""
    work = [(row.subscription.channel.model_dump()["url"], body_of(row)) for row in bench.rows]
    places = iter(range(number))

    async def poster() -> None:
        for place in places:
            url, body = work[place % len(work)]
            async with bench.session.post(url, data=body, headers={"content-type": "application/json"}) as response:
                await response.read()

    began = time.perf_counter()
    await asyncio.gather(*(poster() for _ in range(at_once)))
    taken = time.perf_counter() - began
    assert len(await bench.report()) == number
    return number / taken


async def speed(settings: Settings, url: str, number: int) -> dict[str, float]:
    """Give deliveries a second, and posts a second of bare aiohttp: as many at once, and as many as suit it best."""
    async with sender(settings, url) as bench:
        plain = await bare(bench, number, ENDPOINTS * PER_ENDPOINT)
        best = await bare(bench, number, 64)
        for _ in range(number // ENDPOINTS):
            await bench.write(bench.rows)
        began = time.perf_counter()
        async with running(bench):
            while await bench.redis.exists("deliveries:owners", "deliveries:turns", "deliveries:busy"):  # noqa: ASYNC110  # Redis tells nobody
                await asyncio.sleep(0.02)
            taken = time.perf_counter() - began
        arrived = await bench.report()
        assert len({name for name, _ in arrived}) == len(arrived) == number // ENDPOINTS * ENDPOINTS
        rate = len(arrived) / taken
        return {
            "deliveries_per_s": rate,
            "ratio_to_bare_aiohttp": rate / plain,
            "ratio_to_best_bare_aiohttp": rate / best,
            "bare_aiohttp_per_s": plain,
        }


async def latencies(settings: Settings, url: str, *, hang: bool) -> list[float]:
    """Give the milliseconds from written to received of all but the first path, at a steady rate."""
    async with sender(settings, url) as bench, running(bench):
        await bench.report("?hang=1" if hang else "")
        sent: dict[str, float] = {}
        loop = asyncio.get_running_loop()
        began, ticks = loop.time(), RATE * SECONDS // 10
        for tick in range(ticks):
            await asyncio.sleep(max(0.0, began + tick * 10 / RATE - loop.time()))
            times = await bench.write([bench.rows[(tick * 10 + n) % ENDPOINTS] for n in range(10)])
            sent |= dict(list(times.items())[1:] if tick % 10 == 0 else times)
        arrived: dict[str, float] = {}
        while not sent.keys() <= arrived.keys():
            await asyncio.sleep(0.05)
            arrived |= dict(await bench.report("?hang=1" if hang else ""))
        return [(arrived[name] - at) * 1_000 for name, at in sent.items()]


def p99(values: list[float]) -> float:
    """Give the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", deliveries=20_000)
    configure_logging("warning")
    gc.set_threshold(*GC_THRESHOLD)  # as in every process of ours
    async with small_size() as base, receiver() as url:
        settings = Settings.load(**base.model_dump() | {"allow_private_endpoints": "127.0.0.0/8"})
        fast = await speed(settings, url, options.deliveries)
        well = await latencies(settings, url, hang=False)
        hung = await latencies(settings, url, hang=True)
    figures = fast | {
        "well_median_ms": statistics.median(well),
        "well_p99_ms": p99(well),
        "one_hung_median_ms": statistics.median(hung),
        "one_hung_p99_ms": p99(hung),
        "one_hung_p99_ratio": p99(hung) / p99(well),
    }
    report(figures, options.json)


if __name__ == "__main__":
    asyncio.run(main())
