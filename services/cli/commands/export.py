"""`paperwire export`: writes the papers of a search, an author, a day or a subscription as one file."""

import asyncio
import sys
from typing import Annotated, Final

import typer

from services.cli.commands.subscribe import Key, open_api
from services.cli.instance.api import download
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir
from shared.errors import ConfigurationError

Pairs = list[tuple[str, str]]
Many = Annotated[list[str] | None, typer.Option(help="May be repeated.", show_default=False)]
_TOTAL: Final = "X-Total-Count"


def export(  # noqa: PLR0913  # one per option
    query: Annotated[list[str] | None, typer.Argument(help="A query as for `search`; without one, all papers.")] = None,
    *,
    format_: Annotated[str, typer.Option("--format", help="bibtex, ris, csl or jsonl (for `import`).")] = "bibtex",
    category: Many = None,
    author: Many = None,
    source: Many = None,
    day: Annotated[str | None, typer.Option("--date", help="One day, YYYY-MM-DD.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--from", help="The first day.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--to", help="The last day.", show_default=False)] = None,
    sort: Annotated[str, typer.Option(help="relevance, newest or trending.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The most papers.")] = 10_000,
    subscription: Annotated[
        str | None,
        typer.Option(help="Export its latest matches; an id that `subscriptions list` shows.", show_default=False),
    ] = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Write papers to standard output as one file. The newest, or the most relevant, come first."""
    if day and (since or until):
        raise ConfigurationError("Give a day with --date, or a period with --from and --to, not both.")
    single = [("q", " ".join(query or ())), ("from", day or since or ""), ("to", day or until or "")]
    lists = (("category", category), ("author", author), ("source", source))
    chosen = [pair for pair in single if pair[1]] + [(name, value) for name, values in lists for value in values or ()]
    if subscription:
        if chosen:
            raise ConfigurationError("Give a subscription or a search, not both.")
        asyncio.run(_matches(data_dir, key, subscription, format_))
    else:
        pairs = [("format", format_), ("sort", sort), ("limit", str(limit)), *chosen]
        asyncio.run(_search(Context.load(data_dir), pairs))


async def _search(context: Context, pairs: Pairs) -> None:
    async with context.reach(builders("search"), http_only=True) as reach:
        headers = await download(f"{reach.http_url}/v1/export", pairs, _write)
    limit, total = int(dict(pairs)["limit"]), int(headers.get(_TOTAL, 0))
    if total > limit:
        sys.stderr.write(f"paperwire: The file has {limit:,} of {total:,} papers; narrow the search for the others.\n")


async def _matches(data_dir: DataDir, key: str | None, subscription: str, format_: str) -> None:
    async with open_api(data_dir, key, "notifier") as (api, _):
        address = f"{api.url}/v1/subscriptions/{subscription}/export"
        await download(address, [("format", format_)], _write, key=api.key)


def _write(data: bytes) -> None:
    """Write to standard output: a file is in UTF-8, whatever the terminal is in."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
