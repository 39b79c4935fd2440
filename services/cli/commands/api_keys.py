"""`paperwire keys`: create, list and revoke API keys. Needs the instance's Redis only."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.notifier.access.api_keys import ApiKeys
from services.notifier.subscription.store import Store
from shared.errors import ConfigurationError

app = typer.Typer(help="API keys: each owns the subscriptions that were created with it.", no_args_is_help=True)
REVOKED: Final = "Its API key was revoked."


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name, such as who uses the key.")] = "default",
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Create an API key and print it; it cannot be shown again."""
    asyncio.run(_create(Context.load(data_dir), name, json=json))


@app.command(name="list")
def list_command(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the API keys, without their secrets."""
    asyncio.run(_list(Context.load(data_dir), json=json))


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="An id that `keys list` shows.")], *, data_dir: DataDir = None
) -> None:
    """Revoke an API key and disable its subscriptions; nothing is deleted."""
    asyncio.run(revoke_key(Context.load(data_dir), key_id))


async def _create(context: Context, name: str, *, json: bool) -> None:
    async with context.redis() as redis:
        info, key = await ApiKeys(redis).create(name)
    if json:
        write_json({**info.model_dump(mode="json"), "key": key})
        return
    console.print(f"Key {info.id} ({escape(name)}), shown once: [bold]{key}[/bold]", soft_wrap=True)


async def _list(context: Context, *, json: bool) -> None:
    async with context.redis() as redis:
        keys = await ApiKeys(redis).list()
    if json:
        write_json([key.model_dump(mode="json") for key in keys])
        return
    table = Table("id", "name", "created", box=None, header_style="dim")
    for key in keys:
        table.add_row(key.id, escape(key.name), key.created_at.isoformat(timespec="seconds"))
    console.print(table if keys else "No keys.")


async def revoke_key(context: Context, key_id: str) -> None:
    """Revoke an API key and disable its subscriptions; raises ConfigurationError for an unknown id."""
    async with context.redis() as redis:
        if not await ApiKeys(redis).revoke(key_id):
            message = f"There is no key {key_id}: `paperwire keys list` shows the ids."
            raise ConfigurationError(message)
        disabled = await Store(redis).disable_all(key_id, REVOKED, datetime.now(UTC))
    console.print(f"Key {key_id} revoked; {disabled} of its subscriptions are disabled.")
