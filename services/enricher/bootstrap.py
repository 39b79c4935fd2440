"""The composition root of the enricher."""

from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from services.enricher.bootstrap_providers import open_providers
from services.enricher.handlers import enrich
from services.enricher.providers.quotas import Quotas
from services.enricher.refresh.board import list_providers
from services.enricher.refresh.due_works import Due
from services.enricher.refresh.enrollment import Noting
from services.enricher.refresh.refresher import Refresh
from services.enricher.settings import EnricherSettings
from services.enricher.works.samples import Samples
from shared.net import outbound_session
from shared.papers.streams import ENRICHED, FETCHED
from shared.runtime import Runtime, Service


async def build(runtime: Runtime) -> Service:
    """Register the handler of fetched papers, and make what asks the providers about them.

    Raises:
        ConfigurationError: a provider is not known, or lacks the key that it needs.

    """
    settings = EnricherSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    agent = f"Paperwire/{version('paperwire')} (+{settings.mailto or settings.contact})"
    session = outbound_session(settings.allow_private_endpoints, agent, total=settings.provider_timeout)
    providers = open_providers(settings, session, runtime.redis, Quotas(runtime.redis, now))
    samples = Samples(runtime.redis, now)
    noting = Noting(samples, providers, runtime.redis)
    runtime.bus.consume(FETCHED, "enricher", partial(enrich, noting=noting), lanes=2)
    runtime.bus.produce(ENRICHED)
    asked = [] if settings.offline else providers
    for name in await list_providers(runtime.redis, providers, offline=settings.offline):
        await Due(runtime.redis, name).begin(provider.id for provider in providers)
    loops = tuple(Refresh(provider, runtime.bus, samples, now).run for provider in asked)
    return Service("enricher", loops=loops, close=session.close)


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)
