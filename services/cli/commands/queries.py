"""`paperwire search`, `trending` and `status`: commands that print what the API answers."""

import asyncio
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from services.cli.instance.api import ask
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.tables import print_rows

MAX_DAYS: Final = 20
"""Rows of the ledger that `status` prints; JSON has more."""
MAX_PEOPLE: Final = 4
"""Authors, and categories, printed of one paper."""


def search(
    query: Annotated[list[str], typer.Argument(help='Words, a "phrase", an arXiv id or a DOI.')],
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many papers to show.")] = 10,
    mode: Annotated[str, typer.Option(help="hybrid, semantic or lexical.")] = "hybrid",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Search the papers."""
    parameters = {"q": " ".join(query), "limit": str(limit), "mode": mode}
    asyncio.run(_papers(Context.load(data_dir), "/v1/search", parameters, json=json))


def trending(
    window: Annotated[str, typer.Option(help="day, week or month.")] = "week",
    *,
    category: Annotated[str | None, typer.Option(help="Only this category, such as cs.CL.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the papers that are trending."""
    parameters = {"window": window} | ({"category": category} if category else {})
    asyncio.run(_papers(Context.load(data_dir), "/v1/trending", parameters, json=json))


def status(*, data_dir: DataDir = None, json: Json = False) -> None:
    """Show sources, providers, the lag of each stream, dead letters and announcement days."""
    asyncio.run(_status(Context.load(data_dir), json=json))


async def _papers(context: Context, path: str, parameters: dict[str, str], *, json: bool) -> None:
    async with context.reach(builders("search"), http_only=True) as reach:
        answer = await ask(reach.http_url + path, parameters=parameters)
    if json:
        write_json(answer)
        return
    if not answer["results"]:
        console.print("No papers.")
    for rank, row in enumerate(answer["results"], 1):
        _paper(rank, row["paper"])


def _paper(rank: int, paper: dict[str, Any]) -> None:
    people = ", ".join(author["name"] for author in paper["authors"][:MAX_PEOPLE])
    more = f" and {len(paper['authors']) - MAX_PEOPLE} more" if len(paper["authors"]) > MAX_PEOPLE else ""
    facts = (
        "sample" if paper.get("sample") else "",
        people + more,
        (paper.get("published") or "")[:10],
        " ".join(paper["categories"][:MAX_PEOPLE]),
        paper["id"],
    )
    console.print(f"[bold]{rank:>3}. {escape(paper['title'])}[/bold]")
    console.print("     " + escape(" · ".join(fact for fact in facts if fact)), style="dim")


async def _status(context: Context, *, json: bool) -> None:
    async with context.reach(builders("search"), http_only=True) as reach:
        answer = await ask(reach.http_url + "/v1/status")
    if json:
        write_json(answer)
        return
    console.print(f"[bold]{answer['papers']:,}[/bold] papers searchable")
    if answer["disk"] and answer["disk"]["state"] != "ok":
        console.print(f"[bold]The disk is getting full[/bold]: {escape(answer['disk']['detail'])}")
    if pictures := answer["pictures"]:
        size = pictures["bytes"] / (1 << 20)
        console.print(f"{pictures['kept']:,} pictures kept ({size:.1f} MiB), {pictures['wanted']:,} wanted")
        if pictures["last_error"]:
            console.print(f"{pictures['failed']:,} pictures failed; the last: {escape(pictures['last_error'])}")
    if answer["mail"] and (refusing := answer["mail"]["suppressed"]):
        console.print(f"{refusing:,} {'address refuses' if refusing == 1 else 'addresses refuse'} mail")
    _streams(answer["streams"])
    _sources(answer["sources"])
    if answer["providers"]:
        _providers(answer["providers"])
    if answer["ledger"]:
        _ledger(answer["ledger"][:MAX_DAYS])


def _streams(rows: list[dict[str, Any]]) -> None:
    names = ("waiting", "pending", "dead")
    print_rows(
        ("stream", "group", *names),
        [(row["stream"], row["group"], *(f"{row[name]:,}" for name in names)) for row in rows],
    )


def _sources(rows: list[dict[str, Any]]) -> None:
    cells = []
    for row in rows:
        times = [(row.get(name) or "")[:16] for name in ("last_poll", "next_poll")]
        cells.append((row["name"], row["state"], *times, row.get("detail") or ""))
    print_rows(("source", "state", "last poll", "next poll", "detail"), cells)


def _providers(rows: list[dict[str, Any]]) -> None:
    """Print the state of each provider of signals, and how many works are due to be looked up there."""
    names = ("provider", "state", "quota left", "due", "behind", "last success", "detail")
    cells = []
    for row in rows:
        behind = f"{row['behind_s'] / 60:,.0f} min" if row.get("behind_s") else ""
        quota = f"{row['quota_left']:,} of {row['quota']:,}"
        last = (row.get("last_success") or "")[:16]
        cells.append((row["name"], row["state"], quota, f"{row['due']:,}", behind, last, row.get("detail") or ""))
    print_rows(names, cells)


def _ledger(rows: list[dict[str, Any]]) -> None:
    """Print what the latest announcement days brought."""
    names = ("received", "expected", "new", "revised", "withdrawn", "cross-listed", "missing")
    cells = []
    for row in rows:
        counts = ("" if row.get(name) is None else f"{row[name]:,}" for name in names)
        cells.append((row["day"], row["source"], row["category"], row["state"], *counts))
    print_rows(("day", "source", "category", "state", *names), cells)
