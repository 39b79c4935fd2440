"""`paperwire subscribe`, and the options that it shares with `paperwire subscriptions`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from rich.markup import escape

from services.cli.commands.cited_papers import Cites, cites_fields, print_citations
from services.cli.commands.liked_places import (
    Collection,
    Orcid,
    ReadingList,
    SemanticScholar,
    Tag,
    Zotero,
    ZoteroKeyFile,
    after_first_visit,
    place_fields,
    print_following,
)
from services.cli.instance.api import Api
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from shared.errors import ConfigurationError

MAX_KEY: Final = 1_000
"""Characters that are read of the file of a key."""


def read_key(key: str | None) -> str | None:
    """Return an API key, or the one in the file that `@file` names: arguments are shown to all users of a machine."""
    if key is None:
        return None
    text = (_text_of(Path(key[1:])) if key.startswith("@") else key).strip()
    if not text.isprintable():
        raise typer.BadParameter("it has line breaks or control characters; give one key as it was printed")
    return text


def _text_of(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(MAX_KEY)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"the file {file} cannot be read: {error}") from error


Key = Annotated[
    str | None,
    typer.Option(
        help="The API key that owns the subscription, or @ and the file that holds it.",
        envvar="PAPERWIRE_API_KEY",
        show_default=False,
        callback=read_key,
    ),
]
Many = Annotated[list[str] | None, typer.Option(help="May be repeated.", show_default=False)]
Webhook = Annotated[str | None, typer.Option(help="The URL that receives the alerts.", show_default=False)]
Email = Annotated[str | None, typer.Option(help="The address that receives the alerts by mail.", show_default=False)]
Channel = Annotated[str | None, typer.Option(help='Another channel, as JSON: {"type": "ntfy", …}.', show_default=False)]
Threshold = Annotated[float | None, typer.Option(min=0, max=1, help="The lowest score that matches.")]
PerWeek = Annotated[float | None, typer.Option(help="About how many alerts a week, in place of a threshold.")]


def subscribe(  # noqa: PLR0913  # one per option
    query: Annotated[str | None, typer.Argument(help="Your interest in plain words.")] = None,
    *,
    webhook: Webhook = None,
    email: Email = None,
    channel: Channel = None,
    name: Annotated[
        str | None, typer.Option(help="A name for the subscription.", show_default="derived from the query")
    ] = None,
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
    only_if: Annotated[
        str | None, typer.Option(help="A condition in plain words that a language model checks.", show_default=False)
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The language of summaries, such as de.", show_default=False)
    ] = None,
    zotero: Zotero = None,
    zotero_key_file: ZoteroKeyFile = None,
    collection: Collection = None,
    tag: Tag = None,
    orcid: Orcid = None,
    semantic_scholar: SemanticScholar = None,
    reading_list: ReadingList = False,
    cites: Cites = None,
    key: Key = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Subscribe to papers that match a query, phrases, authors, categories, sources, a library, or cite yours."""
    lists = {"like": like, "unlike": unlike, "must": must, "categories": category, "authors": author}
    lists |= {"sources": source, "papers": paper, "changes": change}
    fields = subscription_fields(webhook, email, channel, threshold=threshold, per_week=per_week)
    fields |= place_fields(zotero, zotero_key_file, collection, tag, orcid, semantic_scholar, reading_list=reading_list)
    fields |= cites_fields(cites or [])
    body = fields | {"query": query, "name": name, "only_if": only_if, "language": language} | lists
    asyncio.run(_subscribe(data_dir, key, {k: v for k, v in body.items() if v}, json=json))


async def _subscribe(data_dir: Path | None, key: str | None, body: dict[str, Any], *, json: bool) -> None:
    async with open_api(data_dir, key, "notifier") as (api, settings):
        made = await api.call("/v1/subscriptions", "POST", body=body)
        if made["channel"]["type"] == "feed":
            made["feed"] = await api.call(f"/v1/subscriptions/{made['id']}/feed", "GET")
        if made["likes_from"] and not settings.offline:
            with contextlib.suppress(TimeoutError):  # the subscription is there, and says so itself later
                made = await after_first_visit(api, made)
    if json:
        write_json(made)
        return
    console.print(f"Subscribed: {escape(made['name'])} ({made['id']})")
    for note in made.get("notes", ()):
        console.print(f"Note: {escape(note)}")
    print_following(made)
    print_citations(made)
    if made["state"]["status"] == "unconfirmed":
        console.print(
            f"Nothing is sent until the link in the mail to {escape(made['channel']['address'])} is opened to confirm."
        )
    if made["channel"]["type"] == "feed":
        console.print(f"Feed: {escape(made['feed']['atom'])}", soft_wrap=True)
        console.print("Whoever knows this address can read it.")
    if made["channel"]["type"] == "webhook":
        console.print(f"Webhook secret, shown once: [bold]{made['secret']}[/bold]")


def subscription_fields(
    webhook: str | None, email: str | None, channel: str | None, *, threshold: float | None, per_week: float | None
) -> dict[str, Any]:
    """Return the fields of a subscription that the options set."""
    if sum(option is not None for option in (webhook, email, channel)) > 1:
        raise ConfigurationError("Give one of --webhook, --email and --channel.")
    fields: dict[str, Any] = {}
    if webhook:
        fields["channel"] = {"type": "webhook", "url": webhook}
    if email:
        fields["channel"] = {"type": "email", "address": email}
    if channel:
        try:
            fields["channel"] = orjson.loads(channel)
        except orjson.JSONDecodeError as error:
            raise ConfigurationError(f"--channel is not valid JSON: {error}.") from error
    if threshold is not None:
        fields["sensitivity"] = threshold
    return fields | ({"sensitivity": {"per_week": per_week}} if per_week is not None else {})


@contextlib.asynccontextmanager
async def open_api(data_dir: Path | None, key: str | None, *services: str) -> AsyncIterator[tuple[Api, Any]]:
    """Open the API of the running instance, or of services that are started for the block; yield its settings too."""
    if not key:
        message = "An API key is needed: give --key, set PAPERWIRE_API_KEY, or create one with `paperwire keys create`."
        raise ConfigurationError(message)
    async with Context.load(data_dir).reach(builders(*services), http_only=True) as reach:
        yield Api(reach.http_url, key), reach.settings
