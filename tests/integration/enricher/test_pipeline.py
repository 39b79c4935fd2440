"""Enricher, indexer and search together: what providers say reaches readers, and windows show the right papers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from services.cli.instance.builders import builders
from services.enricher.settings import EnricherSettings
from shared import telemetry
from shared.papers.events import PaperFetched
from shared.papers.names import point_id
from shared.papers.paper import Signals, Tldr
from shared.papers.streams import ENRICHED, FETCHED
from shared.qdrant import PAPERS, open_qdrant
from shared.runtime import Runtime, running
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.support import fetched, publish, settled, until

WORK = "arXiv:2401.00001"


@asynccontextmanager
async def pipeline(
    settings: Settings, qdrant_url: str, server: ProviderServer, provider: str
) -> AsyncIterator[Runtime]:
    """Run the three services in one process, with one provider."""
    given = settings.model_dump(exclude_unset=True) | server.settings()
    allowed = (ip_network("127.0.0.1/32"),)
    whole = EnricherSettings.load(**given, qdrant_url=qdrant_url, providers=provider, allow_private_endpoints=allowed)
    async with running(builders("enricher", "indexer", "search"), whole) as opened:
        yield opened


@pytest.fixture
async def runtime(settings: Settings, qdrant_url: str, server: ProviderServer) -> AsyncIterator[Runtime]:
    async with pipeline(settings, qdrant_url, server, "huggingface") as opened:
        yield opened


async def indexed(runtime: Runtime, *seen: PaperFetched) -> None:
    await publish(runtime.bus, FETCHED, *seen)
    await until(lambda: settled(runtime.bus, FETCHED, "enricher"))
    await until(lambda: settled(runtime.bus, ENRICHED, "indexer"))


def since(days: float, number: int, **fields: Any) -> PaperFetched:
    """Return the sighting of a paper that was published some days ago."""
    published = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    seen = fetched(number, published=published, **fields)
    return seen.model_copy(update={"fetched_at": datetime.now(UTC)})


async def test_signals_reach_readers_without_a_new_embedding(runtime: Runtime, server: ProviderServer) -> None:
    """INVARIANT: a change of signals updates the payload, and embeds nothing."""
    row: dict[str, Any] = {"id": "2401.00001", "upvotes": 7}
    server.behaviour["huggingface"] = "held"
    server.huggingface["2401.00001"] = row
    await indexed(runtime, since(0, 1))
    before = telemetry.EMBEDDED._value.get()
    async with httpx.AsyncClient(base_url=runtime.http_url or "") as http:
        paper = (await http.get(f"/v1/papers/{WORK}")).json()
        assert paper["signals"]["upvotes"] is None, "it can be found before the provider has answered"
        server.released.set()

        async def amended() -> Any:
            return (await http.get(f"/v1/papers/{WORK}")).json()["signals"]["upvotes"] == 7

        await until(amended)
        assert telemetry.EMBEDDED._value.get() == before
        found = await until(lambda: _provider(http))
    assert (found["name"], found["state"], found["quota"]) == ("huggingface", "closed", 20)
    assert (found["due"], found["detail"]) == (0, None)
    client = open_qdrant(runtime.settings)
    payload = (await client.retrieve(PAPERS, [point_id(WORK)]))[0].payload
    await client.close()
    assert payload
    assert payload["trend"]["components"][0]["signal"] == "upvotes"
    assert payload["trend"]["key"] == payload["trending"] == payload["paper"]["trending"]
    assert [reading["signals"] for reading in payload["readings"]] == [{"upvotes": 7}]


async def test_the_tldr_of_a_provider_is_indexed_and_served(
    settings: Settings, qdrant_url: str, server: ProviderServer
) -> None:
    server.scholar["ARXIV:2401.00001"] = {"tldr": {"model": "tldr@v2.0.0", "text": "A robot <b>folds</b> cranes."}}
    expected = Tldr(text="A robot folds cranes.", source="semantic-scholar").model_dump(mode="json")
    async with pipeline(settings, qdrant_url, server, "semantic-scholar") as runtime:
        await indexed(runtime, since(0, 1))
        async with httpx.AsyncClient(base_url=runtime.http_url or "") as http:

            async def served() -> Any:
                return (await http.get(f"/v1/papers/{WORK}")).json()["tldr"] == expected

            await until(served)
        client = open_qdrant(runtime.settings)
        (record,) = await client.retrieve(PAPERS, [point_id(WORK)])
        await client.close()
    assert record.payload
    assert record.payload["paper"]["tldr"] == expected


async def _provider(http: httpx.AsyncClient) -> Any:
    rows = (await http.get("/v1/status")).json()["providers"]
    return next((row for row in rows if row.get("last_success")), None)


@pytest.mark.parametrize(
    ("window", "order"),
    (
        ("day", [2, 1]),
        ("week", [4, 2, 1, 3]),
        ("month", [4, 6, 2, 1, 3, 5]),
    ),
)
async def test_each_window_is_led_by_the_most_upvoted_papers(runtime: Runtime, window: str, order: list[int]) -> None:
    """The best paper of a month ranks above those of today, and unnoticed papers sink day by day."""
    day, week, month = 0.0, 6.0, 27.0
    noticed = {2: (day, 20), 4: (week, 150), 6: (month, 200)}
    unnoticed = {1: day, 3: week, 5: month}
    loud = [since(days, n, signals=Signals(upvotes=count)) for n, (days, count) in noticed.items()]
    silent = [since(days, n) for n, days in unnoticed.items()]
    gone = since(0, 7, signals=Signals(upvotes=900), withdrawn=True)
    await indexed(runtime, *loud, *silent, gone)
    async with httpx.AsyncClient(base_url=runtime.http_url or "") as http:
        answer = (await http.get("/v1/trending", params={"window": window})).json()
    assert [int(row["paper"]["id"][-5:]) for row in answer["results"]] == order
