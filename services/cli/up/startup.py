"""What `paperwire up` prints when it has started, and the sample papers of a new data directory."""

import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

from services.cli.commands.import_papers import import_files
from services.cli.commands.standstill import StandstillError
from services.cli.instance.api import ask
from services.cli.transfer.sample import sample_file
from services.cli.up.sample_leaving import keep_sample_until_enough
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.port import BACKFILLED
from services.notifier.access.api_keys import ApiKeys
from services.notifier.settings import NotifierSettings
from shared.board import SOURCES
from shared.papers.paper import SAMPLE
from shared.readers.api_key import ALL_SCOPES

SAMPLE_MARK = SAMPLE
MAX_SOURCES = 6
"""Sources that are named; the others are counted."""


async def report_start(settings: FetcherSettings, redis: Any, http_url: str) -> None:  # noqa: ANN401  # a Redis client
    """Print the address and the sources; on a new data directory create an API key and import the sample.

    Then stay until the sample has left.
    """
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
    console.print("\n".join(await _banner(settings, redis, http_url)))
    sample = sample_file()
    if sample and settings.sample and await redis.set(SAMPLE_MARK, "imported", nx=True):
        console.print("  sample      importing the bundled sample papers")
        try:
            await import_files(settings, [sample], source=SAMPLE, announced=BACKFILLED)
        except StandstillError as error:
            console.print(f"  sample      {error}", markup=False)
    status = await ask(f"{http_url}/v1/status")
    console.print(f"[bold green]ready[/bold green]: {status['papers']:,} papers searchable. Press Ctrl-C to stop.")
    await keep_sample_until_enough(settings, redis)


async def _banner(settings: FetcherSettings, redis: Any, http_url: str) -> list[str]:  # noqa: ANN401  # a Redis client
    """Return the lines that are printed at once, so that no line of the log is between them."""
    lines = [f"[bold]Paperwire[/bold] at {http_url}"]
    if settings.public_url:
        lines.append(f"  readers     {settings.public_url}")
    lines.append(f"  data        {escape(str(settings.data_dir))}")
    keys = ApiKeys(redis)
    if not await keys.list():
        _, key = await keys.create("first", ALL_SCOPES)
        lines.append(f"  API key     {key}   (shown once: save it)")
    if NotifierSettings.load(**settings.model_dump(exclude_unset=True)).smtp_url is None:
        lines.append(f"  mail        stays at {http_url}/outbox   (any user name; the password is an API key)")
    lines.append(f"  sources     {await _sources(redis, settings)}")
    return lines


async def _sources(redis: Any, settings: FetcherSettings) -> str:  # noqa: ANN401  # a Redis client
    if settings.offline:
        return "none is polled that needs the network, as offline is set"
    names = [state["name"] for state in (await SOURCES.rows(redis)).values() if state["enabled"]]
    more = f" and {len(names) - MAX_SOURCES} more" if len(names) > MAX_SOURCES else ""
    return ", ".join(names[:MAX_SOURCES]) + more if names else "none: `paperwire sources add` adds one"
