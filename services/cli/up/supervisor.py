"""`paperwire up --processes`: one process per service, started again when it ends or hangs, and a gateway in front."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp
import structlog

from embedded.child_process import Child
from embedded.errors import StartFailed
from embedded.lock import Holder
from services.cli.instance.keeper import Kept, keep_running
from services.cli.up.startup import report_start
from services.fetcher.settings import FetcherSettings
from shared.bus import open_redis
from shared.errors import ConfigurationError
from shared.http.serving import warn_of_few_files
from shared.settings import PREFIX, Network, http_address
from shared.tasks import cancel
from shared.watchdog import process_lifetime

log = structlog.get_logger("supervisor")
ORDER: Final = ("indexer", "notifier", "enricher", "search", "fetcher", "gateway")
READY_TIMEOUT_S = 60.0
ROTATE_S = 30.0


@dataclass
class _Member:
    """One supervised process, and the address of its health checks."""

    name: str
    child: Child
    url: str


async def supervise(settings: FetcherSettings, holder: Holder) -> None:
    """Run every service as a process until SIGINT or SIGTERM; raises ConfigurationError if one does not start."""
    async with contextlib.AsyncExitStack() as stack:
        warn_of_few_files()  # each process would log it in its own file only
        stop = await stack.enter_async_context(process_lifetime())
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)))
        members = _members(settings)
        stack.push_async_callback(_stop_all, members)
        await asyncio.gather(*(_start(member, session) for member in members))
        watchers = [asyncio.create_task(keep_running(_kept(member, session))) for member in members]
        watchers.append(asyncio.create_task(_rotate_logs(members)))
        stack.push_async_callback(cancel, watchers)
        holder.publish(http_url=members[-1].url)
        reporting = asyncio.create_task(_report_start(settings, members[-1].url))
        stack.push_async_callback(cancel, [reporting])
        await stop.wait()


async def _rotate_logs(members: list[_Member]) -> None:
    while True:
        await asyncio.sleep(ROTATE_S)
        for member in members:
            if await asyncio.to_thread(member.child.rotate):
                log.info("log rotated", service=member.name)


async def _report_start(settings: FetcherSettings, url: str) -> None:
    redis = open_redis(settings.redis_url)
    try:
        await report_start(settings, redis, url)
    finally:
        await redis.aclose()


def _members(settings: FetcherSettings) -> list[_Member]:
    logs = settings.data_dir / "logs"
    logs.mkdir(exist_ok=True)
    ports = dict(zip(ORDER, free_ports(len(ORDER)), strict=True))
    ports["gateway"] = settings.http_port
    environment = {
        **os.environ,
        f"{PREFIX}REDIS_URL": settings.redis_url,
        f"{PREFIX}QDRANT_URL": settings.qdrant_url,
        f"{PREFIX}DATA_DIR": str(settings.data_dir),
        f"{PREFIX}SEARCH_URL": f"http://127.0.0.1:{ports['search']}",
        f"{PREFIX}FRONT_URL": settings.local_url,
        f"{PREFIX}NOTIFIER_URL": f"http://127.0.0.1:{ports['notifier']}",
        f"{PREFIX}OFFLINE": "1" if settings.offline else "0",
    }
    if settings.sources_file:
        environment[f"{PREFIX}SOURCES_FILE"] = str(settings.sources_file.absolute())
    members = []
    for name in ORDER:
        host = settings.http_host if name == "gateway" else "127.0.0.1"
        own = {**environment, f"{PREFIX}HTTP_HOST": host, f"{PREFIX}HTTP_PORT": str(ports[name])}
        own[f"{PREFIX}TRUSTED_PROXIES"] = trusted_by(name, settings.trusted_proxies)
        child = Child(f"The {name}", [sys.executable, "-m", f"services.{name}"], logs / f"{name}.log", own)
        members.append(_Member(name, child, http_address(host, ports[name])))
    return members


def trusted_by(service: str, proxies: Sequence[Network]) -> str:
    """Return the proxies that a process trusts: those of the operator, and behind the gateway also the gateway."""
    gateway = () if service == "gateway" else ("127.0.0.1/32",)
    return ",".join([*gateway, *map(str, proxies)])


def free_ports(count: int) -> list[int]:
    """Return free ports of this machine; each stays bound until the last is found, so all are different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _kept(member: _Member, session: aiohttp.ClientSession) -> Kept:
    return Kept(
        member.name,
        wait=member.child.wait,
        start=lambda: _start(member, session),
        kill=member.child.kill,
        answers=lambda: _succeeds(session, f"{member.url}/healthz"),
    )


async def _succeeds(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def _start(member: _Member, session: aiohttp.ClientSession) -> None:
    try:
        await member.child.start(lambda: _succeeds(session, f"{member.url}/readyz"), READY_TIMEOUT_S)
    except StartFailed as error:
        last = str(error).strip().splitlines()[-1].removeprefix("paperwire: ")
        message = f"The {member.name} does not start: {last}"
        raise ConfigurationError(message) from error


async def _stop_all(members: list[_Member]) -> None:
    """Stop the gateway first, so that no new requests arrive while the services drain."""
    for member in reversed(members):
        if member.child.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member.child.pid, signal.SIGTERM)
    await asyncio.gather(*(member.child.stop() for member in members))
