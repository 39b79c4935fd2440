"""Commands on dead letters and API keys: they need the instance's Redis and nothing else."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from services.cli.context import Context
from services.cli.querying import console, write_json
from services.notifier.access.api_keys import ApiKeys
from services.notifier.subscription.store import Store
from shared.bus.dead import DeadLetter, drop, letters, replay
from shared.errors import ConfigurationError
from shared.papers.streams import STREAMS

REVOKED: Final = "Its API key was revoked."


async def _all_letters(redis: Any) -> list[DeadLetter]:  # noqa: ANN401  # a Redis client
    return [letter for stream in STREAMS for letter in await letters(redis, stream.name, limit=1_000)]


async def dead_list(context: Context, *, json: bool) -> None:
    """List the dead letters, without their bodies."""
    async with context.redis() as redis:
        found = await _all_letters(redis)
    if json:
        write_json([{k: v for k, v in asdict(letter).items() if k != "body"} for letter in found])
        return
    table = Table("id", "stream", "died at", "deliveries", "reason", box=None, header_style="dim")
    for letter in found:
        table.add_row(letter.id, letter.stream, letter.died_at, str(letter.deliveries), escape(letter.reason[:200]))
    console.print(table if found else "No dead letters.")


async def dead_show(context: Context, letter_id: str, *, json: bool) -> None:
    """Show one dead letter with its body; raises ConfigurationError when there is none of that id."""
    async with context.redis() as redis:
        found = [letter for letter in await _all_letters(redis) if letter.id == letter_id]
    if not found:
        message = f"There is no dead letter {letter_id}: `paperwire dead list` shows the ids."
        raise ConfigurationError(message)
    if json:
        write_json(asdict(found[0]))
        return
    for name, value in asdict(found[0]).items():
        console.print(f"[dim]{name:>15}[/dim]  {escape(str(value))}")


async def dead_replay(context: Context, ids: Sequence[str]) -> None:
    """Put dead letters back into their streams."""
    async with context.redis() as redis:
        chosen = _chosen(await _all_letters(redis), ids)
        count = sum([await replay(redis, stream.name, chosen.get(stream.name, [])) for stream in STREAMS])
    console.print(f"{count} dead letters replayed.")


async def dead_drop(context: Context, ids: Sequence[str]) -> None:
    """Delete dead letters for good."""
    async with context.redis() as redis:
        chosen = _chosen(await _all_letters(redis), ids)
        count = sum([await drop(redis, stream.name, chosen.get(stream.name, [])) for stream in STREAMS])
    console.print(f"{count} dead letters dropped.")


def _chosen(found: Sequence[DeadLetter], ids: Sequence[str]) -> dict[str, list[str]]:
    wanted = {letter.id for letter in found} if list(ids) == ["all"] else set(ids)
    missing = wanted - {letter.id for letter in found}
    if missing:
        message = f"There is no dead letter {min(missing)}: `paperwire dead list` shows the ids."
        raise ConfigurationError(message)
    chosen: dict[str, list[str]] = {}
    for letter in found:
        if letter.id in wanted:
            chosen.setdefault(letter.stream, []).append(letter.id)
    return chosen


async def keys_create(context: Context, name: str, *, json: bool) -> None:
    """Create an API key and print it, once."""
    async with context.redis() as redis:
        info, key = await ApiKeys(redis).create(name)
    if json:
        write_json({**info.model_dump(mode="json"), "key": key})
        return
    console.print(f"Key {info.id} ({escape(name)}), shown once: [bold]{key}[/bold]", soft_wrap=True)


async def keys_list(context: Context, *, json: bool) -> None:
    """List the API keys."""
    async with context.redis() as redis:
        keys = await ApiKeys(redis).list()
    if json:
        write_json([key.model_dump(mode="json") for key in keys])
        return
    table = Table("id", "name", "created", box=None, header_style="dim")
    for key in keys:
        table.add_row(key.id, escape(key.name), key.created_at.isoformat(timespec="seconds"))
    console.print(table if keys else "No keys.")


async def keys_revoke(context: Context, key_id: str) -> None:
    """Revoke an API key, and stop what it owns; raises ConfigurationError when there is none of that id."""
    async with context.redis() as redis:
        if not await ApiKeys(redis).revoke(key_id):
            message = f"There is no key {key_id}: `paperwire keys list` shows the ids."
            raise ConfigurationError(message)
        stopped = await Store(redis).disable_all(key_id, REVOKED, datetime.now(UTC))
    console.print(f"Key {key_id} revoked; {stopped} subscriptions of it send no more.")
