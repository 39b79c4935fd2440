"""The documents of the contracts, made from the code: `python -m tests.contract.regenerate` writes them.

`docs/schemas/<stream>.json` is the JSON Schema of a stream's event and `docs/schemas/board.<key>.json` that of a row
of the board, `docs/asyncapi/<service>.json` says which streams a service reads and writes, `docs/openapi.json` is the
HTTP interface of all services; these are taken from the services as their bootstraps build them, on a Redis and a
Qdrant of their own.
`paperwire/client` has the operations and objects of the same interface as Python.
`docs/channels.md` has the table of channels, and `shared/setting_names.txt` the names of all variables.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from faststream.specification import AsyncAPI

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from services.enricher.bootstrap import build as enricher
from services.fetcher.bootstrap import build as fetcher
from services.fetcher.settings import FetcherSettings
from services.indexer.bootstrap import build as indexer
from services.notifier.bootstrap import build as notifier
from services.search.bootstrap import build as search
from shared.board import TABLES
from shared.http import health
from shared.http.openapi import document
from shared.papers.streams import STREAMS
from shared.runtime import Builder, Runtime, Service, open_runtime
from shared.settings import Settings
from tests.contract.channel_table import channel_table
from tests.contract.client_code import client_code
from tests.contract.variable_names import variable_names

DOCS = Path(__file__).parents[2] / "docs"
SERVICES: Final = {"fetcher": fetcher, "enricher": enricher, "indexer": indexer, "notifier": notifier}
ASKED: Final = (search, notifier)
# What is of one run and not of the contract: addresses, and the names of processes.
_PASSING = ("servers", "consumerName")


class NoModel:
    """Stands in for the embedding model, which no document shows."""

    model = "none"
    size = 4

    async def close(self) -> None: ...


def schemas() -> dict[Path, str]:
    """Write the schema of every event and of every row of the board."""
    documents = {}
    for name, schema in contracts().items():
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        documents[DOCS / "schemas" / f"{name}.json"] = _written(whole)
    return documents


def contracts() -> dict[str, dict[str, Any]]:
    """Return what services agree on, by name: the events of streams, and the rows of the board."""
    events = {stream.name: stream.event.model_json_schema() for stream in STREAMS}
    return events | {f"board.{table.key}": table.adapter.json_schema() for table in TABLES}


async def asyncapi(directory: Path) -> dict[Path, str]:
    """Build every service in turn, its data in `directory`, and write what its broker says of itself."""
    documents = {}
    async with _settings(directory) as settings:
        for name, build in SERVICES.items():
            async with _built(build, settings) as (runtime, _):
                title = f"Paperwire {name}"
                specification = AsyncAPI(runtime.bus.broker, title=title, version=version("paperwire"))
                described = _lasting(json.loads(specification.to_specification().to_json()))
                documents[DOCS / "asyncapi" / f"{name}.json"] = _written(described)
    return documents


async def openapi(directory: Path) -> dict[Path, str]:
    """Build the services that people and programs ask, their data in `directory`, and write their routes down."""
    apis = []
    async with _settings(directory) as settings:
        for build in ASKED:
            async with _built(build, settings) as (_, service):
                assert service.api
                apis.append(service.api)
    whole = document([*apis, health.routes(lambda: None, apis)], version=version("paperwire"))
    return {DOCS / "openapi.json": _written(whole, sort=False)} | client_code(whole)


@asynccontextmanager
async def _settings(directory: Path) -> AsyncIterator[Settings]:
    sources = directory / "sources.toml"
    sources.touch()
    async with EmbeddedRedis(directory / "redis") as redis, EmbeddedQdrant(directory / "qdrant") as qdrant:
        here = {"redis_url": redis.url, "qdrant_url": qdrant.url, "data_dir": directory}
        yield FetcherSettings.load(**here, sources_file=sources)


@asynccontextmanager
async def _built(build: Builder, settings: Settings) -> AsyncIterator[tuple[Runtime, Service]]:
    model: Any = NoModel()  # a builder reads the model's name and size, and nothing else of an embedder
    async with open_runtime(settings, embedder=model) as runtime:
        service = await build(runtime)
        yield runtime, service


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(inner) for key, inner in value.items() if key not in _PASSING}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


def _written(document: dict[str, Any], *, sort: bool = True) -> str:
    """Write a document; `sort` where the order of its members is of one run, and means nothing."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=sort) + "\n"


async def _described(directory: Path) -> dict[Path, str]:
    return await asyncapi(directory) | await openapi(directory)


def main() -> None:
    """Write all documents."""
    with tempfile.TemporaryDirectory() as directory:
        documents = schemas() | channel_table() | variable_names() | asyncio.run(_described(Path(directory)))
    for path, text in documents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
