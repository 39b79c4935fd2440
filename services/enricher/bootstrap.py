"""The composition root of the enricher."""

from datetime import UTC, datetime
from functools import partial

from services.enricher.bootstrap_providers import open_llm, open_providers
from services.enricher.handlers import Enrollment, enrich, republish
from services.enricher.providers.port import Asked
from services.enricher.providers.quotas import Quotas
from services.enricher.refresh.board import list_providers
from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.refresher import Refresher
from services.enricher.settings import EnricherSettings
from services.enricher.works.listing import keep_listed
from services.enricher.works.records import Samples
from shared.outbound import outbound_session
from shared.papers.streams import ENRICHED, FETCHED, REQUESTED
from shared.runtime import Runtime, Service
from shared.versions import user_agent


async def build(runtime: Runtime) -> Service:
    """Register the handler of fetched papers, and build a refresher for each provider.

    Raises:
        ConfigurationError: a provider is unknown, or the key that it needs is not set.

    """
    settings = EnricherSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    agent = user_agent(settings.mailto or settings.contact)
    now = partial(datetime.now, UTC)
    session = outbound_session(settings.allow_private_endpoints, agent, total=settings.provider_timeout)
    runtime.at_end(session.close)
    providers: list[Asked] = [*open_providers(settings, session, runtime.redis, Quotas(runtime.redis, now))]
    providers += open_llm(settings, runtime.redis, runtime.at_end, now)
    samples = Samples(runtime.redis, now)
    enrollment = Enrollment(samples, providers, runtime.redis)
    runtime.bus.consume(FETCHED, "enricher", partial(enrich, enrollment=enrollment), lanes=2)
    runtime.bus.consume(REQUESTED, "enricher", republish, batch=1)
    runtime.bus.produce(ENRICHED)
    asked = [] if settings.offline else providers
    for added in await list_providers(runtime.redis, providers, offline=settings.offline):
        await DueWorks(runtime.redis, added).begin(provider.id for provider in providers)
    loops = tuple(Refresher(each, runtime.bus, samples, now, enroll=enrollment.write_trending).run for each in asked)
    return Service("enricher", loops=(*loops, partial(keep_listed, runtime.redis, runtime.bus.outages)))
