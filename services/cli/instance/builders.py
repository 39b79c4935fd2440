"""The composition roots of the services, imported on first use: a command loads only what it runs."""

from importlib import import_module
from typing import Final

from shared.runtime import Builder

SERVICES: Final = ("fetcher", "enricher", "indexer", "search", "notifier")


def builders(*names: str) -> list[Builder]:
    """Return the composition roots of services."""
    return [import_module(f"services.{name}.bootstrap").build for name in names]
