"""`paperwire mcp`: serves agents over the Model Context Protocol."""

import asyncio
from typing import Annotated, Any

import typer

from services.cli.commands.subscribe import Key
from services.cli.instance.api import ask
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir


def mcp(
    *,
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP at /mcp instead of standard input and output.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on with --http.")] = 8090,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Serve search, papers, subscriptions and the reading list to agents over the Model Context Protocol."""
    asyncio.run(_serve(Context.load(data_dir), key, http=http, host=host, port=port))


async def _serve(context: Context, key: str | None, *, http: bool, host: str, port: int) -> None:
    from services.cli.commands.mcp_server import accepted_hosts, server  # noqa: PLC0415  # takes a second to import

    async with context.reach(builders("search", "notifier"), http_only=True) as reach:

        async def call(path: str, method: str, **options: Any) -> Any:  # noqa: ANN401  # JSON
            return await ask(reach.http_url + path, method, **options)

        serving = server(call, key)
        if http:
            accepted = accepted_hosts(host, reach.settings.public_url)
            await serving.run_streamable_http_async(host=host, port=port, transport_security=accepted)
        else:
            await serving.run_stdio_async()
