"""`paperwire sample remove`: removes the papers that a new instance starts with."""

import asyncio

import typer

from services.cli.commands.works import INDEX_LATE, indexed
from services.cli.instance.builders import builders
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.cli.transfer.sample import leave
from services.enricher.removal import Removed
from shared.bus import open_redis

app = typer.Typer(
    add_completion=False, help="Sample papers: those that a new instance starts with.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Make typer keep `remove` a subcommand, although it is the only one."""


@app.command()
def remove(*, data_dir: DataDir = None, json: Json = False) -> None:
    """Remove the sample papers. Those stay that a source has shown too, or that somebody saved, likes or follows."""
    done, whole = asyncio.run(_remove(Context.load(data_dir)))
    if json:
        write_json({"removed": list(done.left), "kept": list(done.kept)})
        return
    papers = "sample paper" if len(done.left) == 1 else "sample papers"
    kept = f" {len(done.kept)} stay, as they are saved, liked or followed." if done.kept else ""
    console.print(f"{len(done.left)} {papers} removed.{kept}")
    if not whole:
        console.print(INDEX_LATE)


async def _remove(context: Context) -> tuple[Removed, bool]:
    async with context.reach(builders("enricher", "indexer")) as reach:
        redis = open_redis(reach.settings.redis_url)
        try:
            done, correlation = await leave(reach.settings, redis)
            return done, await indexed(redis, correlation, len(done.left))
        finally:
            await redis.aclose()
