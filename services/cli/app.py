"""The `paperwire` command line: all commands in one application, and how it exits."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from embedded.errors import EmbeddedError
from services.cli.commands import (
    api_keys,
    backfill,
    dead_letters,
    doctor,
    import_papers,
    mcp,
    queries,
    sources,
    subscribe,
    subscriptions,
)
from services.cli.instance.builders import SERVICES
from services.cli.instance.context import Context, DataDir
from services.cli.up.run import run_service, up
from shared.errors import PaperwireError

app = typer.Typer(
    name="paperwire",
    help="A newswire for research papers: fetch papers, search them, and get alerts about new ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command(name="up")
def up_command(  # one per option
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8080")] = None,
    data_dir: DataDir = None,
    sources: Annotated[Path | None, typer.Option(help="Path of a sources.toml.", show_default="bundled")] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Run each service as a process of its own, behind a gateway.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not poll sources that need the network.")] = False,
) -> None:
    """Start all services, and a Redis and a Qdrant if no address is set."""
    context = Context.load(data_dir, http_host=host, http_port=port, sources_file=sources, offline=offline or None)
    asyncio.run(up(context, processes=processes))


@app.command()
def run(service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]) -> None:
    """Run one service in this process, with the Redis and Qdrant of the environment."""
    asyncio.run(run_service(service))


app.command(name="import")(import_papers.import_command)
app.command()(queries.search)
app.command()(queries.trending)
app.command()(subscribe.subscribe)
app.command()(queries.status)
app.command()(mcp.mcp)
app.command()(backfill.backfill)
app.command()(doctor.doctor)
app.add_typer(sources.app, name="sources")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(dead_letters.app, name="dead")
app.add_typer(api_keys.app, name="keys")


def main() -> None:
    """Run the command line; an error that the user can correct exits with status 2 and one line."""
    try:
        app()
    except (PaperwireError, EmbeddedError) as error:
        sys.stderr.write(f"paperwire: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
