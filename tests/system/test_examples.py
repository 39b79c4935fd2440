"""The examples do what their README says, against a running instance."""

import asyncio
import base64
import contextlib
import hmac
import json
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from shared.bus import Bus
from shared.papers.streams import FETCHED
from tests.support import entries, until
from tests.system.instance import Paperwire, free_port, paperwire, started

EXAMPLES = Path(__file__).parents[2] / "examples"
RECEIVERS = ("receiver.py", "receiver.mjs")
ALERT = "paper.new Ask the Repository First: Retrieval-Augmented Code Generation with Call-Graph Search"
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()


def command(name: str) -> list[str]:
    """Return the command that runs an example; without Node the JavaScript one is skipped, and fails in CI."""
    if name.endswith(".py"):
        return [sys.executable, str(EXAMPLES / name)]
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("the JavaScript example needs Node: install it")
        pytest.skip("NO NODE: the JavaScript example needs node, and none was found on the PATH")
    return [node, str(EXAMPLES / name)]


@dataclass
class Running:
    """A receiver as a process, and what it printed."""

    url: str
    output: str = ""


@contextlib.asynccontextmanager
async def receiving(name: str, secret: str, port: int) -> AsyncIterator[Running]:
    # As where the locale has few characters: a title that needs more must not end the thread that prints.
    environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port), "PYTHONIOENCODING": "ascii"}
    process = await asyncio.create_subprocess_exec(
        *command(name), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment
    )
    running = Running(f"http://127.0.0.1:{port}/hook")
    assert process.stdout

    async def read() -> None:
        while line := await process.stdout.readline():  # type: ignore[union-attr]  # it is a pipe
            running.output += line.decode()

    reading = asyncio.create_task(read())
    try:
        await until(lambda: "Listening on" in running.output)
        yield running
    finally:
        process.terminate()
        await process.wait()
        await reading


@contextlib.asynccontextmanager
async def instance(directory: Path) -> AsyncIterator[Paperwire]:
    async with started(directory, PAPERWIRE_SAMPLE="true") as running:
        yield running


async def printed(*arguments: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **environment}
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    return output.decode()


def step(verb: str) -> list[str]:
    """Return the words of the command `paperwire <verb>` in the steps of the README, without `paperwire`."""
    steps = (EXAMPLES / "README.md").read_text("utf-8").partition("## Receive an alert")[2]
    (words,) = (shlex.split(line) for line in re.findall(rf"`paperwire ({verb} [^`]+)`", steps))
    return words


async def subscribed(running: Paperwire, port: int, *where: str) -> str:
    own = {"pw_…": running.key, "http://127.0.0.1:9000/hook": f"http://127.0.0.1:{port}/hook"}
    printed = await paperwire(*(own.get(word, word) for word in step("subscribe")), *where)
    return printed.partition("shown once: ")[2].split()[0]


@pytest.mark.timeout(240)
async def test_the_examples_work_with_a_running_instance(tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path))
    async with instance(tmp_path) as running, contextlib.AsyncExitStack() as stack:
        receivers = []
        for name in RECEIVERS:
            port = free_port()
            secret = await subscribed(running, port, *where)
            receivers.append(await stack.enter_async_context(receiving(name, secret, port)))
        imported, file = step("import")
        await paperwire(imported, str(EXAMPLES.parent / file), *where)
        await until(lambda: all(ALERT in receiver.output for receiver in receivers))

        found = await printed(*command("search.py"), "code generation", PAPERWIRE_URL=running.url)
        assert len(found.splitlines()) == 5
        assert "Ask the Repository First" in found
        for name in ("reading.py", "paperwire.mjs"):
            assert "Ask the Repository First" in await printed(*command(name), running.url, "code generation")
        received = await printed(*command("mcp_client.py"), "code generation", PAPERWIRE_DATA_DIR=str(tmp_path))
        assert received.startswith("tools: explain, explain_search, paper, reading_list, save, search, similar, ")
        assert "Ask the Repository First" in received


def signed(secret: str, body: bytes, *, at: float, webhook_id: str = "msg_1") -> dict[str, str]:
    """Sign a body as the standard says, written here a second time."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{webhook_id}.{int(at)}.".encode() + body, sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": webhook_id, "webhook-timestamp": str(int(at)), "webhook-signature": f"v1,AAAA {signature}"}


async def posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("name", RECEIVERS)
async def test_a_receiver_accepts_signed_requests_only(name: str) -> None:
    body, now = json.dumps({"type": "paper.new", "data": {"paper": {"title": "A title"}}}).encode(), time.time()
    other = "whsec_" + base64.b64encode(b"another secret of the same size.").decode()
    valid = signed(SECRET, body, at=now)
    async with receiving(name, SECRET, free_port()) as receiver:
        assert await posted(receiver.url, body, valid) == 204
        assert await posted(receiver.url, body, valid) == 204, "a retry is accepted"
        assert await posted(receiver.url, body, signed(other, body, at=now)) == 400
        assert await posted(receiver.url, body, signed(SECRET, body, at=now - 3600)) == 400
        assert await posted(receiver.url, body, signed(SECRET, body, at=now + 3600)) == 400
        assert await posted(receiver.url, body + b" ", valid) == 400
        assert await posted(receiver.url, body, {**valid, "webhook-id": "msg_2"}) == 400
        assert await posted(receiver.url, body, {**valid, "webhook-timestamp": "soon"}) == 400
        for header in valid:
            left = {key: value for key, value in valid.items() if key != header}
            assert await posted(receiver.url, body, left) == 400, f"without {header}"
        large = b" " * (64 * 1024) + body
        assert await posted(receiver.url, large, signed(SECRET, large, at=now)) == 400
        for number, wrong in enumerate((b"{}", b"[]", b"7", b"null", b'{"data": {"paper": {}}}', b"[" * 60_000, b"x")):
            headers = signed(SECRET, wrong, at=now, webhook_id=f"wrong_{number}")
            assert await posted(receiver.url, wrong, headers) == 400, wrong[:20]
        foreign = json.dumps({"type": "paper.new", "data": {"paper": {"title": "\u65e5\u672c \ud800"}}}).encode()
        assert await posted(receiver.url, foreign, signed(SECRET, foreign, at=now, webhook_id="foreign")) == 204
        assert await posted(receiver.url, body, signed(SECRET, body, at=now, webhook_id="msg_3")) == 204
        await until(lambda: receiver.output.count("paper.new A title") == 2)


REPORTS = [{"id": "TR-1", "title": "A lamp that folds", "authors": ["Ada Origami"]}, {"id": "TR-2"}]


async def reports(_: web.Request) -> web.Response:
    return web.json_response(REPORTS)


async def test_a_fetcher_with_a_source_type_of_its_own_publishes_items(bus: Bus, tmp_path: Path) -> None:
    app = web.Application()
    app.router.add_get("/reports.json", reports)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sources = tmp_path / "sources.toml"
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/reports.json"
    sources.write_text(f'[[source]]\nname = "lab-reports"\ntype = "reports"\nurl = "{url}"\n', "utf-8")
    environment = {
        "PAPERWIRE_REDIS_URL": bus.settings.redis_url,
        "PAPERWIRE_DATA_DIR": str(tmp_path),
        "PAPERWIRE_HTTP_PORT": str(free_port()),
        "PAPERWIRE_SOURCES_FILE": str(sources),
        "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS": "127.0.0.0/8",
    }
    process = await asyncio.create_subprocess_exec(*command("source_plugin.py"), env={**os.environ, **environment})
    try:
        found = await until(lambda: entries(bus, FETCHED), within=60)
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
        await runner.cleanup()
    assert [(entry.event.item.id, entry.event.item.title) for entry in found] == [
        ("lab-reports:TR-1", "A lamp that folds")
    ]


def test_the_readme_lists_every_example() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    files = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    rows = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")}
    assert rows == files
