"""The composition root of the enricher."""

from services.enricher.handlers import enrich
from shared.runtime import Runtime, Service
from shared.streams import ENRICHED, FETCHED


async def build(runtime: Runtime) -> Service:
    """Register the handler of fetched papers."""
    runtime.bus.consume(FETCHED, "enricher", enrich, lanes=2)
    runtime.bus.produce(ENRICHED)
    return Service("enricher")
