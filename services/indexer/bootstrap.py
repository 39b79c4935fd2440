"""The composition root of the indexer."""

import time
from datetime import UTC, datetime
from functools import partial

from services.indexer.handlers import Indexer
from services.indexer.paper_map.renewal import MapRenewal, absence
from services.indexer.papers import QdrantPapers
from services.indexer.reanalysis import Reanalysis
from services.indexer.reconciling.reconciler import Reconciler
from services.indexer.settings import IndexerSettings
from shared.board.paper_map import write_map_absence
from shared.papers.streams import ENRICHED, INDEXED, REQUESTED
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
    settings = IndexerSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    indexer = Indexer(embedder, papers, with_endings=settings.embed_endings)
    runtime.bus.consume(ENRICHED, "indexer", indexer.index, lanes=2)
    runtime.bus.produce(INDEXED)
    runtime.bus.produce(REQUESTED)
    reconciler = Reconciler(papers, runtime.bus, settings.reconcile_interval, partial(datetime.now, UTC))
    loops = [reconciler.run, Reanalysis(client, embedder, with_endings=settings.embed_endings).run]
    missing = absence()
    await write_map_absence(runtime.redis, missing)
    if not missing:
        loops.append(MapRenewal(client, runtime.redis, settings, time.monotonic).run)
    return Service("indexer", loops=tuple(loops), trouble=reconciler.trouble)
