"""Running the services: all in one loop, one process each, or a single one."""

from importlib import import_module

from services.cli.context import Context
from services.cli.roots import SERVICES, builders
from services.cli.supervisor import free_ports, supervise
from services.cli.welcome import welcome
from shared import telemetry
from shared.errors import ConfigurationError
from shared.runtime import Runtime, run


async def up(context: Context, *, processes: bool) -> None:
    """Start everything and serve until interrupted. Raises ConfigurationError or EmbeddedError with what to change."""
    async with context.held() as (holder, held):
        # Links in mail name the port, and are made before anything listens on it.
        settings = held.model_copy(update={"http_port": held.http_port or free_ports(1)[0]})
        if processes:
            await supervise(settings, holder)
            return

        async def ready(runtime: Runtime) -> None:
            holder.publish(http_url=runtime.http_url)
            await welcome(runtime.settings, runtime.redis, runtime.http_url or "")

        await run(builders(*SERVICES), settings, on_ready=ready)


async def run_service(name: str) -> None:
    """Run one service with the environment's Redis and Qdrant."""
    if name not in SERVICES:
        message = f"There is no service {name!r}: choose one of {', '.join(SERVICES)}."
        raise ConfigurationError(message)
    settings_module = import_module(f"services.{name}.settings")
    settings = getattr(settings_module, f"{name.capitalize()}Settings").load()
    telemetry.configure_logging(settings.log_level)
    await run(builders(name), settings)
