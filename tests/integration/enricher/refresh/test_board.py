"""The state of providers, as `/v1/status` and `paperwire status` show it."""

from io import StringIO
from typing import Any

import orjson
import pytest

from services.cli import output
from services.cli.commands import queries
from services.enricher.providers.port import Asked
from services.enricher.refresh.board import list_providers
from shared.bus import Bus
from tests.integration.enricher.refresh.instance import EnricherInstance, recent


async def rows(bus: Bus) -> dict[str, Any]:
    return {name.decode(): orjson.loads(row) for name, row in (await bus.redis.hgetall("providers")).items()}


def chosen(enricher: EnricherInstance, *names: str) -> list[Asked]:
    return [enricher.refreshes[name]._provider for name in names]


async def test_the_board_shows_chosen_providers_and_returns_new_ones(enricher: EnricherInstance) -> None:
    assert await list_providers(enricher.bus.redis, chosen(enricher, "github", "crossref"), offline=False) == [
        "crossref",
        "github",
    ]
    await enricher.take_in(recent(1))
    await enricher.ask("crossref")
    assert await list_providers(enricher.bus.redis, chosen(enricher, "crossref", "openalex"), offline=False) == [
        "openalex"
    ]
    shown = await rows(enricher.bus)
    assert set(shown) == {"crossref", "openalex"}
    assert shown["crossref"]["last_success"], "a restart keeps the state of those that stay"
    assert shown["openalex"]["state"] == "closed"


async def test_offline_providers_are_shown_as_offline(enricher: EnricherInstance) -> None:
    await list_providers(enricher.bus.redis, chosen(enricher, "github"), offline=True)
    assert (await rows(enricher.bus))["github"]["state"] == "offline"


async def test_the_command_prints_providers(monkeypatch: pytest.MonkeyPatch, enricher: EnricherInstance) -> None:
    await list_providers(enricher.bus.redis, chosen(enricher, "github"), offline=False)
    row = (await rows(enricher.bus))["github"] | {
        "detail": "github answers 503 [bold]",
        "due": 1_234,
        "behind_s": 3_720,
    }
    printed = StringIO()
    monkeypatch.setattr(output.console, "file", printed)
    monkeypatch.setattr(output.console, "width", 200)
    queries._providers([row])
    line = printed.getvalue().splitlines()[1]
    assert line.split("  ")[0].strip() == "github"
    assert "500 of 500" in line
    assert "1,234" in line
    assert "62 min" in line
    assert "github answers 503 [bold]" in line
