"""A whole Paperwire as its user starts it, and a receiver of its webhooks."""

import asyncio
import contextlib
import io
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from services.cli.app import app
from shared.telemetry import configure_logging

COMMAND = [sys.executable, "-m", "services"]
READY = re.compile(r"ready: ([\d,]+) papers searchable")
KEY = re.compile(r"pw_\S+")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Paperwire:
    """One run of `paperwire up`."""

    data_dir: Path
    url: str
    process: asyncio.subprocess.Process
    output: str = ""
    papers: int = 0
    children: list[psutil.Process] = field(default_factory=list)

    @property
    def key(self) -> str:
        found = KEY.search(self.output)
        assert found, self.output
        return found[0]

    async def api(self, method: str, path: str, *, key: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers=headers, **options) as answer,
        ):
            body = await answer.read()
            assert answer.status < 400, body
            return await answer.json() if "json" in answer.content_type else body.decode()

    def service(self, name: str) -> psutil.Process:
        """Find the process of a service (with `--processes`)."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if child.cmdline()[-1:] == [f"services.{name}"]:
                    return child
        message = f"no process of {name}"
        raise LookupError(message)

    async def stop(self) -> float:
        """Interrupt it as Ctrl-C does; give the seconds until it and all its children were gone."""
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        status = await asyncio.wait_for(self.process.wait(), 30)
        assert status == 0, self.output
        elapsed = time.monotonic() - started
        gone, alive = await asyncio.to_thread(psutil.wait_procs, self.children, 1)
        # A dead process stays in the table until its new parent collects it; not every container does.
        left = [child for child in alive if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        assert not left, f"left behind: {left}; gone: {gone}"
        return elapsed


OWN = {
    "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS": "127.0.0.0/8",
    "PAPERWIRE_OFFLINE": "true",
    "PAPERWIRE_RATE_LIMIT": "0",
    "PAPERWIRE_SAMPLE": "false",
}
"""The environment of an instance, unless a test gives another."""
MODELS: list[Path] = []
"""The folder of a model that is made once for all; a data directory that has a folder of models keeps its own."""


@contextlib.asynccontextmanager
async def started(
    data_dir: Path, *options: str, wrapper: Sequence[str] = (), **environment: str
) -> AsyncIterator[Paperwire]:
    """Run `paperwire up` until it says ready; it is stopped in the end if the test did not.

    `wrapper` is a command that becomes the one that is given to it as arguments.
    """
    port = free_port()
    _share_models(data_dir)
    process = await asyncio.create_subprocess_exec(
        *wrapper, *COMMAND, "up", "--data-dir", str(data_dir), "--port", str(port), *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **OWN, **environment},
    )  # fmt: skip
    running = Paperwire(data_dir, f"http://127.0.0.1:{port}", process)
    try:
        async with asyncio.timeout(90):
            await _until_ready(running)
        drain = asyncio.create_task(_drain(running))
        yield running
    finally:
        if process.returncode is None:
            await running.stop()
    await drain


def _share_models(data_dir: Path) -> None:
    if MODELS and not (data_dir / "models").exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / "models").symlink_to(MODELS[0])


async def _until_ready(running: Paperwire) -> None:
    assert running.process.stdout
    while line := await running.process.stdout.readline():
        running.output += line.decode()
        if found := READY.search(line.decode()):
            running.papers = int(found[1].replace(",", ""))
            return
    message = f"it ended before it was ready:\n{running.output}"
    raise AssertionError(message)


async def _drain(running: Paperwire) -> None:
    assert running.process.stdout
    while line := await running.process.stdout.readline():
        running.output += line.decode()


async def paperwire(*arguments: str, status: int = 0) -> str:
    """Run one command; give what it printed."""
    # Those that take signals need a process of their own; for the others a thread will do, and saves a second of start.
    run = _in_process if arguments[0] in {"import", "backfill", "reindex"} else _in_thread
    ended, output, errors = await asyncio.wait_for(run(*arguments), 300)
    assert ended == status, output + errors
    return output


async def _in_process(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def _in_thread(*arguments: str) -> tuple[int, str, str]:
    output, errors = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
        pytest.raises(SystemExit) as ended,
    ):
        await asyncio.to_thread(app, list(arguments), prog_name="paperwire")
    configure_logging("warning")
    printed = output.buffer.getvalue().decode()
    return int(ended.value.code or 0), printed, errors.getvalue()


@dataclass
class Receiver:
    """A webhook receiver that trusts nothing it cannot verify."""

    url: str = ""
    secret: str = ""
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    posts: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        event = Webhook(self.secret).verify(body, dict(request.headers))
        self.alerts[request.headers["webhook-id"]] = event
        self.times.setdefault(request.headers["webhook-id"], time.time())
        self.posts += 1
        return web.Response(status=204)


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Serve a receiver on a free loopback port."""
    own = Receiver()
    app = web.Application()
    app.router.add_post("/hook", own.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    own.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield own
    finally:
        await runner.cleanup()
