"""`paperwire subscriptions`: list, show, change, explain, export and import the subscriptions of a key."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from services.cli.commands.cited_papers import print_citations
from services.cli.commands.liked_places import print_following
from services.cli.commands.subscribe import (
    Channel,
    Email,
    Key,
    PerWeek,
    Threshold,
    Webhook,
    open_api,
    subscription_fields,
)
from services.cli.instance.context import DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_rows
from services.cli.transfer.formats import MAX_FILE
from services.cli.transfer.importer import Here, Report, import_subscriptions
from services.cli.transfer.opml import same_address
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.sources.feeds.driver import FeedConfig
from shared.bus import open_redis
from shared.errors import ConfigurationError

app = typer.Typer(add_completion=False, help="Subscriptions of an API key.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="An id that `subscriptions list` shows.")]


@app.command(name="list")
def list_command(*, key: Key = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List the subscriptions of the key."""
    rows = asyncio.run(_all(data_dir, key))
    if json:
        write_json(rows)
        return
    cells = [
        (row["id"], row["name"], row["state"]["status"], f"{row['threshold']:.2f}", row["channel"]["type"])
        for row in rows
    ]
    print_rows(("id", "name", "state", "threshold", "channel"), cells, none="No subscriptions.")


@app.command()
def show(subscription: Id, *, key: Key = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Show one subscription, with what is known of its liked papers and of who cites yours."""
    one = asyncio.run(_one(data_dir, key, subscription))
    if json:
        write_json(one)
        return
    reason = one["state"]["reason"]
    console.print(f"{escape(one['name'])} ({one['id']})")
    console.print(f"State: {one['state']['status']}" + (f": {escape(reason)}" if reason else ""))
    console.print(f"Threshold: {one['threshold']:.2f}. Channel: {one['channel']['type']}.")
    if one["query"]:
        console.print(f"Query: {escape(one['query'])}")
    lists = ("like", "unlike", "must", "any", "not", "categories", "authors", "sources", "papers", "mute_authors")
    for name in lists:
        if one[name]:
            console.print(f"{name}: {escape(', '.join(one[name]))}")
    print_following(one)
    print_citations(one)


@app.command()
def pause(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """Pause a subscription: nothing is matched or sent until it is resumed."""
    asyncio.run(_act(data_dir, key, f"{subscription}/pause", "POST"))
    console.print("Paused.")


@app.command()
def resume(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """Resume a subscription, and send what was held back."""
    asyncio.run(_act(data_dir, key, f"{subscription}/resume", "POST"))
    console.print("Resumed.")


@app.command()
def delete(subscription: Id, *, key: Key = None, data_dir: DataDir = None) -> None:
    """Delete a subscription permanently."""
    asyncio.run(_act(data_dir, key, subscription, "DELETE"))
    console.print("Deleted.")


@app.command()
def explain(
    subscription: Id,
    paper: Annotated[str, typer.Argument(help="An arXiv id, a DOI or the id of a paper.")],
    *,
    key: Key = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Explain why a subscription matches a paper, or why it does not."""
    answer = asyncio.run(_explain(data_dir, key, subscription, paper))
    if json:
        write_json(answer)
        return
    console.print(escape(answer["verdict"]))
    for check in answer["checks"]:
        console.print(f"  {'yes' if check['passes'] else 'no ':<3} {check['name']}: {escape(check['detail'])}")


@app.command()
def export(*, key: Key = None, data_dir: DataDir = None) -> None:
    """Print all subscriptions as JSON, for `subscriptions import`. Secrets are left out: an import creates new ones."""
    rows = asyncio.run(_all(data_dir, key))
    write_json({"subscriptions": rows}, indent=True)


@app.command(name="import")
def import_command(  # noqa: PLR0913  # one per option
    file: Annotated[
        Path,
        typer.Argument(help="An export, BibTeX (its papers are liked) or OPML (feeds and searches to follow)."),
    ],
    *,
    webhook: Webhook = None,
    email: Email = None,
    channel: Channel = None,
    name: Annotated[str | None, typer.Option(help="The name of the new subscriptions.", show_default=False)] = None,
    threshold: Threshold = None,
    per_week: PerWeek = None,
    key: Key = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Create subscriptions from a file. Lists what could not be imported, and then exits with status 1."""
    fields = subscription_fields(webhook, email, channel, threshold=threshold, per_week=per_week) | (
        {"name": name} if name else {}
    )
    report = asyncio.run(_import(data_dir, key, file, fields))
    if json:
        refused = [{"where": one.where, "reason": one.reason} for one in report.refused]
        write_json({"made": report.created, "present": report.present, "refused": refused})
    else:
        _print(report)
    raise typer.Exit(1 if report.refused else 0)


def _print(report: Report) -> None:
    for created in report.created:
        console.print(
            f"Subscribed: {escape(created['name'])} ({created['id']}), secret: [bold]{created['secret']}[/bold]"
        )
    if report.present:
        console.print(f"{len(report.present)} already exist.")
    for one in report.refused:
        console.print(f"Not imported: {escape(one.where)}: {escape(one.reason)}")


async def _all(data_dir: Path | None, key: str | None) -> list[dict[str, Any]]:
    async with open_api(data_dir, key, "notifier") as (api, _):
        return await api.subscriptions()


async def _one(data_dir: Path | None, key: str | None, subscription: str) -> Any:  # noqa: ANN401  # JSON
    async with open_api(data_dir, key, "notifier") as (api, _):
        return await api.call(f"/v1/subscriptions/{subscription}")


async def _act(data_dir: Path | None, key: str | None, path: str, method: str) -> None:
    async with open_api(data_dir, key, "notifier") as (api, _):
        await api.call(f"/v1/subscriptions/{path}", method)


async def _explain(data_dir: Path | None, key: str | None, subscription: str, paper: str) -> Any:  # noqa: ANN401  # JSON
    async with open_api(data_dir, key, "notifier") as (api, _):
        return await api.call("/v1/explain", subscription=subscription, paper=paper)


def _beginning(file: Path) -> bytes:
    """Read a file, or so much of it that it is seen to be too large."""
    with file.open("rb") as opened:
        return opened.read(MAX_FILE + 1)


async def _import(data_dir: Path | None, key: str | None, file: Path, fields: dict[str, Any]) -> Report:
    try:
        raw = await asyncio.to_thread(_beginning, file)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    async with open_api(data_dir, key, "notifier", "search") as (api, settings):
        redis = open_redis(settings.redis_url)
        try:
            known = await SourceStore(redis).all()
        finally:
            await redis.aclose()
        feeds = [(name, source.config) for name, source in known.items() if isinstance(source.config, FeedConfig)]
        names = {address: name for name, config in feeds if (address := same_address(config.url))}
        here = Here(names, tuple(site for site in (api.url, settings.public_url) if site))
        return await import_subscriptions(api, raw, fields, here)
