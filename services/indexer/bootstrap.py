"""The composition root of the indexer."""

import time

from services.indexer.handlers import Indexer
from services.indexer.paper_map.renewal import MapRenewal, absence
from services.indexer.papers import QdrantPapers
from services.indexer.settings import IndexerSettings
from shared.board.paper_map import write_map_absence
from shared.papers.streams import ENRICHED, INDEXED
from shared.runtime import Runtime, Service


async def build(runtime: Runtime) -> Service:
    """Ensure that the collection exists, then register the handler of enriched papers.

    Raises:
        ConfigurationError: the collection was made with another embedding model, or the model is not available.

    """
    embedder = await runtime.embedder()
    client = runtime.qdrant()
    papers = QdrantPapers(client, embedder)
    await papers.ensure()
    indexer = Indexer(embedder, papers)
    runtime.bus.consume(ENRICHED, "indexer", indexer.index, lanes=2)
    runtime.bus.produce(INDEXED)
    missing = absence()
    await write_map_absence(runtime.redis, missing)
    if missing:
        return Service("indexer")
    settings = IndexerSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    renewal = MapRenewal(client, runtime.redis, settings, time.monotonic)
    return Service("indexer", loops=(renewal.run,))
