"""How providers are, as `/v1/status` and `paperwire status` show it."""

from io import StringIO
from typing import Any

import orjson
import pytest

from services.cli import output
from services.cli.commands import queries
from services.enricher.providers.connection import OpenProvider
from services.enricher.refresh.board import list_providers
from shared.bus import Bus
from tests.integration.enricher.refresh.refreshing import Asker, recent


async def rows(bus: Bus) -> dict[str, Any]:
    return {name.decode(): orjson.loads(row) for name, row in (await bus.redis.hgetall("providers")).items()}


def chosen(asker: Asker, *names: str) -> list[OpenProvider]:
    return [asker.refreshes[name]._provider for name in names]


async def test_only_providers_that_are_chosen_are_shown_and_the_new_ones_named(asker: Asker) -> None:
    assert await list_providers(asker.bus.redis, chosen(asker, "github", "crossref"), offline=False) == [
        "crossref",
        "github",
    ]
    await asker.take_in(recent(1))
    await asker.ask("crossref")
    assert await list_providers(asker.bus.redis, chosen(asker, "crossref", "openalex"), offline=False) == ["openalex"]
    shown = await rows(asker.bus)
    assert set(shown) == {"crossref", "openalex"}
    assert shown["crossref"]["last_success"], "a start forgets nothing of those that stay"
    assert shown["openalex"]["state"] == "closed"


async def test_offline_they_are_shown_as_such(asker: Asker) -> None:
    await list_providers(asker.bus.redis, chosen(asker, "github"), offline=True)
    assert (await rows(asker.bus))["github"]["state"] == "offline"


async def test_the_command_prints_them(monkeypatch: pytest.MonkeyPatch, asker: Asker) -> None:
    await list_providers(asker.bus.redis, chosen(asker, "github"), offline=False)
    row = (await rows(asker.bus))["github"] | {"detail": "github answers 503 [bold]", "due": 1_234, "behind_s": 3_720}
    printed = StringIO()
    monkeypatch.setattr(output.console, "file", printed)
    queries._providers([row])
    line = printed.getvalue().splitlines()[1]
    assert line.split("  ")[0].strip() == "github"
    assert "500 of 500" in line
    assert "1,234" in line
    assert "62 min" in line
    assert "github answers 503 [bold]" in line
