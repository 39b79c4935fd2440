"""The composition roots of the services, imported only when they are asked for."""

from importlib import import_module
from typing import Final

from shared.runtime import Builder

SERVICES: Final = ("fetcher", "enricher", "indexer", "search", "notifier")


def builders(*names: str) -> list[Builder]:
    """Give the composition roots of services."""
    return [import_module(f"services.{name}.bootstrap").build for name in names]
