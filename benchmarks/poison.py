"""How much ten poisons among 3,000 papers slow the others down (bar: 2,990 searchable in 1.5 times the time without).

A poison is a paper whose handler waits for ever, in the enricher or in the indexer, or loops for ever in a thread, or
one whose title is LaTeX that takes the library exponential time. The time ends when all the others are searchable; that
until the poisons are dead letters is told beside it. With `--stored 1` the dense vectors are given, so that only the
seconds that poisons add mean something.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.common import CACHE, arguments, report, small_size
from benchmarks.pipeline import StoredVectors, sample
from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from shared.bus import Entry, Hop
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder
from shared.papers.streams import STREAMS
from shared.qdrant import PAPERS, open_qdrant
from shared.runtime import Builder, Runtime, Service, running
from shared.settings import Settings
from shared.time_limit import in_thread

MARK = "poisonous"
LATEX = "$" + r"\frac{" * 16 + "$"
Hang = Callable[[], Awaitable[None]]


async def wait_for_ever() -> None:
    """Wait, as for an answer that never comes."""
    await asyncio.Event().wait()


async def loop_for_ever() -> None:
    """Loop in a thread."""

    def work() -> None:
        while True:
            pass

    await in_thread(work)


def poisoned(build: Builder, hang: Hang) -> Builder:
    """Make a service whose handler hangs when a poison is in the batch."""

    async def built(runtime: Runtime) -> Service:
        consume = runtime.bus.consume

        def with_poison(stream: Any, group: str, handler: Any, **options: Any) -> None:
            async def handle(entries: Sequence[Entry[Any]], hop: Hop) -> None:
                if any(MARK.encode() in entry.data for entry in entries):
                    await hang()
                await handler(entries, hop)

            consume(stream, group, handle, **options)

        runtime.bus.consume = with_poison  # type: ignore[method-assign]
        try:
            return await build(runtime)
        finally:
            runtime.bus.consume = consume  # type: ignore[method-assign]

    return built


def written(rows: Sequence[str], path: Path, poisons: int, title: str) -> Path:
    """Write papers, of which `poisons` have another title, evenly distributed."""
    lines = [json.loads(row) for row in rows]
    for place in range(poisons):
        lines[(2 * place + 1) * len(lines) // (2 * poisons)]["title"] = f"{title} {place}"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


async def measure(
    file: Path, expected: int, embedder: Embedder, hanging: str = "", hang: Hang = wait_for_ever
) -> tuple[float, float]:
    """Import a file; give the seconds until `expected` papers are searchable, and until all are settled."""
    services = zip(("enricher", "indexer", "notifier"), builders("enricher", "indexer", "notifier"), strict=True)
    chosen = [poisoned(build, hang) if name == hanging else build for name, build in services]
    async with small_size() as settings, running(chosen, settings, http=False, embedder=embedder) as runtime:
        started = time.perf_counter()
        importing = asyncio.create_task(import_files(settings, [file]))
        await searchable(settings, expected, importing)
        elapsed = time.perf_counter() - started
        await importing
        dead = sum([await runtime.redis.xlen(stream.dead) for stream in STREAMS])
        assert dead == (10 if hanging else 0), dead
        return elapsed, time.perf_counter() - started


async def searchable(settings: Settings, expected: int, importing: "asyncio.Task[Any]") -> None:
    """Wait until as many papers are in the index."""
    qdrant = open_qdrant(settings)
    while (await qdrant.count(PAPERS, exact=True)).count < expected:
        if importing.done():
            assert importing.result().searchable == expected, importing.result()
            break
        await asyncio.sleep(0.1)
    await qdrant.close()


async def run() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=3_000, stored=0)
    model = await open_embedder(DEFAULT_MODEL, CACHE / "models")
    embedder: Embedder = StoredVectors(model) if given.stored else model
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder)
        rows = sample(given.papers, path).read_text("utf-8").splitlines()
        clean = written(rows, path / "clean.jsonl", 0, "")
        hanging = written(rows, path / "hanging.jsonl", 10, MARK)
        latex = written(rows, path / "latex.jsonl", 10, LATEX)
        without, _ = await measure(clean, given.papers, embedder)
        figures["without poison, s"] = without
        for what, file, service, hang in (
            ("enricher waits", hanging, "enricher", wait_for_ever),
            ("indexer waits", hanging, "indexer", wait_for_ever),
            ("enricher's thread loops", hanging, "enricher", loop_for_ever),
            ("LaTeX", latex, "", wait_for_ever),
        ):
            others, settled = await measure(file, given.papers - (10 if service else 0), embedder, service, hang)
            figures |= {f"{what}, s": others, f"{what}, ratio": others / without, f"{what}, all settled, s": settled}
    await model.close()
    report(figures, given.json)


if __name__ == "__main__":
    asyncio.run(run())
