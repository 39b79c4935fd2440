"""Sources as their user has them: changed while Paperwire runs, tested before they are added, backfilled behind all."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.support import until
from tests.system.instance import COMMAND, Paperwire, paperwire, receiver, started

NETWORK = {"PAPERWIRE_HOST_INTERVAL": "0.05", "PAPERWIRE_OFFLINE": "false"}


def rss(*titles: str) -> bytes:
    rows = "".join(f"<item><title>{title}</title><guid>urn:{title}</guid></item>" for title in titles)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{rows}</channel></rss>'.encode()


def records(day: str, *numbers: int, token: str = "") -> bytes:
    """Write an OAI-PMH page of papers of our own making."""
    rows = "".join(
        f"<record><header><identifier>oai:arXiv.org:2401.{n:05d}</identifier><datestamp>{day}</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2401.{n:05d}</id>'
        f'<version version="v1"><date>Tue, 02 Jan 2024 08:00:00 GMT</date></version><title>Old lantern {n}</title>'
        f"<authors>Ada Origami</authors><categories>cs.RO</categories><abstract>It shines.</abstract></arXivRaw>"
        "</metadata></record>"
        for n in numbers
    )
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<ListRecords>{rows}{more}</ListRecords></OAI-PMH>"
    ).encode()


@dataclass
class World:
    """What there is to fetch; `asked` are the addresses that were asked for."""

    url: str = ""
    feeds: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if request.path == "/oai":
            token = request.query.get("resumptionToken", "")
            if token == "wait":
                await self.gate.wait()
            return web.Response(body=self.pages[token], content_type="text/xml")
        return web.Response(body=self.feeds[request.path]) if request.path in self.feeds else web.Response(status=404)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    own = World()
    app = web.Application()
    app.router.add_get("/{path:.*}", own.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    own.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield own
    finally:
        await runner.cleanup()


@asynccontextmanager
async def live(data: Path, file: Path, *options: str, **environment: str) -> AsyncIterator[Paperwire]:
    """Run Paperwire with the sources of a file, whose folder and feeds are polled."""
    async with started(data, "--sources", str(file), *options, **NETWORK, **environment) as running:
        yield running


async def listed(data: Path) -> dict[str, dict[str, Any]]:
    return {
        row["name"]: row for row in json.loads(await paperwire("sources", "list", "--json", "--data-dir", str(data)))
    }


async def state_of(running: Paperwire, name: str) -> dict[str, Any]:
    status = await running.api("GET", "/v1/status")
    found = [row for row in status["sources"] if row["name"] == name]
    return found[0] if found else {}


async def has(running: Paperwire, name: str, **values: Any) -> bool:
    row = await state_of(running, name)
    return bool(row) and all(row[key] == value for key, value in values.items())


async def finds(running: Paperwire, title: str) -> bool:
    answer = await running.api("GET", "/v1/search", params={"q": title, "limit": "5"})
    return any(row["paper"]["title"] == title for row in answer["results"])


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "options", [(), pytest.param(("--processes",), marks=pytest.mark.long)], ids=["one-loop", "processes"]
)
async def test_sources_are_managed_without_a_restart(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS", "127.0.0.0/8")
    data, file = tmp_path / "data", tmp_path / "sources.toml"
    where = ("--data-dir", str(data))
    async with world() as there:
        there.feeds = {"/a": rss("Lantern one"), "/b": rss("Lantern two", "Lantern three")}
        file.write_text(f'[[source]]\nname = "a"\ntype = "feed"\nurl = "{there.url}/a"\ninterval = "6h"\n')
        async with live(data, file, *options) as running:
            await until(lambda: has(running, "a", state="ok", items=1))

            seen = json.loads(await paperwire("sources", "test", f"{there.url}/b", *where, "--json"))
            assert [row["title"] for row in seen["items"]] == ["Lantern two", "Lantern three"]
            assert seen["new"] == 2
            failed = json.loads(await paperwire("sources", "test", f"{there.url}/none", *where, "--json", status=1))
            assert "answers 404" in failed["error"]
            assert list(await listed(data)) == ["a"], "a test adds nothing"

            await paperwire("sources", "add", "b", f"{there.url}/b", "--interval", "1h", *where)
            await until(lambda: has(running, "b", state="ok", items=2), within=5)
            await until(lambda: finds(running, "Lantern three"))
            rows = await listed(data)
            assert (rows["b"]["origin"], rows["b"]["interval"], rows["a"]["origin"]) == ("command", "1h", "file")

            there.feeds["/b"] = rss("Lantern two", "Lantern three", "Lantern four")
            await paperwire("sources", "poll", "b", *where)
            await until(lambda: has(running, "b", items=3), within=5)

            await paperwire("sources", "remove", "b", *where)
            assert list(await listed(data)) == ["a"]
            assert not await state_of(running, "b")
            assert await finds(running, "Lantern three"), "the papers stay"
            asked = len(there.asked)
            assert "no source 'b'" in await refused("sources", "poll", "b", *where)
            assert "needs 'url'" in await refused("sources", "add", "c", *where)
            private = await refused("sources", "add", "c", "http://10.0.0.1/feed", *where)
            assert "10.0.0.1 is a private address: list its network in PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS" in private
            assert len(there.asked) == asked


@pytest.mark.timeout(180)
async def test_a_source_added_by_a_command_survives_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS", "127.0.0.0/8")
    data, file = tmp_path / "data", tmp_path / "sources.toml"
    async with world() as there:
        there.feeds = {"/a": rss("Lantern one"), "/b": rss("Lantern two")}
        file.write_text(f'[[source]]\nname = "a"\ntype = "feed"\nurl = "{there.url}/a"\ninterval = "6h"\n')
        async with live(data, file) as running:
            await paperwire("sources", "add", "b", f"{there.url}/b", "--data-dir", str(data))
            await until(lambda: has(running, "b", state="ok"))
        file.write_text("# none\n")
        before = len(there.asked)
        async with live(data, file) as running:
            assert list(await listed(data)) == ["b"]
            assert await has(running, "b", state="ok", items=1)
        assert len(there.asked) == before, "nobody is asked before the time"


@pytest.mark.timeout(240)
async def test_a_backfill_continues_where_it_stopped_and_sends_no_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "sources.toml"
    file.write_text("# none\n")
    span = ("--set", "cs", "--from", "2025-01-01", "--to", "2025-01-07", "--data-dir", str(data))
    async with world() as there, receiver() as hook:
        there.pages = {
            "": records("2025-01-01", 1, 2, token="wait"),
            "wait": records("2025-01-02", 3, 4, 5, token="last"),
            "last": records("2025-01-07", 6),
        }
        for name, value in {**NETWORK, "PAPERWIRE_ARXIV_OAI_URL": f"{there.url}/oai"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS", "127.0.0.0/8")
        async with live(data, file) as running:
            body = {"name": "all", "categories": ["cs.RO"], "channel": {"type": "webhook", "url": hook.url}}
            answer = await running.api("POST", "/v1/subscriptions", key=running.key, json=body)
            hook.secret = answer["secret"]
            first = await asyncio.create_subprocess_exec(
                *COMMAND, "backfill", "arxiv", *span, stderr=asyncio.subprocess.PIPE, env=dict(os.environ)
            )
            await until(lambda: any("wait" in path for path in there.asked))
            first.send_signal(signal.SIGINT)
            _, errors = await asyncio.wait_for(first.communicate(), 30)
            assert first.returncode == 130, errors.decode()
            there.gate.set()
            assert "Give either --set or --query" in await refused("backfill", "arxiv", *span, "--query", "cat:cs.RO")
            report = json.loads(await paperwire("backfill", "arxiv", *span, "--json"))
            assert (report["records"], report["refused"]) == (6, 0)
            fresh = [path for path in there.asked if "resumptionToken" not in path and path.startswith("/oai")]
            assert len(fresh) == 1, "the first page is not asked for again"
            for number in range(1, 7):
                assert await finds(running, f"Old lantern {number}")
            status = await running.api("GET", "/v1/status")
            assert all(row["waiting"] + row["pending"] == 0 for row in status["streams"] if row["group"] != "notifier")
        assert hook.alerts == {}


async def refused(*arguments: str) -> str:
    """Run a command that must end with status 2; give what it said."""
    process = await asyncio.create_subprocess_exec(*COMMAND, *arguments, stderr=asyncio.subprocess.PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2, errors.decode()
    return errors.decode()


async def test_no_line_of_the_log_is_within_the_banner_of_a_start(tmp_path: Path) -> None:
    """The folder has what rich would read as markup, and the option replaces a variable that cannot be read."""
    rows = "".join(f'[[source]]\nname = "lost{n}"\ntype = "feed"\nurl = "http://127.0.0.1:1/{n}"\n' for n in range(2))
    (tmp_path / "sources.toml").write_text(rows)
    options = ("--sources", str(tmp_path / "sources.toml"))
    data, odd = tmp_path / "data[/b]", {"PAPERWIRE_HTTP_PORT": "eighty"}
    async with started(data, *options, **NETWORK, **odd) as running:
        lines = running.output.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("Paperwire at "))
    banner = [line.split()[0] for line in lines[first : first + 5]]
    assert banner == ["Paperwire", "data", "API", "mail", "sources"]
    assert lines[first + 1].endswith("/data[/b]")
    assert len(lines[:-1]) < 10, running.output
