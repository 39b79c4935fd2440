"""What `paperwire up` says when it has started, and the sample of a fresh data directory."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console

from services.cli.importing import import_files
from services.cli.querying import ask
from services.fetcher.settings import FetcherSettings
from services.notifier.access.api_keys import ApiKeys
from shared.board import SOURCES
from shared.settings import Settings

SAMPLE_MARK = "sample"


def sample_file() -> Path | None:
    """Find the bundled sample: in the installed package, or in the source tree."""
    package = Path(str(files("services")))
    places = (package / "examples" / "papers.jsonl", package.parent / "examples" / "papers.jsonl")
    return next((place for place in places if place.is_file()), None)


async def welcome(settings: Settings, redis: Any, http_url: str) -> None:  # noqa: ANN401  # a Redis client
    """Print the address and, once, the first key; import the sample once; say how much can be searched."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    console.print(f"[bold]Paperwire[/bold] at {http_url}")
    console.print(f"  data        {settings.data_dir}")
    keys = ApiKeys(redis)
    if not await keys.list():
        _, key = await keys.create("first")
        console.print(f"  API key     {key}   (shown once: keep it)")
    for line in await _sources(redis, settings):
        console.print(f"  source      {line}")
    sample = sample_file()
    if sample and await redis.set(SAMPLE_MARK, "imported", nx=True):
        console.print("  sample      importing the bundled papers")
        await import_files(settings, [sample], source="sample")
    status = await ask(f"{http_url}/v1/status")
    console.print(f"[bold green]ready[/bold green]: {status['papers']:,} papers searchable. Ctrl-C stops.")


async def _sources(redis: Any, settings: Settings) -> list[str]:  # noqa: ANN401  # a Redis client
    states = (await SOURCES.rows(redis)).values()
    if isinstance(settings, FetcherSettings) and settings.offline:
        return ["offline: no live source is polled"]
    return [f"{state['name']}: {state['url']}" for state in states if state["enabled"]]
