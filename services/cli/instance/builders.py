"""The composition roots of the services, imported on first use: a command loads only what it runs."""

import asyncio
from functools import partial
from importlib import import_module
from typing import Final

from shared.runtime import Builder, Runtime, Service

SERVICES: Final = ("fetcher", "enricher", "indexer", "search", "notifier")


def builders(*names: str) -> list[Builder]:
    """Return the composition roots of services."""
    return [partial(_build, name) for name in names]


async def _build(name: str, runtime: Runtime) -> Service:
    """Build a service, imported in a thread: that takes seconds, and the watchdog ends a process whose loop is late."""
    module = await asyncio.to_thread(import_module, f"services.{name}.bootstrap")
    built: Service = await module.build(runtime)
    return built
