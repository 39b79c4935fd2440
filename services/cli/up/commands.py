"""`paperwire up` and `paperwire run`: their options."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli.instance.builders import SERVICES
from services.cli.instance.context import Context, DataDir
from services.cli.up.run import run_service
from services.cli.up.run import up as start_all


def up(  # one per option
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
    asyncio.run(start_all(context, processes=processes))


def run(service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]) -> None:
    """Run one service in this process, with the Redis and Qdrant of the environment."""
    asyncio.run(run_service(service))
