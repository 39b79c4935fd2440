"""`paperwire subscriptions`: what a key is told of, from the command line."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from services.cli.context import DataDir, Json
from services.cli.querying import console, write_json
from services.cli.subscribing import Channel, Email, Key, PerWeek, Threshold, Webhook, reached, wish_of
from services.cli.takeover import Report, take_over
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.sources.feeds.driver import FeedConfig
from shared.bus import open_redis
from shared.errors import ConfigurationError

app = typer.Typer(help="Subscriptions of a key: look, pause, take along.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The id that `subscriptions list` shows.")]


@app.command(name="list")
def list_command(*, key: Key = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List the subscriptions of the key."""
    rows = asyncio.run(_all(data_dir, key))
    if json:
        write_json(rows)
        return
    table = Table("id", "name", "state", "threshold", "channel", box=None, header_style="dim")
    for row in rows:
        cells = (row["name"], row["state"]["status"], f"{row['threshold']:.2f}", row["channel"]["type"])
        table.add_row(row["id"], *map(escape, cells))
    console.print(table if rows else "No subscriptions.")


@app.command()
def pause(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """Pause one: nothing is matched and nothing is sent until it is resumed."""
    asyncio.run(_act(data_dir, key, f"{subscription}/pause", "POST"))
    console.print("Paused.")


@app.command()
def resume(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """Resume one, and send what was held back."""
    asyncio.run(_act(data_dir, key, f"{subscription}/resume", "POST"))
    console.print("Resumed.")


@app.command()
def delete(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """End one for good."""
    asyncio.run(_act(data_dir, key, subscription, "DELETE"))
    console.print("Ended.")


@app.command()
def explain(subscription: Id, paper: str, *, key: Key = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Say why one tells of a paper, or does not."""
    answer = asyncio.run(_explain(data_dir, key, subscription, paper))
    if json:
        write_json(answer)
        return
    console.print(escape(answer["verdict"]))
    for check in answer["checks"]:
        console.print(f"  {'yes' if check['passes'] else 'no ':<3} {check['name']}: {escape(check['detail'])}")


@app.command()
def export(*, key: Key = None, data_dir: DataDir = None) -> None:
    """Print all subscriptions as JSON, for `import`. Secrets stay here: an import makes new ones."""
    rows = asyncio.run(_all(data_dir, key))
    typer.echo(orjson.dumps({"subscriptions": rows}, option=orjson.OPT_INDENT_2).decode())


@app.command(name="import")
def import_command(  # noqa: PLR0913  # one per option
    file: Annotated[Path, typer.Argument(help="An export, BibTeX (its papers are liked), or OPML (feeds).")],
    *,
    webhook: Webhook = None,
    email: Email = None,
    channel: Channel = None,
    name: Annotated[str | None, typer.Option(help="The name of what is made.", show_default=False)] = None,
    threshold: Threshold = None,
    per_week: PerWeek = None,
    key: Key = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make subscriptions of a file. Exits with 1 when something in it could not be taken over; that is listed."""
    wish = wish_of(webhook, email, channel, threshold=threshold, per_week=per_week) | ({"name": name} if name else {})
    report = asyncio.run(_import(data_dir, key, file, wish))
    if json:
        refused = [{"where": one.where, "reason": one.reason} for one in report.refused]
        write_json({"made": report.made, "present": report.present, "refused": refused})
    else:
        _print(report)
    raise typer.Exit(1 if report.refused else 0)


def _print(report: Report) -> None:
    for made in report.made:
        console.print(f"Subscribed: {escape(made['name'])} ({made['id']}), secret: [bold]{made['secret']}[/bold]")
    if report.present:
        console.print(f"{len(report.present)} were there already.")
    for one in report.refused:
        console.print(f"Not taken over: {escape(one.where)}: {escape(one.reason)}")


async def _all(data_dir: Path | None, key: str | None) -> list[dict[str, Any]]:
    async with reached(data_dir, key, "notifier") as (api, _):
        return await api.subscriptions()


async def _act(data_dir: Path | None, key: str | None, path: str, method: str) -> None:
    async with reached(data_dir, key, "notifier") as (api, _):
        await api.call(f"/v1/subscriptions/{path}", method)


async def _explain(data_dir: Path | None, key: str | None, subscription: str, paper: str) -> Any:  # noqa: ANN401  # JSON
    async with reached(data_dir, key, "notifier") as (api, _):
        return await api.call("/v1/explain", subscription=subscription, paper=paper)


async def _import(data_dir: Path | None, key: str | None, file: Path, wish: dict[str, Any]) -> Report:
    try:
        raw = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    async with reached(data_dir, key, "notifier", "search") as (api, settings):
        redis = open_redis(settings.redis_url)
        try:
            known = await SourceStore(redis).all()
        finally:
            await redis.aclose()
        names = {source.config.url: name for name, source in known.items() if isinstance(source.config, FeedConfig)}
        return await take_over(api, raw, wish, names)
