"""`paperwire import`: reads files, publishes their papers, and waits until these are searchable."""

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from services.cli.commands.standstill import Patience, Standstill
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import write_json
from services.fetcher.polling.disk_space import DiskState, disk_state, sentence, space_of
from services.fetcher.polling.outcome import CHUNK, publish_items
from services.fetcher.sources.feeds.driver import FeedProcess
from services.fetcher.sources.files.reader import Row, read_papers
from services.fetcher.sources.port import Refusal
from shared.bus import Bus, import_progress, open_redis
from shared.coordination.durability import durable
from shared.errors import PermanentError, TransientError
from shared.outages import POSSIBLE_OUTAGES, outage
from shared.papers.streams import ENRICHED
from shared.settings import Settings

T = TypeVar("T")
_PATIENT: Final = Patience()
POLL_S: Final = 0.1
OUTAGE_S: Final = 1.0
"""Seconds between two attempts at a step while Redis does not answer or refuses it."""
PROGRESS_S: Final = 5.0
"""Seconds between progress lines where there is no terminal."""


@dataclass
class Summary:
    """The result of an import. Papers that were `refused` are not in the index; `cleaned` ones are, after repair."""

    read: int = 0
    searchable: int = 0
    changed: int = 0
    dead: int = 0
    seconds: float = 0.0
    refused: list[dict[str, str]] = field(default_factory=list)
    cleaned: list[dict[str, str]] = field(default_factory=list)

    def note(self, file: Path, refusals: Sequence[Refusal]) -> None:
        """Add what was refused or cleaned in a file."""
        for refusal in refusals:
            row = {"file": str(file), "where": refusal.where, "reason": refusal.reason}
            (self.cleaned if refusal.cleaned else self.refused).append(row)


def import_command(
    files: Annotated[
        list[Path], typer.Argument(help="JSON Lines, Atom, RSS or OAI-PMH XML, gzipped or not; - is standard input.")
    ],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Import papers and wait until they are searchable. Exits with status 1 if any were refused."""
    raise typer.Exit(asyncio.run(_import(Context.load(data_dir), files, json=json)))


async def _import(context: Context, files: Sequence[Path], *, json: bool) -> int:
    async with context.reach(builders("enricher", "indexer", "notifier", "search")) as reach:
        summary = await import_files(reach.settings, files)
    _print(summary, json=json)
    return 1 if summary.refused or summary.dead else 0


async def import_files(
    settings: Settings,
    files: Sequence[Path],
    source: str = "file",
    patience: Patience = _PATIENT,
    announced: str | None = None,
) -> Summary:
    """Publish the papers of files, and wait until each is searchable or has become a dead letter.

    `announced` says for all of them how they were announced.

    Raises:
        StandstillError: nobody works on them, and `patience` is over.

    """
    redis = open_redis(settings.redis_url)
    started = time.monotonic()
    try:
        with progress_bar() as progress:
            tracker = _Tracker(progress, progress.add_task("importing", total=None))
            summary, correlation = await _publish(Bus(settings, redis), files, source, tracker, announced)
            await _wait(redis, correlation, summary, tracker, Standstill(redis, patience))
            await tracker.patiently(partial(durable, redis))
    finally:
        await redis.aclose()
    summary.seconds = round(time.monotonic() - started, 2)
    return summary


async def _publish(
    bus: Bus, files: Sequence[Path], source: str, tracker: "_Tracker", announced: str | None
) -> tuple[Summary, str]:
    summary = Summary()
    correlation = f"{import_progress.IMPORT}{secrets.token_hex(8)}"
    await bus.broker.connect()
    feeds = FeedProcess()
    try:
        for file in files:
            rows = read_papers(file, source, feeds.from_thread())
            try:
                while chunk := await asyncio.to_thread(_take, rows):
                    items = [item for item, _ in chunk if item]
                    if announced:
                        items = [item.model_copy(update={"announced": announced}) for item in items]
                    await tracker.patiently(partial(_check_room, bus.settings.data_dir))
                    await tracker.patiently(partial(publish_items, bus, items, correlation))
                    summary.read += len(items)
                    for _, refusals in chunk:
                        summary.note(file, refusals)
                    tracker.show(0, summary.read)
            except PermanentError as error:
                summary.note(file, [Refusal("file", str(error))])
    finally:
        await feeds.close()
        await bus.broker.stop()
    return summary, correlation


async def _check_room(data_dir: Path) -> None:
    """Raise TransientError while so little of the disk is free that nothing may be fetched."""
    space = space_of(data_dir)
    if (state := disk_state(space)) is DiskState.PAUSED:
        raise TransientError(sentence(space, state))


def _take(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, CHUNK))


async def _wait(
    redis: Any,  # noqa: ANN401  # a client
    correlation: str,
    summary: Summary,
    tracker: "_Tracker",
    standstill: Standstill,
) -> None:
    """Follow the counters that every service increments in the transaction of its own step.

    The enricher publishes every paper of an import, also those that change nothing, so the indexer has checked or
    written what it counts. Only a dead letter is merged and not published.
    """
    while True:
        counts = await tracker.patiently(partial(import_progress.read, redis, correlation))
        merged, published, indexed = (counts.get(name, 0) for name in ("enricher", ENRICHED.name, "indexer"))
        summary.changed, summary.dead = published - counts.get("unchanged", 0), counts.get(import_progress.DEAD, 0)
        done = min(summary.read, merged - published + indexed)
        summary.searchable = done - summary.dead
        tracker.show(done, summary.read)
        if merged >= summary.read and indexed >= published:
            return
        tracker.waiting(await tracker.patiently(partial(standstill.look, (merged, indexed), time.monotonic())))
        await asyncio.sleep(POLL_S)


class _Tracker:
    """A progress bar on a terminal; elsewhere a line from time to time."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._printed = time.monotonic()
        self._reason: str | None = None
        self._done = 0

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step of the import until no outage prevents it, and print once what is waited for."""
        while True:
            try:
                result = await step()
            except POSSIBLE_OUTAGES as error:
                if (what := outage(error)) is None:
                    raise
                self.waiting(what)
                await asyncio.sleep(OUTAGE_S)
            else:
                return result

    def waiting(self, reason: str | None) -> None:
        """Print why the import waits, once as long as that does not change; None is no news."""
        if reason and reason != self._reason:
            sys.stderr.write(f"importing: waiting, since {reason}\n")
        self._reason = reason or self._reason

    def show(self, done: int, total: int) -> None:
        if done != self._done:
            self._done, self._reason = done, None
        self._progress.update(self._task, completed=done, total=total or None)
        if not self._progress.console.is_terminal and time.monotonic() - self._printed > PROGRESS_S:
            self._printed = time.monotonic()
            sys.stderr.write(f"importing: {done:,} of {total:,} papers searchable\n")


def progress_bar() -> Progress:
    """Return the bar of an import, above which lines of the log scroll; without a terminal it is silent."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _print(summary: Summary, *, json: bool) -> None:
    if json:
        write_json(asdict(summary))
        return
    for word, rows in (("refused", summary.refused), ("cleaned", summary.cleaned)):
        for row in rows:
            sys.stdout.write(f"{word}: {row['file']}, {row['where']}: {row['reason']}\n")
    if summary.dead:
        sys.stdout.write(f"failed: {summary.dead} papers; see `paperwire dead list`\n")
    refused = f", {len(summary.refused)} refused" if summary.refused else ""
    cleaned = f", {len(summary.cleaned)} cleaned" if summary.cleaned else ""
    unchanged = max(0, summary.read - summary.changed)
    papers = "paper" if summary.searchable == 1 else "papers"
    sys.stdout.write(
        f"{summary.searchable:,} {papers} searchable ({summary.changed:,} new or changed, {unchanged:,} known before"
        f"{cleaned}{refused}) in {summary.seconds:.1f} s\n"
    )
