"""`paperwire reindex`: indexes all papers anew beside the index in use, which searches go on with."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, NamedTuple, Self, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.instance.context import Context, DataDir, Json
from services.cli.instance.interrupt import interruptible
from services.cli.output import console, write_json
from services.cli.reindex.new_index import NewIndex
from shared.board.table import revisions_complete
from shared.bus import Bus, open_redis
from shared.embedding.embedder import Embedder, open_embedder
from shared.errors import ConfigurationError
from shared.outages import POSSIBLE_OUTAGES, outage
from shared.qdrant import PAPERS, SUBSCRIPTIONS, Qdrant, open_qdrant, outages
from shared.qdrant.generations import newest, outlived, target
from shared.settings import Settings

OUTAGE_S: Final = 1.0
"""Seconds between two attempts at a step while Redis or Qdrant does not answer."""
LINE_S: Final = 5.0
"""Seconds between two lines where there is no terminal."""
NICENESS: Final = 10
"""By how much the processor prefers what an instance does beside it."""
_THEMSELVES: Final = {PAPERS: PAPERS, SUBSCRIPTIONS: SUBSCRIPTIONS}
T = TypeVar("T")


class Made(NamedTuple):
    """What an index has: its collection in Qdrant, its model, and how many papers and subscriptions are in it.

    `left_out` papers are in the index in use only, since Redis has no record of them. `others` are the collections of
    papers beside it.
    """

    collection: str
    model: str
    papers: int
    subscriptions: int
    left_out: int
    others: tuple[str, ...]


def reindex(
    *,
    model: Annotated[
        str | None,
        typer.Option(
            help="The embedding model, by its name in fastembed. Without it, the present one embeds all again.",
            show_default=False,
        ),
    ] = None,
    drop_old: Annotated[
        bool,
        typer.Option(
            "--drop-old",
            help="Delete all indexes but the newest of the model, which every process has to use by then; do no more.",
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Index all papers anew, beside the index in use: for another embedding model, or after damage.

    Searches and alerts go on meanwhile. An interrupted run goes on where it stopped when it is run again; its last
    words say what to do next.
    """
    context = Context.load(data_dir)
    if drop_old:
        dropped = asyncio.run(_drop(context, model))
        if json:
            write_json({"deleted": dropped})
            return
        console.print(f"Deleted: {', '.join(dropped)}." if dropped else "There is no old index.", markup=False)
        return
    started = time.monotonic()
    made = interruptible(_reindex(context, model))
    if json:
        write_json(made._asdict())
        return
    console.print("\n".join(_said(made, time.monotonic() - started)), markup=False, soft_wrap=True)


def _said(made: Made, seconds: float) -> list[str]:
    contents = f"{made.papers:,} papers and {made.subscriptions:,} subscriptions"
    lines = [f"{contents} are in the index {made.collection!r}, with vectors of {made.model} ({seconds:.0f} s)."]
    if made.left_out:
        lines.append(
            f"{made.left_out:,} papers are left out, as Redis has no record of them: to have them, import them again."
        )
    if not made.others:
        return lines
    lines.append(
        f"Next: set PAPERWIRE_EMBEDDING_MODEL={made.model} everywhere, and restart `paperwire up`, or else every "
        "indexer, notifier and search (stop all indexers and notifiers before the first one starts). What was not "
        "restarted uses the old index. When all are, "
        f"`paperwire reindex --model {made.model} --drop-old` deletes it."
    )
    return lines


async def _reindex(context: Context, model: str | None) -> Made:
    async with context.reach(()) as reach:
        os.nice(NICENESS)
        settings = reach.settings
        client, redis = open_qdrant(settings, _THEMSELVES), open_redis(settings.redis_url)
        bus = Bus(settings, redis)
        try:
            present = await _present_model(client)
            if not await revisions_complete(redis):
                message = "The works are not listed yet: start the enricher once, and run this again."
                raise ConfigurationError(message)
            embedder = await open_embedder(model or present, settings.data_dir / "models")
            try:
                return await _fill(settings, client, embedder, bus, anew=model is None)
            finally:
                await embedder.close()
        finally:
            await client.close()
            await bus.broker.stop()
            await redis.aclose()


async def _present_model(client: Qdrant) -> str:
    async with outages():
        found = await client.located.generations(PAPERS)
    present = newest(found)
    if present is None:
        message = (
            "There is no index yet: set PAPERWIRE_EMBEDDING_MODEL to the model that you want, and start Paperwire."
        )
        raise ConfigurationError(message)
    if others := {each.model for each in found if each.complete and not each.holds(present.model)}:
        message = (
            f"There are indexes with vectors of {' and of '.join([present.model, *sorted(others)])}: "
            "`paperwire reindex --model NAME --drop-old`, with the model that is in use, deletes the others."
        )
        raise ConfigurationError(message)
    return present.model


async def _fill(settings: Settings, client: Qdrant, embedder: Embedder, bus: Bus, *, anew: bool) -> Made:
    places = {}
    async with outages():
        for collection in (PAPERS, SUBSCRIPTIONS):
            found = await client.located.generations(collection)
            places[collection] = target(collection, found, embedder.model, anew=anew)
        present = await client.located.generations(PAPERS)
        old = newest(present)
        before = (await client.count(old.name, exact=True)).count if old else 0
    new = open_qdrant(settings, places)
    try:
        with Shown() as shown:
            papers, subscriptions = await NewIndex(new, embedder, bus, shown).fill()
    finally:
        await new.close()
    others = tuple(each.name for each in present if each.name != places[PAPERS])
    return Made(places[PAPERS], embedder.model, papers, subscriptions, max(0, before - papers), others)


async def _drop(context: Context, model: str | None) -> list[str]:
    async with context.reach(()) as reach:
        client = open_qdrant(reach.settings, _THEMSELVES)
        try:
            async with outages():
                wanted = model or await _present_model(client)
                found = [await client.located.generations(collection) for collection in (PAPERS, SUBSCRIPTIONS)]
                dropped = [name for each in found for name in outlived(each, wanted)]
                if not any(newest(each, wanted) for each in found):
                    message = (
                        f"There is no whole index with vectors of {wanted}: run `paperwire reindex --model {wanted}`."
                    )
                    raise ConfigurationError(message)
                for name in dropped:
                    await client.delete_collection(name)
        finally:
            await client.close()
    return dropped


class Shown:
    """A progress bar on a terminal; elsewhere a line from time to time."""

    def __init__(self) -> None:
        target_console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(
            *columns, console=target_console, transient=True, disable=not target_console.is_terminal
        )
        self._task = self._progress.add_task("reindexing", total=None)
        self._printed = 0.0
        self._reason = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, done: int, total: int) -> None:
        """Show how many papers are in the new index, and how many there are."""
        self._reason = ""
        self._progress.update(self._task, completed=done, total=total or None)
        if not self._progress.console.is_terminal and time.monotonic() - self._printed > LINE_S:
            self._printed = time.monotonic()
            sys.stderr.write(f"reindexing: {done:,} of {total:,} papers\n")

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step until no outage prevents it, and print once what is waited for."""
        while True:
            try:
                return await step()
            except POSSIBLE_OUTAGES as error:
                if (reason := outage(error)) is None:
                    raise
                if reason != self._reason:
                    sys.stderr.write(f"reindexing: waiting, since {reason}\n")
                self._reason = reason
                await asyncio.sleep(OUTAGE_S)
