"""A Redis as operators run it: TLS of a private authority, users with few rights, Unix sockets.

The server is Debian's, which has TLS. Its package `redis-tools` holds it under the name of one of the tools.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from redis import Redis

from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from services.cli.instance.context import Context
from services.notifier.access.api_keys import ApiKeys
from shared.bus import Bus, Entry, Hop
from shared.errors import ConfigurationError
from shared.outages import NoRightError
from shared.papers.events import PaperFetched
from shared.papers.streams import FETCHED
from shared.runtime import open_runtime, running
from shared.settings import Settings
from tests.authority import write_certificates
from tests.integration.indexer.support import CountingEmbedder
from tests.integration.notifier.support import LOOPBACK, free_port, receiving
from tests.redis_rights import PAGE, rights
from tests.support import fetched, publish, settled, until

PASSWORD = "p@ss/5ecret"
QUOTED = "p%40ss%2F5ecret"


@dataclass(frozen=True, slots=True)
class OwnRedis:
    """A Redis with the configuration of docs/servers.md, and its addresses for a user."""

    port: int
    folder: Path

    def tls(self, login: str = f"paperwire:{QUOTED}", *, trusted: bool = True) -> str:
        authority = f"?ssl_ca_certs={self.folder / 'ca.pem'}" if trusted else ""
        return f"rediss://{login}@127.0.0.1:{self.port}/0{authority}"

    def socket(self, login: str = f"paperwire:{QUOTED}@") -> str:
        return f"unix://{login}{self.folder / 'redis.sock'}?db=0"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """The server of this module; skipped loudly on a laptop without one that has TLS."""
    folder, port = tmp_path_factory.mktemp("own"), free_port()
    write_certificates(folder)
    found = re.search(r"```text\n(port 0\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    lines = found[1].replace("/etc/redis", str(folder)).replace("6380", str(port))
    user = " ".join(rights()).replace("PASSWORD", PASSWORD)
    own_lines = f"dir {folder}\nunixsocket {folder / 'redis.sock'}\nuser default on >admin ~* &* +@all\n"
    (folder / "redis.conf").write_text(f"{lines}{own_lines}user paperwire {user}\nuser gone off >gone ~* +@all\n")
    binary = shutil.which("redis-check-rdb") or shutil.which("redis-server")
    process = binary and subprocess.Popen(
        ["redis-server", str(folder / "redis.conf")], executable=binary, stdout=subprocess.PIPE, text=True
    )
    if not process or not any("Ready to accept connections" in line for line in process.stdout or ()):
        if os.environ.get("CI"):
            pytest.fail("these tests need a Redis with TLS: install redis-tools")
        pytest.skip("NO REDIS WITH TLS: install redis-tools of Debian, or redis-server")
    yield OwnRedis(port, folder)
    process.terminate()
    process.communicate()


@pytest.fixture(autouse=True)
def _empty(own: OwnRedis) -> None:
    with Redis.from_url(own.socket(":admin@")) as admin:
        admin.flushall()


@pytest.mark.parametrize("way", ["tls", "socket", "environment"])
async def test_papers_pass_the_bus(own: OwnRedis, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = own.socket() if way == "socket" else own.tls(trusted=way == "tls")
    if way == "environment":
        monkeypatch.setenv("SSL_CERT_FILE", str(own.folder / "ca.pem"))
    seen = []

    async def handle(entries: list[Entry[PaperFetched]], _: Hop) -> None:
        seen.extend(entries)

    settings = Settings.load(redis_url=url, data_dir=tmp_path)
    async with open_runtime(settings) as runtime:
        runtime.bus.consume(FETCHED, "enricher", handle)  # type: ignore[arg-type]  # a list is a sequence
        await runtime.bus.start()
        await publish(runtime.bus, FETCHED, fetched())
        await until(lambda: settled(runtime.bus, FETCHED, "enricher"))
        await runtime.bus.stop()
    assert len(seen) == 1


async def test_the_documented_rights_suffice_from_the_import_to_the_alert(
    own: OwnRedis, qdrant_url: str, tmp_path: Path
) -> None:
    """INVARIANT: what docs/servers.md grants is enough, and Redis refuses nothing."""
    file = tmp_path / "papers.jsonl"
    file.write_text('{"id": "arXiv:2401.00001", "title": "Paper cranes", "categories": ["cs.RO"]}\n')
    settings = await asyncio.to_thread(
        Settings.load, redis_url=own.tls(), qdrant_url=qdrant_url, data_dir=tmp_path, http_port=free_port()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAPERWIRE_REDIS_URL", own.tls())
        patch.setenv("PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS", LOOPBACK)
        whole = Context.load(tmp_path, qdrant_url=qdrant_url, http_port=settings.http_port, offline=True).settings
        embedder, names = CountingEmbedder(), ("enricher", "indexer", "notifier", "search")
        async with receiving() as receiver, running(builders(*names), whole, embedder=embedder) as runtime:
            keys = ApiKeys(runtime.redis)
            info, key = await keys.create("test")
            session = aiohttp.ClientSession(runtime.http_url, headers={"Authorization": f"Bearer {key}"})
            async with session as http:
                body = {"categories": ["cs.RO"], "channel": {"type": "webhook", "url": receiver.url()}}
                async with http.post("/v1/subscriptions", json=body) as answer:
                    assert answer.status == 201, await answer.text()
                summary = await import_files(whole, [file])
                assert (summary.searchable, summary.dead) == (1, 0)
                await receiver.count(1)
                async with http.get("/v1/search", params={"q": "cranes", "mode": "semantic"}) as answer:
                    assert answer.status == 200, await answer.text()
                    assert len((await answer.json())["results"]) == 1
                async with http.get("/v1/status") as answer:
                    assert answer.status == 200
            assert await keys.revoke(info.id) == 1
            assert runtime.trouble is None
    with Redis.from_url(own.socket(":admin@")) as admin:
        refused = {row["object"] for row in admin.acl_log() if row["username"] == "paperwire"}
    assert refused <= {"config|get", "waitaof"}, "these are tried, and documented"


@pytest.mark.parametrize(
    ("login", "received"),
    [
        ("paperwire:wr0ng@", "refuses the password for user 'paperwire'"),
        ("nobody:wr0ng@", "refuses the password for user 'nobody'"),
        ("gone:gone@", "refuses the password for user 'gone'"),
        (":wr0ng@", "refuses the password for user 'default'"),
        ("", "asks for a password for user 'default'"),
    ],
)
async def test_a_refused_login_is_told_as_such(own: OwnRedis, tmp_path: Path, login: str, received: str) -> None:
    for start in (_start, _command):
        with pytest.raises(ConfigurationError) as raised:
            await start(own.socket(login), tmp_path)
        assert received in str(raised.value)
        assert "wr0ng" not in str(raised.value)
        assert "No Redis answers" not in str(raised.value)


async def _start(url: str, data_dir: Path) -> None:
    async with open_runtime(Settings.load(redis_url=url, data_dir=data_dir)):
        pass


async def _command(url: str, data_dir: Path) -> None:
    async with Context.load(data_dir, redis_url=url).redis():
        pass


async def test_an_untrusted_certificate_is_told_as_such(own: OwnRedis, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not trusted: set SSL_CERT_FILE") as one:
        await _start(own.tls(trusted=False), tmp_path)
    assert "5ecret" not in str(one.value)


async def test_a_missing_right_is_named_and_work_goes_on_when_it_is_granted(own: OwnRedis, tmp_path: Path) -> None:
    """INVARIANT: no paper becomes a dead letter while a right is missing, whatever sends the command."""
    with Redis.from_url(own.socket(":admin@")) as admin:
        admin.execute_command("ACL", "SETUSER", "less", "reset", *rights(), ">less")
        admin.execute_command("ACL", "SETUSER", "less", "-info")
        with pytest.raises(ConfigurationError, match=r"refuses a right to its user \(.*'info' command\).*user 'less'"):
            await _start(own.socket("less:less@"), tmp_path)
        admin.execute_command("ACL", "SETUSER", "less", "+info")
        async with open_runtime(Settings.load(redis_url=own.socket("less:less@"), data_dir=tmp_path)) as runtime:
            seen = await _consuming(runtime.bus)
            admin.execute_command("ACL", "SETUSER", "less", "-set", "-xadd")
            for command in (
                runtime.redis.set("a", "b"),
                runtime.redis.eval("return redis.call('set', KEYS[1], 'b')", 1, "a"),
                _in_transaction(runtime.bus),
            ):
                with pytest.raises(NoRightError, match="Redis refuses a right to its user"):
                    await command
            admin.execute_command("ACL", "SETUSER", "less", "+xadd")
            await publish(runtime.bus, FETCHED, fetched())
            await until(lambda: runtime.bus.trouble)
            assert "refuses a right to its user" in (runtime.bus.trouble or "")
            admin.execute_command("ACL", "SETUSER", "less", "+set")
            await until(lambda: settled(runtime.bus, FETCHED, "enricher"))
            assert len(seen) >= 1
            assert await runtime.redis.xlen(FETCHED.dead) == 0
            await runtime.bus.stop()


async def _consuming(bus: Bus) -> list[str]:
    seen: list[str] = []

    async def handle(entries: list[Entry[PaperFetched]], hop: Hop) -> None:
        seen.extend(entry.id for entry in entries)
        hop.write.set("seen", len(seen))

    bus.consume(FETCHED, "enricher", handle)  # type: ignore[arg-type]  # a list is a sequence
    await bus.start()
    return seen


async def _in_transaction(bus: Bus) -> None:
    async with bus.hop("fetcher") as hop:
        hop.write.set("a", "b")
        await hop.commit()
