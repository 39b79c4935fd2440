"""The checks of what Paperwire talks to: its servers, the mail server, and the hosts of sources and providers."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from services.cli.diagnosis.finding import Finding, notice, ok, problem
from services.cli.instance.api import ApiError, ask
from services.cli.instance.context import Context
from services.enricher.providers.registry import PROVIDERS
from services.enricher.settings import EnricherSettings
from services.fetcher.bootstrap import configured_sources
from services.fetcher.sources.registry import BY_ID
from services.notifier.mailing.smtp import Smtp
from services.notifier.mailing.transport import open_transport
from services.notifier.settings import NotifierSettings
from shared.bus.redis_server import check_access
from shared.errors import ConfigurationError
from shared.qdrant import open_qdrant
from shared.shown_address import shown

LIMIT_S: Final = 5.0
"""Seconds that an answer may take."""
_HTTPS: Final = 443


T = TypeVar("T")


class Host(NamedTuple):
    """A host that something connects to."""

    what: str
    name: str
    port: int
    tls: bool


async def check_reachable(context: Context, *, offline: bool) -> list[Finding]:
    """Try all of it at once; with `offline` nothing that needs the network."""
    if offline:
        hosts, told = list[Host](), [notice("sources and providers", "not tried, as offline is set")]
    else:
        hosts, told = _named(("sources", lambda: _sources(context)), ("providers", _providers))
    checks = [_redis(context), _qdrant(context), _instance(context), _mail(), _pictures(context)]
    return [*await asyncio.gather(*checks, *map(_host, hosts)), *told]


def _named(*groups: tuple[str, Callable[[], Iterable[Host]]]) -> tuple[list[Host], list[Finding]]:
    """Return the hosts of all groups, and what is wrong with those whose settings or files cannot be read."""
    hosts: list[Host] = []
    told: list[Finding] = []
    for what, read in groups:
        try:
            hosts += read()
        except ConfigurationError as error:
            told.append(problem(what, "are not tried", str(error)))
    return hosts, told


async def _redis(context: Context) -> Finding:
    instance = context.instance()
    url = instance.redis_url if instance else context.settings.redis_url if context.is_set("redis_url") else None
    if url is None:
        return ok("Redis", "starts with Paperwire")
    try:
        await _within(check_access(url))
    except (ConfigurationError, OSError) as error:
        return problem("Redis", f"{shown(url)} cannot be used", _words(error))
    return ok("Redis", f"{shown(url)} answers")


async def _qdrant(context: Context) -> Finding:
    instance = context.instance()
    url = instance.qdrant_url if instance else context.settings.qdrant_url if context.is_set("qdrant_url") else None
    if url is None:
        return ok("Qdrant", "starts with Paperwire")
    client = open_qdrant(context.settings.model_copy(update={"qdrant_url": url}))
    try:
        reason = await _within(client.not_started())
    except OSError as error:
        reason = _words(error)
    finally:
        await client.close()
    advice = "Start it, or correct PAPERWIRE_QDRANT_URL."
    return problem("Qdrant", reason, advice) if reason else ok("Qdrant", f"{shown(url)} answers")


async def _instance(context: Context) -> Finding:
    instance = context.instance()
    if not instance:
        return ok("Paperwire", "does not run on this data directory")
    if not instance.http_url:
        return notice("Paperwire", f"process {instance.pid} is still starting", "Try again in a moment.")
    try:
        await _within(ask(f"{instance.http_url}/readyz"))
    except ApiError as error:
        return problem("Paperwire", f"{instance.http_url} is not ready: {error}", "See docs/runbook.md.")
    except (ConfigurationError, OSError) as error:
        advice = f"Read its log, or end the process and start it again: kill {instance.pid}."
        return problem("Paperwire", f"process {instance.pid} does not answer: {_words(error)}", advice)
    return ok("Paperwire", f"{instance.http_url} is ready")


async def _mail() -> Finding:
    try:
        settings = NotifierSettings.load()
        transport = open_transport(settings)
    except ConfigurationError as error:
        return problem("mail", "its settings are not usable", str(error))
    if not isinstance(transport, Smtp):
        return ok("mail", "no mail server is set: mail stays in the outbox")
    try:
        failure = await transport.failure()
    finally:
        await transport.close()
    if failure:
        return problem("mail", f"the mail server cannot be used: {failure}", "Correct PAPERWIRE_SMTP_URL, or start it.")
    return ok("mail", "the mail server takes mail")


async def _pictures(context: Context) -> Finding:
    """Return how many pictures are kept, and whether searches for them fail."""
    instance = context.instance()
    if not instance or not instance.http_url:
        return ok("pictures", "are counted while Paperwire runs")
    try:
        stock = (await _within(ask(f"{instance.http_url}/v1/status")))["pictures"]
    except (ApiError, ConfigurationError, OSError) as error:
        return notice("pictures", f"cannot be counted: {_words(error)}", "See docs/runbook.md.")
    if not stock:
        return ok("pictures", "have not been counted yet")
    told = f"{stock['kept']:,} kept ({stock['bytes'] / (1 << 20):.1f} MiB), {stock['wanted']:,} wanted"
    if not stock["last_error"]:
        return ok("pictures", told)
    advice = "They are looked for again by themselves."
    return notice("pictures", f"{told}; {stock['failed']:,} searches failed, the last: {stock['last_error']}", advice)


def _sources(context: Context) -> Iterator[Host]:
    """Return the hosts of the enabled sources of the file; those of commands are in `paperwire sources list`."""
    for config in configured_sources(context.settings):
        row = BY_ID[config.type]
        if not config.enabled or not row.live:
            continue
        url = getattr(config, "url", None)
        addresses = [url] if url else [f"https://{host}" for host in row.hosts[:1]]
        yield from _hosts(f"source {config.name}", addresses)


def _providers() -> Iterator[Host]:
    settings = EnricherSettings.load()
    for name in settings.chosen:
        url = getattr(settings, PROVIDERS[name].url_setting) if name in PROVIDERS else settings.llm_url
        yield from _hosts(f"provider {name}", [str(url)] if url else [])


def _hosts(what: str, addresses: Iterable[str]) -> Iterator[Host]:
    for address in addresses:
        parts = urlsplit(address)
        tls = parts.scheme == "https"
        yield Host(what, parts.hostname or "", parts.port or (_HTTPS if tls else 80), tls)


async def _host(host: Host) -> Finding:
    """Connect, and ask nothing: the budgets of hosts are for papers."""
    try:
        opening = asyncio.open_connection(host.name, host.port, ssl=ssl.create_default_context() if host.tls else None)
        _, writer = await _within(opening)
        writer.close()
    except (OSError, ssl.SSLError) as error:
        advice = "It is tried again by itself; look at the network, or run with --offline."
        return notice(host.what, f"{host.name} cannot be reached: {_words(error)}", advice)
    return ok(host.what, f"{host.name} can be reached")


async def _within(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, LIMIT_S)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {LIMIT_S:g} s"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
