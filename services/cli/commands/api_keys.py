"""`paperwire keys`: create, list, rotate and revoke API keys. Needs the instance's Redis only."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from rich.markup import escape

from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_rows
from services.notifier.access.api_keys import ApiKeys
from shared.errors import ConfigurationError
from shared.readers.api_key import USUAL_SCOPES, KeyInfo, Scope

app = typer.Typer(
    add_completion=False, help="API keys: each owns the subscriptions that were created with it.", no_args_is_help=True
)
_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
KeyId = Annotated[str, typer.Argument(help="An id that `keys list` shows.")]
Expires = Annotated[
    str | None,
    typer.Option(
        help="When the key expires: a duration such as 90d, or a date such as 2027-01-31.", show_default=False
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name, such as who uses the key.")] = "default",
    *,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What the key may do; may be repeated.", show_default="read, subscribe")
    ] = None,
    expires: Expires = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Create an API key and print it; it cannot be shown again."""
    scopes = tuple(dict.fromkeys(scope or USUAL_SCOPES))
    asyncio.run(_create(Context.load(data_dir), name, scopes, _moment(expires), json=json))


@app.command(name="list")
def list_command(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the API keys with their last use, without their secrets."""
    asyncio.run(_list(Context.load(data_dir), json=json))


@app.command()
def rotate(
    key_id: KeyId,
    *,
    expires: Expires = None,
    overlap: Annotated[
        str, typer.Option(help="How long the previous key stays valid, such as 1d.", show_default="not at all")
    ] = "0m",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Replace the text of an API key and print the new one; what the key owns stays as it is."""
    asyncio.run(rotate_key(Context.load(data_dir), key_id, _moment(expires), _seconds(overlap), json=json))


@app.command()
def revoke(
    key_id: KeyId,
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Delete its subscriptions and deliveries, too.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Revoke an API key and disable its subscriptions; without --delete nothing is deleted."""
    asyncio.run(revoke_key(Context.load(data_dir), key_id, delete=delete))


async def _create(
    context: Context, name: str, scopes: tuple[Scope, ...], expires_at: datetime | None, *, json: bool
) -> None:
    async with context.redis() as redis:
        info, key = await ApiKeys(redis).create(name, scopes, expires_at)
    _print(info, key, json=json)


async def _list(context: Context, *, json: bool) -> None:
    async with context.redis() as redis:
        keys = await ApiKeys(redis).list()
    if json:
        write_json([key.model_dump(mode="json") for key in keys])
        return
    cells = []
    for key in keys:
        moments = map(_shown, (key.created_at, key.expires_at, key.last_used_at))
        cells.append((key.id, key.name, " ".join(key.scopes), *moments))
    print_rows(("id", "name", "scopes", "created", "expires", "last used"), cells, none="No keys.")


async def rotate_key(
    context: Context, key_id: str, expires_at: datetime | None, overlap: float, *, json: bool = False
) -> None:
    """Give an API key a new text and print it; raises ConfigurationError for an unknown id."""
    async with context.redis() as redis:
        made = await ApiKeys(redis).rotate(key_id, expires_at, overlap)
    if made is None:
        raise _unknown(key_id)
    _print(*made, json=json)


async def revoke_key(context: Context, key_id: str, *, delete: bool = False) -> None:
    """Revoke an API key and end what it owns; raises ConfigurationError for an unknown id.

    With `delete` a key that is revoked already is taken too, so that an interrupted deletion can be repeated.
    """
    from services.notifier.subscribing.erasure import erase_owner  # noqa: PLC0415  # the other commands need no Qdrant
    from services.notifier.subscription.store import Store  # noqa: PLC0415  # as above

    async with context.redis() as redis:
        disabled = await ApiKeys(redis).revoke(key_id)
        if disabled is None and not (delete and await Store(redis).is_revoked(key_id)):
            raise _unknown(key_id)
        deleted = await erase_owner(redis, key_id) if delete else 0
    if delete:
        console.print(f"Key {key_id} revoked; {deleted} of its subscriptions are deleted with all their deliveries.")
    else:
        console.print(f"Key {key_id} revoked; {disabled} of its subscriptions are disabled.")


def _print(info: KeyInfo, key: str, *, json: bool) -> None:
    if json:
        write_json({**info.model_dump(mode="json"), "key": key})
        return
    console.print(f"Key {info.id} ({escape(info.name)}), shown once: [bold]{key}[/bold]", soft_wrap=True)


def _unknown(key_id: str) -> ConfigurationError:
    return ConfigurationError(f"There is no key {key_id}: `paperwire keys list` shows the ids.")


def _shown(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "never"


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if not found:
        raise ConfigurationError(f"{text} is not a duration: write a number and m, h, d or w, such as 90d.")
    return float(int(found[1]) * _UNITS[found[2]])


def _moment(text: str | None) -> datetime | None:
    """Read a duration from now, or a date, at whose beginning (UTC) the key expires."""
    if text is None:
        return None
    now = datetime.now(UTC)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError as error:
            raise ConfigurationError(f"{text} is not a date, such as 2027-01-31.") from error
    else:
        moment = now + timedelta(seconds=_seconds(text))
    if moment <= now:
        raise ConfigurationError(f"{text} is in the past: choose a later time.")
    return moment
