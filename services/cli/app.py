"""The commands and their options; what they do is in the modules beside this one."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from embedded.errors import EmbeddedError
from services.cli import admin, importing, querying, sources, subscriptions
from services.cli.backfill import backfill_command
from services.cli.context import Context, DataDir, Json
from services.cli.roots import SERVICES
from services.cli.subscribing import Key, subscribe
from services.cli.topology import run_service, up
from shared.errors import PaperwireError

app = typer.Typer(
    name="paperwire",
    help="A newswire for research papers: fetch, search, and be told of what matters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
dead_app = typer.Typer(help="Entries that could not be handled: look, try again, or drop.", no_args_is_help=True)
keys_app = typer.Typer(help="API keys, which own subscriptions.", no_args_is_help=True)
app.command(name="backfill")(backfill_command)
app.command()(subscribe)
app.add_typer(sources.app, name="sources")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(dead_app, name="dead")
app.add_typer(keys_app, name="keys")


@app.command(name="up")
def up_command(  # one per option
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8080")] = None,
    data_dir: DataDir = None,
    sources: Annotated[Path | None, typer.Option(help="A sources.toml.", show_default="the bundled one")] = None,
    processes: Annotated[bool, typer.Option("--processes", help="One process per service, and a gateway.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Poll no live source.")] = False,
) -> None:
    """Start everything: Redis and Qdrant where no address is set, and all services."""
    context = Context.load(data_dir, http_host=host, http_port=port, sources_file=sources, offline=offline or None)
    _run(up(context, processes=processes))


@app.command()
def run(service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]) -> None:
    """Run one service in this process, with the Redis and Qdrant of the environment."""
    _run(run_service(service))


@app.command(name="import")
def import_command(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines, Atom, RSS or OAI-PMH, gzipped or not.")],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Import papers and wait until they can be found. Exits with 1 when some were refused."""
    raise typer.Exit(_run(importing.import_command(Context.load(data_dir), files, json=json)))


@app.command()
def search(
    query: Annotated[list[str], typer.Argument(help='Words, a "phrase", an arXiv id or a DOI.')],
    *,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 10,
    mode: Annotated[str, typer.Option(help="hybrid, semantic or lexical")] = "hybrid",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Search the papers."""
    parameters = {"q": " ".join(query), "limit": str(limit), "mode": mode}
    _run(querying.papers(Context.load(data_dir), "/v1/search", parameters, json=json))


@app.command()
def trending(
    window: Annotated[str, typer.Option(help="day, week or month")] = "week",
    *,
    category: Annotated[str | None, typer.Option(help="Such as cs.CL.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what is trending."""
    parameters = {"window": window} | ({"category": category} if category else {})
    _run(querying.papers(Context.load(data_dir), "/v1/trending", parameters, json=json))


@app.command()
def mcp(
    *,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP at /mcp instead of standard input.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on with --http.")] = 8090,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Serve agents by the Model Context Protocol: search, paper, similar, trending, subscribe."""
    _run(querying.agents(Context.load(data_dir), key, http=http, host=host, port=port))


@app.command()
def status(*, data_dir: DataDir = None, json: Json = False) -> None:
    """Show sources, lag and dead letters."""
    _run(querying.status(Context.load(data_dir), json=json))


@dead_app.command(name="list")
def dead_list(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the dead letters of every stream."""
    _run(admin.dead_list(Context.load(data_dir), json=json))


@dead_app.command(name="show")
def dead_show(letter: str, *, data_dir: DataDir = None, json: Json = False) -> None:
    """Show one dead letter whole."""
    _run(admin.dead_show(Context.load(data_dir), letter, json=json))


@dead_app.command(name="replay")
def dead_replay(
    letters: Annotated[list[str], typer.Argument(help="Ids, or all.")], *, data_dir: DataDir = None
) -> None:
    """Put dead letters back into their stream."""
    _run(admin.dead_replay(Context.load(data_dir), letters))


@dead_app.command(name="drop")
def dead_drop(letters: Annotated[list[str], typer.Argument(help="Ids, or all.")], *, data_dir: DataDir = None) -> None:
    """Delete dead letters for good."""
    _run(admin.dead_drop(Context.load(data_dir), letters))


@keys_app.command(name="create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Whose key.")] = "default", *, data_dir: DataDir = None, json: Json = False
) -> None:
    """Create a key; it is shown once."""
    _run(admin.keys_create(Context.load(data_dir), name, json=json))


@keys_app.command(name="list")
def keys_list(*, data_dir: DataDir = None, json: Json = False) -> None:
    """List the keys, without their secrets."""
    _run(admin.keys_list(Context.load(data_dir), json=json))


@keys_app.command(name="revoke")
def keys_revoke(
    key_id: Annotated[str, typer.Argument(help="The id that `keys list` shows.")], *, data_dir: DataDir = None
) -> None:
    """Revoke a key: its subscriptions stay on record, disabled, and send no more."""
    _run(admin.keys_revoke(Context.load(data_dir), key_id))


def _run(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # the command's own result
    return asyncio.run(work)


def main() -> None:
    """Run the command line; what the user has to change ends it with one line and status 2."""
    try:
        app()
    except (PaperwireError, EmbeddedError) as error:
        sys.stderr.write(f"paperwire: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
