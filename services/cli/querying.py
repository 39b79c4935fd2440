"""Commands that ask the API of the running instance."""

import sys
from typing import Any

import aiohttp
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.context import Context
from services.cli.roots import builders
from shared.errors import ConfigurationError

# Where nobody looks a table may be wide: nothing in it is cut.
console = Console(file=sys.stdout, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 240)
MOST_DAYS = 20
"""Rows of the ledger that the status shows; JSON has more."""


class RefusedError(ConfigurationError):
    """The API answered, and refused; `retry_after` in seconds."""

    def __init__(self, status: int, detail: str, retry_after: str) -> None:
        super().__init__(detail)
        self.status = status
        self.retry_after = float(retry_after) if retry_after.isdigit() else 1.0


async def ask(
    url: str,
    method: str = "GET",
    *,
    parameters: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
    key: str | None = None,
) -> Any:  # noqa: ANN401  # JSON
    """Ask the API. Raises ConfigurationError with the problem's own words."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
            session.request(method, url, params=parameters, json=body, headers=headers) as response,
        ):
            answer = orjson.loads(await response.read() or b"null")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        message = f"No Paperwire answers at {url} ({error or type(error).__name__})."
        raise ConfigurationError(message) from error
    if response.status >= 400:  # noqa: PLR2004  # problem details
        raise RefusedError(
            response.status, str(answer.get("detail") or answer), response.headers.get("Retry-After", "1")
        )
    return answer


def write_json(value: Any) -> None:  # noqa: ANN401  # JSON
    """Print a value as one line of JSON."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")


async def papers(context: Context, path: str, parameters: dict[str, str], *, json: bool) -> None:
    """Print the papers that a search or a list gives."""
    async with context.reach(builders("search")) as reach:
        answer = await ask(reach.http_url + path, parameters=parameters)
    if json:
        write_json(answer)
        return
    if not answer["results"]:
        console.print("No papers.")
    for rank, row in enumerate(answer["results"], 1):
        paper = row["paper"]
        people = ", ".join(author["name"] for author in paper["authors"][:4])
        more = f" and {len(paper['authors']) - 4} more" if len(paper["authors"]) > 4 else ""  # noqa: PLR2004  # as cut
        console.print(f"[bold]{rank:>3}. {escape(paper['title'])}[/bold]")
        facts = (people + more, (paper.get("published") or "")[:10], " ".join(paper["categories"][:4]), paper["id"])
        console.print("     " + escape(" · ".join(fact for fact in facts if fact)), style="dim")


async def status(context: Context, *, json: bool) -> None:
    """Print sources, providers, streams and dead letters."""
    async with context.reach(builders("search")) as reach:
        answer = await ask(reach.http_url + "/v1/status")
    if json:
        write_json(answer)
        return
    console.print(f"[bold]{answer['papers']:,}[/bold] papers searchable")
    streams = Table("stream", "group", "waiting", "pending", "dead", box=None, header_style="dim")
    for row in answer["streams"]:
        streams.add_row(row["stream"], row["group"], *(f"{row[name]:,}" for name in ("waiting", "pending", "dead")))
    console.print(streams)
    sources = Table("source", "state", "last poll", "next poll", "what", box=None, header_style="dim")
    for row in answer["sources"]:
        times = [(row.get(name) or "")[:16] for name in ("last_poll", "next_poll")]
        sources.add_row(escape(row["name"]), row["state"], *times, escape(row.get("detail") or ""))
    console.print(sources)
    if answer["providers"]:
        _providers(answer["providers"])
    if answer["ledger"]:
        _ledger(answer["ledger"][:MOST_DAYS])


def _providers(rows: list[dict[str, Any]]) -> None:
    """Print how the providers of signals are, and what they are still to be asked."""
    names = ("provider", "state", "quota left", "due", "behind", "last success", "what")
    table = Table(*names, box=None, header_style="dim")
    for row in rows:
        behind = f"{row['behind_s'] / 60:,.0f} min" if row.get("behind_s") else ""
        quota = f"{row['quota_left']:,} of {row['quota']:,}"
        last = (row.get("last_success") or "")[:16]
        table.add_row(
            escape(row["name"]), row["state"], quota, f"{row['due']:,}", behind, last, escape(row.get("detail") or "")
        )
    console.print(table)


def _ledger(rows: list[dict[str, Any]]) -> None:
    """Print what the last announcement days brought."""
    names = ("received", "expected", "new", "revised", "withdrawn", "cross-listed", "missing")
    table = Table("day", "source", "category", "state", *names, box=None, header_style="dim")
    for row in rows:
        counts = ("" if row.get(name) is None else f"{row[name]:,}" for name in names)
        table.add_row(row["day"], escape(row["source"]), escape(row["category"]), row["state"], *counts)
    console.print(table)


async def agents(context: Context, key: str | None, *, http: bool, host: str, port: int) -> None:
    """Serve agents until interrupted: over HTTP, or over standard input and output."""
    from services.cli.agents import server  # noqa: PLC0415  # its library takes a second to load: only who serves agents waits

    async with context.reach(builders("search", "notifier")) as reach:

        async def call(path: str, method: str, **asked: Any) -> Any:  # noqa: ANN401  # JSON
            return await ask(reach.http_url + path, method, **asked)

        made = server(call, key)
        if http:
            await made.run_streamable_http_async(host=host, port=port)
        else:
            await made.run_stdio_async()
