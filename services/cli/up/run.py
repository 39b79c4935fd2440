"""Runs the services: all in one event loop, each as a process, or a single one."""

from importlib import import_module

from services.cli.instance.builders import SERVICES, builders
from services.cli.instance.context import Context
from services.cli.up.server_wait import until_qdrant_answers
from services.cli.up.startup import report_start
from services.cli.up.supervisor import free_ports, supervise
from shared import telemetry
from shared.errors import ConfigurationError
from shared.runtime import Runtime, run
from shared.setting_names import warn_of_unknown_variables


async def up(context: Context, *, processes: bool) -> None:
    """Start all services and serve until interrupted; raises ConfigurationError or EmbeddedError if they cannot."""
    async with context.held() as (holder, held):
        warn_of_unknown_variables()
        # Links in mail contain the port, and are created before anything listens on it.
        settings = held.model_copy(update={"http_port": held.http_port or free_ports(1)[0]})
        await until_qdrant_answers(settings)
        if processes:
            await supervise(settings, holder)
            return

        async def ready(runtime: Runtime) -> None:
            holder.publish(http_url=runtime.http_url)
            await report_start(settings, runtime.redis, runtime.http_url or "")

        await run(builders(*SERVICES), settings, on_ready=ready)


async def run_service(name: str) -> None:
    """Run one service with the Redis and Qdrant of the environment."""
    if name not in SERVICES:
        message = f"There is no service {name!r}: choose one of {', '.join(SERVICES)}."
        raise ConfigurationError(message)
    settings_module = import_module(f"services.{name}.settings")
    settings = getattr(settings_module, f"{name.capitalize()}Settings").load()
    telemetry.configure_logging(settings.log_level)
    warn_of_unknown_variables()
    await run(builders(name), settings)
