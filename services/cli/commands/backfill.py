"""`paperwire backfill`: harvests the past of an archive, behind live polling and without alerts."""

import sys
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.instance.interrupt import interruptible
from services.cli.output import console, write_json
from services.fetcher.bootstrap import Drivers, open_polite, open_session
from services.fetcher.polling.backfill import Backfill, HarvestProgress
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.registry import BY_ID, SOURCE_TYPES
from shared.bus import Bus, open_redis
from shared.errors import ConfigurationError

ARCHIVES: Final = tuple(row.id for row in SOURCE_TYPES if row.harvests)
Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day to harvest.")]


def backfill(  # noqa: PLR0913  # one per option
    archive: Annotated[str, typer.Argument(help=f"One of: {', '.join(ARCHIVES)}.")],
    *,
    since: Day,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day to harvest.", show_default="today"),
    ] = None,
    set_spec: Annotated[
        str | None, typer.Option("--set", help="An OAI-PMH set, such as cs or cs:cs:AI.", show_default="all")
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="A query of the archive's API, in place of a set.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Harvest the past of an archive: searchable, without alerts.

    With --set (or neither option) records are selected by the day of their last change, with --query by the day of
    submission. An interrupted backfill continues where it stopped when it is run again.
    """
    span = _span(archive, set_spec, query, since.date(), until.date() if until else datetime.now(UTC).date())
    done = interruptible(_backfill(Context.load(data_dir), span))
    if json:
        asked = {"set": set_spec, "query": query, "from": span.since.isoformat()}
        write_json({**asdict(done), "day": span.until.isoformat(), **asked})
        return
    notes = f", {done.refused:,} refused" if done.refused else ""
    notes += f", {done.missing:,} not shown by the API" if done.missing else ""
    console.print(f"{done.records:,} records from {span.since} to {span.until}{notes}.")


@dataclass(frozen=True, slots=True)
class _Span:
    """The range of a harvest: an archive, a set or a query of it, and the first and the last day."""

    archive: str
    set_spec: str | None
    query: str | None
    since: date
    until: date


def _span(archive: str, set_spec: str | None, query: str | None, first: date, last: date) -> _Span:
    """Check the range of a harvest; raises ConfigurationError."""
    if archive not in ARCHIVES:
        message = f"There is no archive {archive!r} to backfill from: choose one of {', '.join(ARCHIVES)}."
        raise ConfigurationError(message)
    if query and set_spec:
        message = "Give either --set or --query: categories can be part of the query, as in cat:cs.RO."
        raise ConfigurationError(message)
    if first > last:
        message = f"The backfill ends on {last}, before it begins on {first}."
        raise ConfigurationError(message)
    return _Span(archive, set_spec, query, first, last)


async def _backfill(context: Context, span: _Span) -> HarvestProgress:
    async with context.reach(builders("enricher", "indexer", "notifier")) as reach:
        redis = open_redis(reach.settings.redis_url)
        try:
            with _Bar(span.since, span.until) as bar:
                return await _harvest(reach.settings, redis, bar, span)
        finally:
            await redis.aclose()


async def _harvest(
    settings: FetcherSettings,
    redis: Any,  # noqa: ANN401  # a Redis client
    bar: "_Bar",
    span: _Span,
) -> HarvestProgress:
    bus = Bus(settings, redis)
    await bus.broker.connect()
    session = open_session(settings)
    try:
        polite = open_polite(settings, session, redis, yielding=True)
        selector = "set" if span.query is None else "query"
        harvest = Backfill(
            bus,
            BY_ID[span.archive].harvests[selector](Drivers(polite, settings).context),
            most_waiting=settings.backfill_lag,
            most_pending=settings.backfill_pending,
            show=bar.show,
            archive=span.archive if selector == "set" else f"{span.archive}-{selector}",
        )
        done = await harvest.run(span.query or span.set_spec, span.since, span.until)
        await harvest.drained(0, 0)
        return done
    finally:
        await session.close()
        await bus.broker.stop()


class _Bar:
    """A progress bar over the days on a terminal; elsewhere a line per page."""

    def __init__(self, since: date, until: date) -> None:
        target = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
        self._progress = Progress(
            *columns, TimeRemainingColumn(), console=target, transient=True, disable=not target.is_terminal
        )
        self._since = since
        self._task = self._progress.add_task("backfill", total=(until - since).days + 1, words="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, progress: HarvestProgress) -> None:
        """Show how far the backfill is, and what it is waiting for."""
        words = f"{progress.day}, {progress.records:,} records" + (
            f"; waiting: {progress.waits}" if progress.waits else ""
        )
        self._progress.update(self._task, completed=(progress.day - self._since).days, words=words)
        if not self._progress.console.is_terminal and not progress.waits:
            sys.stderr.write(f"backfill: {words}\n")
