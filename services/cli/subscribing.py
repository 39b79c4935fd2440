"""`paperwire subscribe`, and the options that it shares with `paperwire subscriptions`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape

from services.cli.context import Context, DataDir, Json
from services.cli.querying import console, write_json
from services.cli.roots import builders
from services.cli.takeover import Api
from shared.errors import ConfigurationError

Key = Annotated[str | None, typer.Option(help="The API key.", envvar="PAPERWIRE_API_KEY", show_default=False)]
Many = Annotated[list[str] | None, typer.Option(help="May be repeated.", show_default=False)]
Webhook = Annotated[str | None, typer.Option(help="The address that gets the alerts.", show_default=False)]
Email = Annotated[str | None, typer.Option(help="The mailbox that gets them.", show_default=False)]
Channel = Annotated[str | None, typer.Option(help='Another channel, as JSON: {"type": "ntfy", …}.', show_default=False)]
Threshold = Annotated[float | None, typer.Option(min=0, max=1, help="How close a paper has to be.")]
PerWeek = Annotated[float | None, typer.Option(help="About so many a week, in place of a threshold.")]


def subscribe(  # noqa: PLR0913  # one per option
    query: Annotated[str | None, typer.Argument(help="What you want to be told of, in plain words.")] = None,
    *,
    webhook: Webhook = None,
    email: Email = None,
    channel: Channel = None,
    name: Annotated[str | None, typer.Option(help="Your name for it.", show_default="made from it")] = None,
    threshold: Threshold = None,
    per_week: PerWeek = None,
    like: Many = None,
    unlike: Many = None,
    must: Many = None,
    category: Many = None,
    author: Many = None,
    source: Many = None,
    paper: Many = None,
    change: Many = None,
    key: Key = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Subscribe to papers close to a sentence, or to phrases, authors, categories, sources, single papers."""
    lists = {"like": like, "unlike": unlike, "must": must, "categories": category, "authors": author}
    lists |= {"sources": source, "papers": paper, "changes": change}
    wish = wish_of(webhook, email, channel, threshold=threshold, per_week=per_week)
    body = wish | {"query": query, "name": name} | lists
    asyncio.run(_subscribe(data_dir, key, {k: v for k, v in body.items() if v}, json=json))


async def _subscribe(data_dir: Path | None, key: str | None, body: dict[str, Any], *, json: bool) -> None:
    async with reached(data_dir, key, "notifier") as (api, _):
        made = await api.call("/v1/subscriptions", "POST", body=body)
    if json:
        write_json(made)
        return
    console.print(f"Subscribed: {escape(made['name'])} ({made['id']})")
    if made["channel"]["type"] == "webhook":
        console.print(f"Secret of the webhook, shown once: [bold]{made['secret']}[/bold]")


def wish_of(
    webhook: str | None, email: str | None, channel: str | None, *, threshold: float | None, per_week: float | None
) -> dict[str, Any]:
    """Make the fields of a subscription that options give."""
    if sum(option is not None for option in (webhook, email, channel)) > 1:
        raise ConfigurationError("Give one of --webhook, --email and --channel.")
    wish: dict[str, Any] = {}
    if webhook:
        wish["channel"] = {"type": "webhook", "url": webhook}
    if email:
        wish["channel"] = {"type": "email", "address": email}
    if channel:
        try:
            wish["channel"] = orjson.loads(channel)
        except orjson.JSONDecodeError as error:
            raise ConfigurationError(f"--channel is no valid JSON: {error}.") from error
    if threshold is not None:
        wish["sensitivity"] = threshold
    return wish | ({"sensitivity": {"per_week": per_week}} if per_week is not None else {})


@contextlib.asynccontextmanager
async def reached(data_dir: Path | None, key: str | None, *services: str) -> AsyncIterator[tuple[Api, Any]]:
    """Reach the API of the instance, or of services started for the time of the block; give its settings too."""
    if not key:
        message = "An API key is needed: give --key, set PAPERWIRE_API_KEY, or make one with `paperwire keys create`."
        raise ConfigurationError(message)
    async with Context.load(data_dir).reach(builders(*services)) as reach:
        yield Api(reach.http_url, key), reach.settings
