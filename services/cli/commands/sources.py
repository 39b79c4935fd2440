"""`paperwire sources`: list, add, remove, test and poll sources, while a fetcher runs or not."""

import asyncio
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_rows
from services.fetcher.bootstrap import Drivers, configured_sources, open_polite, open_session
from services.fetcher.polling.outcome import cursor_key, detail, unmarked
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.port import Poll
from services.fetcher.sources.registry import SOURCE_TYPES
from services.fetcher.sources.sources_file import parse_source
from shared.bus import open_redis
from shared.errors import ConfigurationError, PaperwireError
from shared.outbound import AddressRefusedError, check_literal

app = typer.Typer(add_completion=False, help="Sources of papers: what is polled, and its state.", no_args_is_help=True)
MAX_SHOWN = 10
"""Items, and refusals, that `sources test` prints; JSON has all of them."""
Name = Annotated[str, typer.Argument(help="A name that `sources list` shows.")]


@app.command(name="list")
def list_command(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the sources and their states."""
    rows = asyncio.run(_list(Context.load(data_dir)))
    if json:
        write_json(rows)
        return
    fields = ("name", "type", "what", "interval", "origin", "state")
    cells = [(*(row[name] for name in fields), (row["next_poll"] or "")[:16], row["detail"]) for row in rows]
    names = ("source", "type", "target", "interval", "origin", "state", "next poll", "detail")
    print_rows(names, cells, none="No sources.")


@app.command()
def add(  # noqa: PLR0913  # one per option
    name: Annotated[str, typer.Argument(help="A short, unique name.")],
    url: Annotated[str | None, typer.Argument(help="The address, for a feed.", show_default=False)] = None,
    *,
    kind: Annotated[str, typer.Option("--type", help=f"One of {', '.join(row.id for row in SOURCE_TYPES)}.")] = "feed",
    path: Annotated[Path | None, typer.Option(help="The directory, for a folder.", show_default=False)] = None,
    category: Annotated[list[str] | None, typer.Option(help="A category, such as cs.CL; may be repeated.")] = None,
    query: Annotated[
        str | None,
        typer.Option(help="A query (arxiv-query), or venues separated by spaces (openreview).", show_default=False),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any other field as in sources.toml, such as enabled=false; may be repeated."),
    ] = None,
    interval: Annotated[str, typer.Option(help='How often to poll, such as "90s", "30m" or "6h".')] = "30m",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Add a source, or replace the one of the same name. It is polled immediately."""
    table: dict[str, Any] = {"name": name, "type": kind, "url": url, "query": query, "interval": interval}
    table |= {"path": path.expanduser().absolute() if path else None, "categories": category}
    given = {key: value for key, value in table.items() if value}
    config = parse_source(given | settings_of(setting or ()), f"The source {name!r}")
    asyncio.run(_add(Context.load(data_dir), config))
    _print({"added": name, "type": kind, "what": config.shown_target}, f"{name} added.", json=json)


@app.command()
def remove(name: Name, *, data_dir: DataDir = None, json: Json = False) -> None:
    """Remove a source. Papers from it stay."""
    found = asyncio.run(_remove(Context.load(data_dir), name))
    note = " The sources file lists it too: it returns at the next start unless it is disabled there." if found else ""
    _print({"removed": name, "in_file": found}, f"{name} removed.{note}", json=json)


@app.command(name="test")
def try_command(
    name: Annotated[str, typer.Argument(help="The name of a source, or the address of a feed.")],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what a first poll would bring, without publishing it. Exits with status 1 if the poll fails."""
    report = asyncio.run(_test(Context.load(data_dir), name))
    write_json(report) if json else _print_test(report)
    raise typer.Exit(1 if report["error"] else 0)


@app.command()
def poll(
    names: Annotated[list[str], typer.Argument(help="Names that `sources list` shows.")],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Poll sources now instead of at their next poll."""
    asyncio.run(_poll(Context.load(data_dir), names))
    _print({"due": names}, f"Due now: {', '.join(names)}.", json=json)


def settings_of(lines: Iterable[str]) -> dict[str, Any]:
    """Return the fields that lines of TOML set; raises ConfigurationError for a line that is not TOML."""
    fields: dict[str, Any] = {}
    for line in lines:
        try:
            fields |= tomllib.loads(line)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"--set {line!r} is not a line of TOML: {error}. Put text in quotes.") from error
    return fields


def _print(value: dict[str, Any], text: str, *, json: bool) -> None:
    write_json(value) if json else console.print(escape(text))


async def _store(redis: Any, settings: FetcherSettings) -> SourceStore:  # noqa: ANN401  # a Redis client
    """Return the configured sources; before a fetcher has started for the first time, seed them from the file."""
    store = SourceStore(redis)
    if not await store.revision():
        await store.seed(configured_sources(settings))
    return store


async def _list(context: Context) -> list[dict[str, Any]]:
    async with context.redis() as redis:
        store = await _store(redis, context.settings)
        states = await store.states()
        return [
            {"last_poll": None, "next_poll": None, "detail": "", "state": "waiting", **states.get(name, {})}
            | {"name": name, "type": source.config.type, "what": source.config.shown_target, "origin": source.origin}
            | {"interval": _interval_text(source.config.interval.total_seconds()), "enabled": source.config.enabled}
            for name, source in (await store.all()).items()
        ]


async def _add(context: Context, config: SourceConfig) -> None:
    try:
        check_literal(getattr(config, "url", ""), context.settings.allow_private_endpoints)
    except AddressRefusedError as error:
        raise ConfigurationError(f"The source is not added: {error}.") from error
    async with context.redis() as redis:
        await (await _store(redis, context.settings)).add(config)


async def _remove(context: Context, name: str) -> bool:
    async with context.redis() as redis:
        found = await (await _store(redis, context.settings)).remove(name)
    if not found:
        raise _unknown(name)
    return found.origin == "file"


async def _poll(context: Context, names: list[str]) -> None:
    async with context.redis() as redis:
        store = await _store(redis, context.settings)
        known = await store.all()
        for name in names:
            if name not in known:
                raise _unknown(name)
            if not await store.hasten(name):
                message = f"The source {name!r} is disabled: enable it first."
                raise ConfigurationError(message)


def _unknown(name: str) -> ConfigurationError:
    return ConfigurationError(f"There is no source {name!r}: `paperwire sources list` shows the names.")


async def _test(context: Context, name: str) -> dict[str, Any]:
    async with context.reach(()) as reach:
        settings = reach.settings.model_copy(update={"offline": False})
        redis = open_redis(settings.redis_url)
        session = open_session(settings)
        drivers = Drivers(open_polite(settings, session, redis), settings)
        try:
            found = (await (await _store(redis, settings)).all()).get(name)
            if not found and not name.startswith(("http://", "https://")):
                raise _unknown(name)
            config = (
                found.config if found else parse_source({"name": "test", "type": "feed", "url": name}, "The address")
            )
            source = drivers.make(config)
            seen = await source.poll({}) if source else Poll()
            return _report(seen, unmarked(seen.items, await redis.get(cursor_key(config.name))))
        except PaperwireError as error:
            if isinstance(error, ConfigurationError):
                raise
            return _report(Poll(state="failing", detail=str(error)), 0) | {"error": str(error)}
        finally:
            await drivers.feeds.close()
            await session.close()
            await redis.aclose()


def _report(seen: Poll, fresh: int) -> dict[str, Any]:
    items = [
        {"id": item.id, "title": item.title, "published": item.published or item.announced_on, "url": item.url}
        for item in seen.items
    ]
    refused = [{"where": refusal.where, "reason": refusal.reason} for refusal in seen.refusals]
    text = detail(seen, fresh)
    return {"state": seen.state, "detail": text, "new": fresh, "items": items, "refused": refused, "error": None}


def _print_test(report: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(report['state'])}[/bold]: {escape(report['detail'])}")
    for item in report["items"][:MAX_SHOWN]:
        console.print(f"  {escape(item['title'])} [dim]{escape(item['id'])}[/dim]")
    for row in report["refused"][:MAX_SHOWN]:
        console.print(f"  refused: {escape(row['where'])}: {escape(row['reason'])}")
    rest = max(len(report["items"]) - MAX_SHOWN, 0) + max(len(report["refused"]) - MAX_SHOWN, 0)
    if rest:
        console.print(f"  … and {rest:,} more")


def _interval_text(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"
