"""Services are imported on first use, and not by the event loop."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from services.cli.instance import builders


async def test_a_service_is_imported_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: the event loop goes on while modules are imported, else the watchdog ends a process that is slow."""
    imported: list[tuple[str, bool]] = []

    async def build(runtime: Any) -> Any:
        return runtime

    def import_module(name: str) -> Any:
        imported.append((name, threading.current_thread() is threading.main_thread()))
        return SimpleNamespace(build=build)

    monkeypatch.setattr(builders, "import_module", import_module)
    (builder,) = builders.builders("search")
    runtime: Any = object()
    assert await builder(runtime) is runtime
    assert imported == [("services.search.bootstrap", False)]
