"""`paperwire dead`: list, show, replay and drop dead letters. Needs the instance's Redis only."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_fields, print_rows
from shared.bus.dead import DeadLetter, drop, letters, replay
from shared.errors import ConfigurationError
from shared.papers.streams import STREAMS

app = typer.Typer(add_completion=False, help="Dead letters: events that could not be handled.", no_args_is_help=True)
MAX_LETTERS: Final = 1_000
"""Dead letters read from one stream."""
Ids = Annotated[list[str], typer.Argument(help="Ids as `dead list` shows them, or `all`.")]


@app.command(name="list")
def list_command(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the dead letters of every stream, without their bodies."""
    found = asyncio.run(_read(Context.load(data_dir)))
    if json:
        write_json([{k: v for k, v in asdict(letter).items() if k != "body"} for letter in found])
        return
    cells = [(one.id, one.stream, one.died_at, str(one.deliveries), one.reason[:200]) for one in found]
    print_rows(("id", "stream", "died at", "deliveries", "reason"), cells, none="No dead letters.")


@app.command()
def show(
    letter: Annotated[str, typer.Argument(help="An id that `dead list` shows.")],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show one dead letter with its body."""
    found = next((one for one in asyncio.run(_read(Context.load(data_dir))) if one.id == letter), None)
    if not found:
        raise _unknown(letter)
    if json:
        write_json(asdict(found))
        return
    print_fields(found.id, [(name, str(value)) for name, value in asdict(found).items() if name != "id"])


@app.command(name="replay")
def replay_command(letters: Ids, *, data_dir: DataDir = None) -> None:
    """Put dead letters back into their streams, to be handled again."""
    console.print(f"{asyncio.run(_each_stream(Context.load(data_dir), letters, replay))} dead letters replayed.")


@app.command(name="drop")
def drop_command(letters: Ids, *, data_dir: DataDir = None) -> None:
    """Delete dead letters permanently."""
    console.print(f"{asyncio.run(_each_stream(Context.load(data_dir), letters, drop))} dead letters dropped.")


async def _read(context: Context) -> list[DeadLetter]:
    async with context.redis() as redis:
        return await _all(redis)


async def _all(redis: Any) -> list[DeadLetter]:  # noqa: ANN401  # a Redis client
    return [letter for stream in STREAMS for letter in await letters(redis, stream.name, limit=MAX_LETTERS)]


async def _each_stream(context: Context, ids: Sequence[str], act: Any) -> int:  # noqa: ANN401  # `replay` or `drop`
    async with context.redis() as redis:
        chosen = _chosen(await _all(redis), ids)
        return sum([await act(redis, stream.name, chosen.get(stream.name, [])) for stream in STREAMS])


def _chosen(found: Sequence[DeadLetter], ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the chosen ids by stream; raises ConfigurationError for an unknown one."""
    wanted = {letter.id for letter in found} if list(ids) == ["all"] else set(ids)
    if missing := wanted - {letter.id for letter in found}:
        raise _unknown(min(missing))
    chosen: dict[str, list[str]] = {}
    for letter in found:
        if letter.id in wanted:
            chosen.setdefault(letter.stream, []).append(letter.id)
    return chosen


def _unknown(letter: str) -> ConfigurationError:
    return ConfigurationError(f"There is no dead letter {letter}: `paperwire dead list` shows the ids.")
