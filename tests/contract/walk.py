"""The files that one paper passes, measured: `python -m tests.contract.walk` draws them into docs/architecture.md.

All services run in one event loop on a Redis and a Qdrant of their own. One paper goes from the feed that lists it to
the webhook of a subscriber, and every function of `services/` and `shared/` that is called on its way is recorded.
Another paper went first, so that what a process does once (compile, connect, cache) is not counted. The optional
metadata providers are off: they are asked after a paper is published, and tests ask no host outside this machine.
"""

import asyncio
import os
import re
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from aiohttp import ClientSession, web

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from services.cli.instance.builders import SERVICES, builders
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.settings import FetcherSettings
from services.notifier.access.api_keys import ApiKeys
from shared.papers.streams import STREAMS
from shared.runtime import Runtime, running
from tests.support import settled

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "architecture.md"
PARTS: Final = ("services", "shared")
MARKS: Final = ("<!-- walk: written by `python -m tests.contract.walk` -->", "<!-- end of walk -->")
LOGGING: Final = "shared/telemetry.py"
"""Log lines are written now and then, on no way of a paper."""
ORDER: Final = ("fetcher", "enricher", "indexer", "notifier", "shared")
os.environ.setdefault("PAPERWIRE_PROVIDERS", "none")
# Tasks that run by the clock, whether a paper comes or not. Every other task of a service counts.
BESIDE: Final = frozenset(
    {
        "Watch._reclaiming",
        "Watch._renewing",
        "Watch._watching",
        "Dispatcher._renew_lease",
        "DigestWriter.run",
        "Dependencies._keep_asking",
        "Dependencies.run",
        "DiskWatch.run",
        "PictureLoop.run",
        "Tuner.run",
        "CitationVisits.run",
        "Follower.run",
        "MapRenewal.run",
        "Reanalysis.run",
        "Reconciler.run",
        "Server.sweep",
    }
)
MAKING_MAP: Final = "Lease.kept.<locals>.renew"
"""The task that renews a lease, which a process holds while it makes the map."""


@dataclass
class Walk:
    """The files whose functions were called, in the order of their first call, with the first function of each."""

    files: dict[str, str] = field(default_factory=dict)

    def by_part(self) -> dict[str, list[str]]:
        """Return the files of each service and of `shared`, in the order of their first call."""
        parts: dict[str, list[str]] = {part: [] for part in ORDER}
        for file in self.files:
            first, second = file.split("/")[:2]
            parts.setdefault(second if first == "services" else first, []).append(file)
        return parts


class Recorder:
    """Records which functions of the project are called, in every thread, while it is on."""

    def __init__(self) -> None:
        self.walk = Walk()
        self._on = False
        self._own: asyncio.Task[Any] | None = None
        self._known: dict[CodeType, str | None] = {}

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Follow the calls of this thread and of every thread that starts inside the block."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Record the calls inside the block, except those that the task of the block itself makes."""
        self._on, self._own = True, asyncio.current_task()
        try:
            yield
        finally:
            self._on = False

    def _called(self, frame: FrameType, event: str, _: Any) -> None:
        if not self._on or event != "call":
            return
        code = frame.f_code
        if _resumed(frame):
            return
        if code not in self._known:
            self._known[code] = _file(code)
        file = self._known[code]
        if file and file not in self.walk.files and not self._beside():
            self.walk.files[file] = code.co_qualname

    def _beside(self) -> bool:
        """Return whether the running task is the measuring one, or one of those that run by the clock."""
        try:
            task = asyncio.current_task()
        except RuntimeError:
            return False  # a thread that works for a task
        if task is None or task is self._own:
            return task is not None
        return bool(_names(task) & BESIDE)


def _resumed(frame: FrameType) -> bool:
    """Return whether a coroutine or generator goes on here: an event says "call" for that too.

    The operand of the instruction RESUME is 0 where a function starts (https://docs.python.org/3.11/library/dis.html).
    """
    return frame.f_lasti > 0 and frame.f_code.co_code[frame.f_lasti + 1] & 3 != 0


def _names(task: asyncio.Task[Any]) -> set[str]:
    """Return the names of the function that a task runs, and of the loop of a service that it supervises."""
    coroutine = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    loop = frame.f_locals.get("loop") if frame else None
    return {getattr(each, "__qualname__", "") for each in (coroutine, loop)}


def _file(code: CodeType) -> str | None:
    """Return the path of a function's file from the root; None if it is not ours, or is the body of a module."""
    path = Path(code.co_filename)
    if code.co_name == "<module>" or not path.is_relative_to(ROOT):
        return None
    name = path.relative_to(ROOT).as_posix()
    return name if name.split("/")[0] in PARTS and name != LOGGING else None


@dataclass
class World:
    """A feed to poll, and a receiver of webhooks."""

    url: str = ""
    titles: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)

    async def feed(self, _: web.Request) -> web.Response:
        rows = "".join(
            f"<item><title>{title}</title><guid>urn:walk:{number}</guid><link>https://example.org/{number}</link>"
            f"<description>A robot hand folds origami cranes; this is {title}.</description></item>"
            for number, title in enumerate(self.titles)
        )
        return web.Response(text=f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>')

    async def hook(self, request: web.Request) -> web.Response:
        self.received.append((await request.json())["data"]["paper"]["title"])
        return web.Response(status=204)


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    world = World()
    app = web.Application()
    app.router.add_get("/feed", world.feed)
    app.router.add_post("/hook", world.hook)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield world
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _paperwire(directory: Path, world: World) -> AsyncIterator[Runtime]:
    sources = directory / "sources.toml"
    sources.write_text(f'[[source]]\nname = "walk"\ntype = "feed"\nurl = "{world.url}/feed"\ninterval = "6h"\n')
    async with EmbeddedRedis(directory / "redis") as redis, EmbeddedQdrant(directory / "qdrant") as qdrant:
        settings = FetcherSettings.load(
            redis_url=redis.url, qdrant_url=qdrant.url, data_dir=directory, http_port=0, sources_file=sources,
            allow_private_endpoints="127.0.0.0/8", host_interval=0.01,
        )  # fmt: skip
        async with running(builders(*SERVICES), settings) as runtime:
            yield runtime


async def _subscribe(runtime: Runtime, world: World) -> None:
    _, key = await ApiKeys(runtime.redis).create("walk")
    body = {
        "name": "walk",
        "query": "robots that fold origami cranes",
        "sensitivity": 0.3,
        "channel": {"type": "webhook", "url": f"{world.url}/hook"},
    }
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        ClientSession() as session,
        session.post(f"{runtime.http_url}/v1/subscriptions", json=body, headers=headers) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def _publish(runtime: Runtime, world: World, title: str) -> None:
    """List a paper in the feed, make its source due, and wait until its webhook is settled."""
    world.titles.append(title)
    while title not in world.received:  # a poll that is under way began without the paper
        await SourceStore(runtime.redis).hasten("walk")
        await asyncio.sleep(0.5)
    groups = [(stream, group) for stream in STREAMS for group in stream.groups]
    while not all([await settled(runtime.bus, stream, group) for stream, group in groups]):
        await asyncio.sleep(0.01)


def _running() -> set[str]:
    """Return the names of all tasks."""
    return {name for task in asyncio.all_tasks() for name in _names(task)}


async def measure(directory: Path) -> Walk:
    """Run all services in `directory`, and return the files that the second of two papers passes."""
    recorder = Recorder()
    with recorder.installed():
        async with _world() as world, _paperwire(directory, world) as runtime:
            await _subscribe(runtime, world)
            await _publish(runtime, world, "Origami one")
            await asyncio.sleep(1)
            while MAKING_MAP in _running():
                await asyncio.sleep(0.1)
            with recorder.on():
                await _publish(runtime, world, "Origami two")
            gone = BESIDE - _running()
            assert not gone, f"no task of this name runs any more: {gone}"
    return recorder.walk


def drawn(walk: Walk) -> str:
    """Return the walk as Markdown."""
    parts = {part: files for part, files in walk.by_part().items() if files}
    lines = [f"{len(walk.files)} files: " + ", ".join(f"{part} {len(files)}" for part, files in parts.items()) + "."]
    for part, files in parts.items():
        lines += ["", f"**{part}**", ""]
        lines += [f"{number}. `{file}` {walk.files[file]}" for number, file in enumerate(files, 1)]
    return "\n".join(lines)


def written(page: str) -> set[str]:
    """Return the files that a page of the documentation lists between the marks."""
    return set(re.findall(r"^\d+\. `([^`]+)`", page.split(MARKS[0])[1].split(MARKS[1], maxsplit=1)[0], re.MULTILINE))


def main() -> None:
    """Measure, and write the drawing into the page."""
    with tempfile.TemporaryDirectory() as directory:
        walk = asyncio.run(measure(Path(directory)))
    sys.stdout.write(drawn(walk) + "\n")
    page = PAGE.read_text("utf-8")
    before, rest = page.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{drawn(walk)}\n\n{MARKS[1]}{after}", "utf-8")


if __name__ == "__main__":
    main()
