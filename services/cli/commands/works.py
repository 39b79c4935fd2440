"""`paperwire works`: shows what a work was put together from, and corrects it. The index follows."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import typer

from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_rows
from services.enricher.regrouping import Regrouped, join_works, read_work, split_work
from services.enricher.works.parts import parts_of
from services.enricher.works.work import Work
from shared.bus import Bus, open_redis
from shared.bus.import_progress import IMPORT, read

app = typer.Typer(add_completion=False, help="Works: what is one work, and what is not.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="Any id of the work: its own, a DOI, an arXiv id, an address.", metavar="ID")]
T = TypeVar("T")
INDEXED_S: Final = 60.0
"""Seconds that a command waits for the index to follow."""
_POLL_S: Final = 0.1
INDEX_LATE: Final = "The index does not answer yet: it follows when the indexer runs."


@app.command()
def show(work: Id, *, data_dir: DataDir = None, json: Json = False) -> None:
    """Show under which ids a work was seen, and where."""
    found = asyncio.run(_with_bus(Context.load(data_dir), lambda bus: read_work(bus, work)))
    rows = _rows(found)
    if json:
        write_json({"id": found.paper.id, "parts": rows, "joined": found.joined, "apart": found.apart})
        return
    console.print(f"{found.paper.id}: {found.paper.title}", markup=False)
    cells = [[text if isinstance(text, str) else ", ".join(text) for text in row.values()] for row in rows]
    print_rows(("ids", "sources", "title", "seen"), cells)


@app.command()
def split(
    work: Id,
    others: Annotated[
        list[str] | None,
        typer.Argument(
            help="Ids of what leaves it together. Without any: what was seen under ID.", metavar="[OTHER]..."
        ),
    ] = None,
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Undo a wrong join, for good: what was seen under an id becomes a work of its own. Nobody is alerted."""
    done = _ruled(data_dir, lambda bus, name: split_work(bus, work, others or (), datetime.now(UTC), name))
    kept, *gone = done.works
    if json:
        write_json({"kept": kept.paper.id, "split_off": [each.paper.id for each in gone], "apart": kept.apart})
        return
    for each in gone:
        console.print(f"{each.paper.id} is a work of its own: {each.paper.title}", markup=False)
    console.print(f"{kept.paper.id} stays {kept.paper.title!r}, known as {', '.join(kept.aliases)}.", markup=False)


@app.command()
def join(work: Id, other: Id, *, data_dir: DataDir = None, json: Json = False) -> None:
    """Join two works into one, for good. Nobody is alerted."""
    (united,) = _ruled(data_dir, lambda bus, name: join_works(bus, (work, other), datetime.now(UTC), name)).works
    if json:
        write_json({"id": united.paper.id, "ids": united.aliases})
        return
    console.print(f"{united.paper.id} is known as {', '.join(united.aliases)}.", markup=False)


def _rows(work: Work) -> list[dict[str, str | list[str]]]:
    return [
        {
            "ids": sorted({ref.id for ref in part.paper.sources}) or list(part.aliases),
            "sources": sorted({ref.source for ref in part.paper.sources}),
            "title": part.paper.title,
            "seen": min((ref.seen_at for ref in part.paper.sources if ref.seen_at), default=""),
        }
        for part in parts_of(work)
    ]


def _ruled(data_dir: DataDir, rule: Callable[[Bus, str], Awaitable[Regrouped]]) -> Regrouped:
    async def ruled(bus: Bus) -> Regrouped:
        correlation = f"{IMPORT}works-{secrets.token_hex(6)}"
        done = await rule(bus, correlation)
        if not await indexed(bus.redis, correlation, len(done.events)):
            console.print(INDEX_LATE, markup=False)
        return done

    return asyncio.run(_with_bus(Context.load(data_dir), ruled))


async def indexed(redis: Any, correlation: str, events: int) -> bool:  # noqa: ANN401  # a Redis client
    """Wait until the indexer has handled some events; return whether it has."""
    for _ in range(round(INDEXED_S / _POLL_S)):
        if (await read(redis, correlation)).get("indexer", 0) >= events:
            return True
        await asyncio.sleep(_POLL_S)
    return False


async def _with_bus(context: Context, act: Callable[[Bus], Awaitable[T]]) -> T:
    """Act on the streams of the instance, or of one that runs for that time."""
    async with context.reach(builders("enricher", "indexer")) as reach:
        redis = open_redis(reach.settings.redis_url)
        bus = Bus(reach.settings, redis)
        try:
            await bus.broker.connect()
            return await act(bus)
        finally:
            await bus.broker.stop()
            await redis.aclose()
