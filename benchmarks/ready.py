"""How long `paperwire up` takes to be ready, with everything cached (bar: 4 s)."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import arguments, report

BAR_S = 4.0


async def once(data_dir: Path, *options: str) -> float:
    """Start, wait for the word, stop; give the seconds in between."""
    command = [
        sys.executable,
        "-m",
        "services",
        "up",
        "--offline",
        "--port",
        "0",
        "--data-dir",
        str(data_dir),
        *options,
    ]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={**os.environ}
    )
    if process.stdout is None:
        message = "no output to read"
        raise RuntimeError(message)
    while line := await process.stdout.readline():
        if line.startswith(b"ready"):
            break
    elapsed = time.perf_counter() - started
    process.send_signal(signal.SIGINT)
    await process.wait()
    return elapsed


async def run() -> None:
    """Measure both topologies, after a first start that fills the cache."""
    given = arguments(__doc__ or "", rounds=3)
    with TemporaryDirectory(prefix="paperwire-ready-") as folder:
        figures = {"first start, s": await once(Path(folder))}
        for name, options in (("one loop", ()), ("processes", ("--processes",))):
            times = sorted([await once(Path(folder), *options) for _ in range(given.rounds)])
            figures[f"ready, {name}, s"] = times[len(times) // 2]
        figures["of the bar, one loop"] = figures["ready, one loop, s"] / BAR_S
    report(figures, given.json)


if __name__ == "__main__":
    asyncio.run(run())
